"""Signing in and out over HTTP: the cookie, the ways round it, and where one goes on to."""

import pytest
from sqlalchemy import func, select

from casso import config, db
from casso.access import across_organizations
from casso.models import SignIn
from casso.services import sessions
from casso.web.signin import own_path
from tests.desks import PASSWORD, Desk
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}


def form(desk: Desk, **changed: str) -> dict[str, str]:
    return {"email": desk.owner.email, "password": PASSWORD, **changed}


def count_sessions() -> int:
    with db.reading() as session, across_organizations(session, "tests"):
        return session.execute(select(func.count()).select_from(SignIn)).scalar_one()


async def test_signing_in_sets_a_cookie_that_opens_the_desk(client: Client, sqlite_desk: Desk) -> None:
    async with client(headers=OWN) as browser:
        assert (await browser.get("/", headers={"Accept": "text/html"})).headers["location"] == "/sign-in"
        answer = await browser.post("/sign-in", data=form(sqlite_desk))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await browser.get("/")).status_code == 200


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    client: Client, sqlite_desk: Desk
) -> None:
    async with client(headers=OWN) as browser:
        answer = await browser.post("/sign-in", data=form(sqlite_desk))
    cookies = answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["casso", "casso-device"]
    for cookie in cookies:
        parts = {part.strip().lower() for part in cookie.split(";")}
        assert {"httponly", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)
        assert "secure" not in parts


async def test_under_https_the_cookie_is_bound_to_this_host(
    client: Client, sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASSO_URL", "https://desk.example")
    config.settings.cache_clear()
    async with client(base_url="https://desk.example", headers={"Origin": "https://desk.example"}) as browser:
        answer = await browser.post("/sign-in", data=form(sqlite_desk))
        assert (await browser.get("/")).status_code == 200
    cookies = answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["__Host-casso", "__Host-casso-device"]
    assert all("Secure" in cookie for cookie in cookies)


@pytest.mark.parametrize(
    "changed",
    [
        {"password": "wrong password"},
        {"email": "nobody@example.test"},
        {"email": ""},
        {"password": ""},
        {"password": "x" * 5000},
        {"password": PASSWORD + "\x00"},
        {"email": "' OR 1=1 --"},
    ],
)
async def test_every_wrong_way_gets_the_same_answer_and_no_cookie(
    client: Client, sqlite_desk: Desk, changed: dict[str, str]
) -> None:
    async with client(headers=OWN) as browser:
        usual = await browser.post("/sign-in", data=form(sqlite_desk, email="x@example.test"))
        answer = await browser.post("/sign-in", data=form(sqlite_desk, **changed))
    assert answer.status_code == usual.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "Mail or password is wrong." in answer.text
    assert count_sessions() == 0


async def test_what_was_typed_comes_back_escaped_and_the_password_never(
    client: Client, sqlite_desk: Desk
) -> None:
    async with client(headers=OWN) as browser:
        answer = await browser.post(
            "/sign-in", data={"email": '"><script>x</script>', "password": "canary-pass"}
        )
    assert "<script>x" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "canary-pass" not in answer.text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://desk.example:1"])
async def test_no_other_site_signs_anybody_in_or_out(
    client: Client, sqlite_desk: Desk, cookie: str, origin: str
) -> None:
    async with client(headers={"Origin": origin}) as browser:
        assert (await browser.post("/sign-in", data=form(sqlite_desk))).status_code == 403
        assert (await browser.post("/sign-out", headers={"Cookie": cookie})).status_code == 403
    assert count_sessions() == 1


async def test_signing_out_ends_the_session_in_the_database(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        answer = await browser.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert sessions.find_session(cookie.removeprefix("casso=")) is None


async def test_a_get_never_signs_out(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    async with client(headers={"Cookie": cookie}) as browser:
        await browser.get("/sign-out")
    assert sessions.find_session(cookie.removeprefix("casso=")) is not None


async def test_a_cookie_planted_before_signing_in_is_not_kept(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        answer = await browser.post("/sign-in", data=form(sqlite_desk))
    assert cookie not in answer.headers["set-cookie"]
    assert sessions.find_session(cookie.removeprefix("casso=")) is None
    assert count_sessions() == 1


EVIL = [
    "//evil.example", "/\\evil.example", "\\evil.example", "https://evil.example", "javascript:x", "/x?y", "",
    " /x", "/%2fevil.example", "/\tx", "/\n/evil.example", "///evil.example", "/x#y", "http:/x",
    "/" + "x" * 300, "/x\r\nSet-Cookie: a=b",
]  # fmt: skip


@pytest.mark.parametrize("target", EVIL)
async def test_one_never_goes_on_to_another_site(client: Client, sqlite_desk: Desk, target: str) -> None:
    assert own_path(target) == "/"
    async with client(headers=OWN) as browser:
        answer = await browser.post("/sign-in", data=form(sqlite_desk, next=target))
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("target", ["/", "/tickets/12", "/settings/mailboxes"])
async def test_one_goes_on_to_where_one_wanted_to_go(client: Client, sqlite_desk: Desk, target: str) -> None:
    async with client(headers=OWN) as browser:
        shown = await browser.get("/sign-in", params={"next": target})
        assert f'name="next" value="{target}"' in shown.text
        answer = await browser.post("/sign-in", data=form(sqlite_desk, next=target))
    assert answer.headers["location"] == target


async def test_whoever_is_signed_in_is_sent_on(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    async with client(headers={"Cookie": cookie}) as browser:
        assert (await browser.get("/sign-in")).status_code == 303


async def test_the_page_speaks_the_browsers_language(client: Client, sqlite_desk: Desk) -> None:
    async with client(headers={"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"}) as browser:
        answer = await browser.get("/sign-in")
    assert '<html lang="de">' in answer.text
    assert "Anmelden" in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=x", "application/json"]
)
async def test_a_broken_form_is_a_wrong_one(client: Client, sqlite_desk: Desk, kind: str) -> None:
    async with client(headers=OWN) as browser:
        answer = await browser.post("/sign-in", content=b"--x\r\nbroken", headers={"Content-Type": kind})
    assert answer.status_code == 403
