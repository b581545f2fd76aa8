"""Changing the password from the settings: a new cookie, the old one dead, and problems in known words."""

import pytest

from casso.services import login, sessions
from casso.values.caller import Caller
from tests.desks import PASSWORD, Desk
from tests.services.people import open_session
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}
NEW = "seven grey herons wading"


async def test_the_session_gets_a_new_cookie_and_the_old_one_is_dead(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    elsewhere = open_session(sqlite_desk.owner.account_id)
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        answer = await browser.post("/account/password", data={"current": PASSWORD, "password": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/security?done=password")
    fresh = answer.headers["set-cookie"].partition(";")[0].removeprefix("casso=")
    assert sessions.find_session(fresh)
    assert sessions.find_session(cookie.removeprefix("casso=")) is None
    assert sessions.find_session(elsewhere) is None
    assert login.check_password(sqlite_desk.owner.email, NEW, Caller())


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"current": "wrong", "password": NEW}, "error.password_wrong"),
        ({"current": PASSWORD, "password": "short"}, "error.password_length"),
        ({"current": PASSWORD, "password": "1234567890"}, "error.password_common"),
        ({"current": PASSWORD}, "error.password_length"),
        ({}, "error.password_wrong"),
    ],
)
async def test_what_was_wrong_comes_back_as_a_word_of_ours(
    client: Client, sqlite_desk: Desk, cookie: str, sent: dict[str, str], problem: str
) -> None:
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        answer = await browser.post("/account/password", data=sent)
    assert answer.headers["location"] == f"/settings/security?problem={problem}"
    assert "set-cookie" not in answer.headers
    assert sessions.find_session(cookie.removeprefix("casso="))


async def test_guessing_the_current_one_is_throttled(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        for _ in range(6):
            sent = {"current": "wrong", "password": NEW}
            answer = await browser.post("/account/password", data=sent)
    assert answer.headers["location"] == "/settings/security?problem=error.too_many_tries&minutes=1"


async def test_only_a_signed_in_person_on_our_own_page_changes_it(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    sent = {"current": PASSWORD, "password": NEW}
    async with client() as browser:
        signed_out = await browser.post("/account/password", data=sent, headers=OWN)
        foreign = {"Origin": "https://evil.example", "Cookie": cookie}
        from_elsewhere = await browser.post("/account/password", data=sent, headers=foreign)
        by_get = await browser.get("/account/password", params=sent, headers={"Cookie": cookie})
    assert (signed_out.status_code, from_elsewhere.status_code) == (401, 403)
    assert by_get.status_code in (303, 404, 405)
    assert login.check_password(sqlite_desk.owner.email, PASSWORD, Caller())
