"""The set-up page: only with the code, only once, and whoever comes second is told."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import available_timezones

import httpx
import pytest
from sqlmodel import select

from casso import db
from casso.access import across_organizations
from casso.models import Organization
from casso.services import schema, setup
from casso.services.sessions import find_session
from casso.web.asgi import Protected
from casso.web.setup_page import ZONES
from tests import desks

OWN = {"Origin": "http://desk.example:3000"}


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Protected]:
    """An empty desk's web process."""
    desks.point_settings_at(tmp_path, monkeypatch)
    schema.upgrade()

    async def nothing(scope: object, receive: object, send: object) -> None:
        raise AssertionError("not reached")

    yield Protected(nothing, build=tmp_path / "none")
    desks.forget()


def browser(app: Protected) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url=OWN["Origin"], headers=OWN, trust_env=False
    )


def form(**changed: str) -> dict[str, str]:
    return {
        "code": setup.setup_code(),
        "organization": "Acme <b>",
        "name": "Ann Marie Lee",
        "email": "ann@acme.test",
        "password": "correct horse battery",
        "mailbox": "help@acme.test",
        **changed,
    }


async def test_the_first_visit_leads_to_set_up_and_from_there_into_the_desk(app: Protected) -> None:
    async with browser(app) as first:
        assert (await first.get("/")).headers["location"] == "/sign-in"
        assert (await first.get("/sign-in")).headers["location"] == "/set-up"
        assert "<form" in (await first.get("/set-up")).text
        answer = await first.post("/set-up", data=form())
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await first.get("/sign-in")).headers["location"] == "/"


async def test_a_name_is_split_at_its_last_blank(app: Protected) -> None:
    async with browser(app) as first:
        answer = await first.post("/set-up", data=form())
        token = answer.cookies["casso"]
    actor = find_session(token)
    assert actor is not None
    assert actor.name == "Ann Marie Lee"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"code": "0000-0000-0000"}, "not the code"),
        ({"code": ""}, "not the code"),
        ({"password": "short"}, "between 10 and 256"),
        ({"email": "nobody"}, "not a mail address"),
        ({"organization": "  "}, "a name"),
        ({"mailbox": "x"}, "for a mailbox"),
    ],
)
async def test_a_wrong_field_is_said_and_the_rest_is_kept(
    app: Protected, changed: dict[str, str], words: str
) -> None:
    async with browser(app) as first:
        answer = await first.post("/set-up", data=form(**changed))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Ann Marie Lee"' in answer.text
    assert "correct horse battery" not in answer.text
    assert not setup.is_set_up()


async def test_what_was_typed_comes_back_escaped(app: Protected) -> None:
    async with browser(app) as first:
        answer = await first.post("/set-up", data=form(code="", name='"><script>x</script>'))
    assert "<script>" not in answer.text


async def test_once_set_up_the_page_is_gone(app: Protected) -> None:
    sent = form()
    async with browser(app) as first:
        await first.post("/set-up", data=sent)
    async with browser(app) as second:
        assert (await second.get("/set-up")).headers["location"] == "/sign-in"
        answer = await second.post("/set-up", data=sent | {"email": "evil@acme.test"})
        assert answer.headers["location"] == "/sign-in"
        assert "set-cookie" not in answer.headers


async def test_of_two_people_at_once_one_wins(app: Protected) -> None:
    sent = [form(email=f"{name}@acme.test", mailbox="") for name in ("one", "two", "three")]
    async with browser(app) as first:
        answers = await asyncio.gather(*(first.post("/set-up", data=data) for data in sent))
    winners = [answer for answer in answers if answer.headers.get("location") == "/"]
    assert len(winners) == 1


async def test_no_other_site_sets_the_desk_up(app: Protected) -> None:
    async with browser(app) as first:
        answer = await first.post("/set-up", data=form(), headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert not setup.is_set_up()


@pytest.mark.parametrize(
    ("chosen", "kept"), [("Asia/Tokyo", "Asia/Tokyo"), ("../etc/passwd", "UTC"), ("", "UTC")]
)
async def test_the_chosen_zone_is_the_organizations(app: Protected, chosen: str, kept: str) -> None:
    async with browser(app) as first:
        shown = (await first.get("/set-up")).text
        assert "<option selected>UTC</option>" in shown
        assert "<option>Asia/Tokyo</option>" in shown
        assert (await first.post("/set-up", data=form(zone=chosen))).status_code == 303
    with db.reading() as session, across_organizations(session, "the only one"):
        assert session.exec(select(Organization.time_zone)).all() == [kept]


async def test_a_mistake_elsewhere_keeps_the_chosen_zone(app: Protected) -> None:
    async with browser(app) as first:
        answer = await first.post("/set-up", data=form(zone="Asia/Tokyo", password="short"))
    assert "<option selected>Asia/Tokyo</option>" in answer.text


def test_every_offered_zone_exists() -> None:
    assert set(ZONES) - available_timezones() == set()
    assert len(ZONES) == len(set(ZONES))
