"""Passkeys over HTTP: asking writes nothing, a right answer opens a session, everything else does not."""

import pytest

from casso import config
from casso.services import passkeys, sessions
from casso.values.caller import Caller
from tests import desks
from tests.desks import Desk
from tests.servers.soft_authenticator import PRESENT, SoftAuthenticator
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}


@pytest.fixture
def key(sqlite_desk: Desk) -> SoftAuthenticator:
    """A passkey of the owner."""
    found, asked = SoftAuthenticator(desks.URL), passkeys.ask_new(sqlite_desk.owner)
    answer = found.create(asked.options)
    passkeys.add(sqlite_desk.owner, answer, asked.cookie, name="Laptop", caller=Caller())
    return found


async def test_a_passkey_opens_a_session_without_password(
    client: Client, sqlite_desk: Desk, key: SoftAuthenticator
) -> None:
    async with client(headers=OWN) as browser:
        options = (await browser.post("/passkeys/ask")).json()
        sent = {"answer": key.get(options), "next": "/tickets/3"}
        answer = await browser.post("/passkeys/enter", json=sent)
        assert answer.json() == {"go": "/tickets/3"}
        actor = sessions.find_session(browser.cookies[config.settings().session_cookie])
        assert actor
        assert actor.account_id == sqlite_desk.owner.account_id
        assert config.settings().flow_cookie not in browser.cookies


async def test_the_way_on_is_one_of_ours(client: Client, key: SoftAuthenticator) -> None:
    async with client(headers=OWN) as browser:
        options = (await browser.post("/passkeys/ask")).json()
        sent = {"answer": key.get(options), "next": "//evil.example"}
        assert (await browser.post("/passkeys/enter", json=sent)).json() == {"go": "/"}


async def test_a_wrong_answer_opens_nothing_and_says_so(client: Client, key: SoftAuthenticator) -> None:
    key.flags = PRESENT
    async with client(headers=OWN) as browser:
        options = (await browser.post("/passkeys/ask")).json()
        answer = await browser.post("/passkeys/enter", json={"answer": key.get(options)})
        assert answer.status_code == 422
        assert "not accepted" in answer.json()["error"]
        assert config.settings().session_cookie not in browser.cookies


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"answer": 1}', b"[" * 50_000, b'{"answer": {}}'])
async def test_a_broken_body_is_refused_calmly(client: Client, sqlite_desk: Desk, body: bytes) -> None:
    async with client(headers=OWN) as browser:
        await browser.post("/passkeys/ask")
        assert (await browser.post("/passkeys/enter", content=body)).status_code == 422


async def test_a_passkey_is_added_only_after_a_fresh_proof(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    made = SoftAuthenticator(desks.URL)
    async with client(headers=OWN | {"Cookie": cookie}) as browser:
        asked = await browser.post("/passkeys/ask-new")
        flow = asked.cookies[config.settings().flow_cookie]
        browser.headers["Cookie"] = f"{cookie}; {config.settings().flow_cookie}={flow}"
        sent = {"answer": made.create(asked.json()), "name": "Phone"}
        sqlite_desk.clock.tick(minutes=11)
        assert (await browser.post("/passkeys/add", json=sent)).status_code == 422
        assert (await browser.post("/passkeys/ask-new")).status_code == 422


async def test_a_passkey_is_added_to_the_account_of_the_session(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    made = SoftAuthenticator(desks.URL)
    async with client(headers=OWN | {"Cookie": cookie}) as browser:
        asked = await browser.post("/passkeys/ask-new")
        flow = asked.cookies[config.settings().flow_cookie]
        browser.headers["Cookie"] = f"{cookie}; {config.settings().flow_cookie}={flow}"
        sent = {"answer": made.create(asked.json()), "name": "Phone"}
        assert (await browser.post("/passkeys/add", json=sent)).status_code == 200
    asked_again = passkeys.ask_who()
    proved = passkeys.prove(made.get(asked_again.options), asked_again.cookie)
    assert proved.account_id == sqlite_desk.owner.account_id


async def test_adding_needs_a_session(client: Client, sqlite_desk: Desk) -> None:
    async with client(headers=OWN) as browser:
        assert (await browser.post("/passkeys/ask-new")).status_code == 401
        assert (await browser.post("/passkeys/add", json={})).status_code == 401


async def test_the_sign_in_page_offers_passkeys_only_where_browsers_allow_them(
    client: Client, sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url, is_offered in (("http://desk.example:3000", False), ("https://desk.example", True)):
        monkeypatch.setenv("CASSO_URL", url)
        config.settings.cache_clear()
        async with client(base_url=url) as browser:
            page = (await browser.get("/sign-in")).text
        assert ('data-passkey="enter"' in page) is is_offered
        assert ('<script src="/passkeys.js" defer></script>' in page) is is_offered
