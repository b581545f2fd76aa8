"""The second step over HTTP: no session before it, one after it, and nothing else opens."""

import re

import httpx
import pyotp
import pytest

from casso import config
from casso.db import transaction
from casso.models import Organization, Passkey
from casso.services import authenticators, sessions
from tests.desks import PASSWORD, Desk
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}


@pytest.fixture
def app(sqlite_desk: Desk) -> pyotp.TOTP:
    """The owner's confirmed authenticator app."""
    number = sqlite_desk.owner.account_id
    assert number
    found = pyotp.TOTP(authenticators.begin(number).secret)
    with transaction() as session:
        authenticators.confirm(session, number, found.at(sqlite_desk.clock.moment))
    sqlite_desk.clock.tick(seconds=60)
    return found


async def password(browser: httpx.AsyncClient, desk: Desk, target: str = "/") -> httpx.Response:
    form = {"email": desk.owner.email, "password": PASSWORD, "next": target}
    return await browser.post("/sign-in", data=form)


def session_of(browser: httpx.AsyncClient) -> object:
    return sessions.find_session(browser.cookies.get(config.settings().session_cookie, ""))


async def test_the_password_alone_opens_no_session(
    client: Client, sqlite_desk: Desk, app: pyotp.TOTP
) -> None:
    async with client(headers=OWN) as browser:
        answer = await password(browser, sqlite_desk, "/tickets/3")
        assert answer.headers["location"] == "/sign-in/code?next=/tickets/3"
        assert config.settings().session_cookie not in browser.cookies
        assert (await browser.get("/", headers={"Accept": "text/html"})).headers["location"] == "/sign-in"
        page = await browser.get(answer.headers["location"])
        assert 'autocomplete="one-time-code"' in page.text
        code = {"code": app.at(sqlite_desk.clock.moment), "next": "/tickets/3"}
        opened = await browser.post("/sign-in/code", data=code)
        assert (opened.status_code, opened.headers["location"]) == (303, "/tickets/3")
        assert session_of(browser)
        assert config.settings().step_cookie not in browser.cookies


async def test_a_wrong_code_asks_again(client: Client, sqlite_desk: Desk, app: pyotp.TOTP) -> None:
    async with client(headers=OWN) as browser:
        await password(browser, sqlite_desk)
        answer = await browser.post("/sign-in/code", data={"code": "000000", "next": "//evil.example"})
        assert answer.status_code == 403
        assert "That code is not right" in answer.text
        assert "evil" not in answer.text
        assert session_of(browser) is None


async def test_without_a_half_done_sign_in_there_is_nothing_to_finish(
    client: Client, sqlite_desk: Desk, app: pyotp.TOTP
) -> None:
    async with client(headers=OWN) as browser:
        for cookie in ("", "x" * 43):
            browser.headers["Cookie"] = f"{config.settings().step_cookie}={cookie}"
            assert (await browser.get("/sign-in/code")).headers["location"] == "/sign-in"
            code = {"code": app.at(sqlite_desk.clock.moment)}
            assert (await browser.post("/sign-in/code", data=code)).headers["location"] == "/sign-in"


async def test_another_browser_cannot_finish_it(client: Client, sqlite_desk: Desk, app: pyotp.TOTP) -> None:
    async with client(headers=OWN) as mine, client(headers=OWN) as other:
        await password(mine, sqlite_desk)
        code = {"code": app.at(sqlite_desk.clock.moment)}
        assert (await other.post("/sign-in/code", data=code)).headers["location"] == "/sign-in"
        assert session_of(other) is None


async def test_the_step_cookie_is_no_session(client: Client, sqlite_desk: Desk, app: pyotp.TOTP) -> None:
    async with client(headers=OWN) as browser:
        await password(browser, sqlite_desk)
        half = browser.cookies[config.settings().step_cookie]
        browser.cookies.clear()
        browser.headers["Cookie"] = f"{config.settings().session_cookie}={half}"
        assert (await browser.get("/t/whoami")).status_code == 401


async def test_where_it_is_demanded_the_app_is_set_up_before_anything_opens(
    client: Client, sqlite_desk: Desk
) -> None:
    with transaction(sqlite_desk.owner.organization_id) as session:
        session.get_one(Organization, sqlite_desk.owner.organization_id).requires_second_factor = True
    async with client(headers=OWN) as browser:
        answer = await password(browser, sqlite_desk)
        page = await browser.get(answer.headers["location"])
        assert "data:image/svg+xml" in page.text
        assert "img-src 'self' data:" in page.headers["content-security-policy"]
        secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
        assert secret
        code = pyotp.TOTP(secret[1].replace(" ", "")).at(sqlite_desk.clock.moment)
        assert (await browser.post("/sign-in/code", data={"code": "1"})).status_code == 403
        assert session_of(browser) is None
        done = await browser.post("/sign-in/code", data={"code": code, "next": "/tickets/3"})
        assert done.status_code == 200
        assert len(re.findall(r"<li><code>[A-Z2-9-]{19}</code></li>", done.text)) == 10
        assert 'href="/tickets/3"' in done.text
        assert session_of(browser)


async def test_a_foreign_page_cannot_send_the_code(
    client: Client, sqlite_desk: Desk, app: pyotp.TOTP
) -> None:
    async with client(headers=OWN) as browser:
        await password(browser, sqlite_desk)
        code = {"code": app.at(sqlite_desk.clock.moment)}
        answer = await browser.post("/sign-in/code", data=code, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
        assert session_of(browser) is None


async def test_where_it_is_demanded_a_passkey_is_asked_for_and_no_app_is_set_up(
    client: Client, sqlite_desk: Desk
) -> None:
    with transaction(sqlite_desk.owner.organization_id) as session:
        session.get_one(Organization, sqlite_desk.owner.organization_id).requires_second_factor = True
        session.add(
            Passkey(
                account_id=sqlite_desk.owner.account_id,
                credential_id="x",
                public_key=b"x",
                sign_count=0,
                name="k",
                is_backed_up=False,
                created_at=sqlite_desk.clock.moment,
            )
        )
    async with client(headers=OWN) as browser:
        page = await browser.get((await password(browser, sqlite_desk)).headers["location"])
        assert "your passkey is yours" in page.text
        assert "data:image/svg+xml" not in page.text
        sent = await browser.post("/sign-in/code", data={"code": "000000"})
        assert sent.status_code == 403
        assert session_of(browser) is None
