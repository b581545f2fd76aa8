"""Sign-up over HTTP: closed it is not there; open, two pages, one answer for all, nothing by GET."""

import asyncio
import logging

import httpx
import pytest
from sqlmodel import select

from casso.db import reading
from casso.models import Account, LinkToken
from casso.services.sessions import find_session
from tests.desks import Desk
from tests.services.agreed import boxes
from tests.services.people import CHROME
from tests.services.signing_up import GOOD, NEW, codes, open_desk
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}
COOKIE = "casso-sign-up"


def form(**changed: str) -> dict[str, str]:
    return {
        "organization": "Nord Licht",
        "name": "Nora Ann Berg",
        "email": NEW,
        "password": GOOD,
        "zone": "Europe/Oslo",
        **boxes(),
        **changed,
    }


def emails() -> set[str]:
    with reading() as session:
        return set(session.exec(select(Account.email)).all())


@pytest.fixture
def client_of_open(client: Client, sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Client:
    open_desk(monkeypatch)
    return client


async def started(browser: httpx.AsyncClient, **changed: str) -> httpx.Response:
    answer = await browser.post("/sign-up", data=form(**changed))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-up/code")
    return answer


async def test_closed_there_is_neither_page_nor_link(client: Client, sqlite_desk: Desk) -> None:
    async with client(headers=OWN) as browser:
        assert "/sign-up" not in (await browser.get("/sign-in")).text
        for method, path in (("GET", "/sign-up"), ("POST", "/sign-up"), ("POST", "/sign-up/code")):
            answer = await browser.request(method, path, data=form())
            assert answer.status_code == 404
            assert "Sign-up is closed" in answer.text
            assert "<form" not in answer.text
            assert "set-cookie" not in answer.headers
    assert NEW not in emails()


async def test_from_the_sign_in_page_into_an_organization_of_ones_own(client_of_open: Client) -> None:
    async with client_of_open(headers=OWN) as browser:
        assert 'href="/sign-up"' in (await browser.get("/sign-in")).text
        page = await browser.get("/sign-up")
        assert page.status_code == 200
        assert 'href="/privacy"' in page.text
        assert "<option>Europe/Oslo</option>" in page.text
        answer = await started(browser)
        assert NEW not in emails()
        assert NEW in (await browser.get("/sign-up/code")).text
        done = await browser.post("/sign-up/code", data={"code": codes()[0]})
        assert (done.status_code, done.headers["location"]) == (303, "/")
        assert (await browser.get("/sign-up")).headers["location"] == "/"
    actor = find_session(done.cookies["casso"])
    assert actor is not None
    assert (actor.email, actor.name, actor.time_zone) == (NEW, "Nora Ann Berg", "Europe/Oslo")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith(f"{COOKIE}=")
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=1800"):
        assert attribute in cookie
    assert any(one.startswith(f'{COOKIE}="";') for one in done.headers.get_list("set-cookie"))


async def test_every_address_gets_the_same_answers(client_of_open: Client, sqlite_desk: Desk) -> None:
    seen = []
    for email in (sqlite_desk.owner.email, "nobody@new.test"):
        async with client_of_open(headers=OWN) as browser:
            first = await started(browser, email=email)
            page = await browser.get("/sign-up/code")
            wrong = await browser.post("/sign-up/code", data={"code": "12345678"})
        token = first.cookies[COOKIE]
        seen.append(
            [
                (one.status_code, one.text.replace(email, ""), sorted(one.headers.keys()), len(token))
                for one in (first, page, wrong)
            ]
        )
    assert seen[0] == seen[1]
    assert seen[0][2][0] == 422


async def test_a_browser_without_the_cookie_is_sent_back(client_of_open: Client) -> None:
    async with client_of_open(headers=OWN) as browser:
        await started(browser)
        (code,) = codes()
    async with client_of_open(headers=OWN) as other:
        for answer in (
            await other.get("/sign-up/code"),
            await other.post("/sign-up/code", data={"code": code}),
        ):
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-up")
        other.cookies.set(COOKIE, "x" * 4000)
        assert (await other.post("/sign-up/code", data={"code": code})).status_code == 410
    assert NEW not in emails()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"email": "nobody"}, "not a mail address"),
        ({"password": "short"}, "between 10 and 256"),
        ({"organization": " "}, "a name"),
        ({"name": " "}, "name"),
        ({"agree": ""}, "agree to the privacy policy"),
        ({"adult": ""}, "18 years"),
        ({"versions": "older"}, "texts have changed"),
    ],
)
async def test_what_is_wrong_is_said_and_the_rest_stays(
    client_of_open: Client, changed: dict[str, str], words: str
) -> None:
    async with client_of_open(headers=OWN) as browser:
        answer = await browser.post("/sign-up", data=form(organization='"><script>x') | changed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert words in answer.text
    assert "<script>x" not in answer.text
    assert GOOD not in answer.text
    assert "<option selected>Europe/Oslo</option>" in answer.text
    assert COOKIE not in answer.cookies


async def test_a_get_makes_nothing_and_a_foreign_page_neither(client_of_open: Client) -> None:
    async with client_of_open(headers={"Origin": "https://evil.example"}) as browser:
        assert (await browser.get("/sign-up", params=form())).status_code == 200
        for path in ("/sign-up", "/sign-up/code"):
            assert (await browser.post(path, data=form())).status_code == 403
    with reading() as session:
        assert session.exec(select(LinkToken)).all() == []


async def test_the_code_counts_once_for_twenty_at_once(client_of_open: Client) -> None:
    async with client_of_open(headers=OWN) as browser:
        await started(browser)
        sent = {"code": codes()[0]}
        answers = await asyncio.gather(*(browser.post("/sign-up/code", data=sent) for _ in range(20)))
    assert sum("casso" in one.cookies for one in answers) == 1
    assert {one.status_code for one in answers} <= {303, 410, 422, 429}
    with reading() as session:
        assert len(session.exec(select(Account).where(Account.email == NEW)).all()) == 1


async def test_too_many_codes_are_told_and_too_many_sign_ups_too(client_of_open: Client) -> None:
    async with client_of_open(headers=OWN) as browser:
        await started(browser)
        for _ in range(5):
            assert (await browser.post("/sign-up/code", data={"code": "1"})).status_code == 422
        late = await browser.post("/sign-up/code", data={"code": codes()[0]})
        assert late.status_code == 429
        assert "Too many tries" in late.text
        for _ in range(2):
            await started(browser)
        assert (await browser.post("/sign-up", data=form())).status_code == 429


async def test_both_pages_speak_german(client_of_open: Client) -> None:
    async with client_of_open(headers=OWN | {"Accept-Language": "de"}) as browser:
        page = (await browser.get("/sign-up")).text
        assert "Ich bin 18 Jahre oder älter." in page
        await started(browser)
        assert "Acht Ziffern" in (await browser.get("/sign-up/code")).text


async def test_no_log_has_what_was_typed(client_of_open: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with client_of_open(headers=OWN | {"User-Agent": CHROME}) as browser:
            token = (await started(browser)).cookies[COOKIE]
            (code,) = codes()
            await browser.post("/sign-up/code", data={"code": code})
    ours = "\n".join(str(record.__dict__) for record in caplog.records if record.name.startswith("casso"))
    for secret in (token, code, GOOD, NEW, "Nora"):
        assert secret not in ours
