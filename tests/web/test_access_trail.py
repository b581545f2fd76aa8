"""Coming and going over HTTP leaves its line: the true address, the browser's name, never a claim."""

import logging

import pytest

from casso import config
from tests.desks import PASSWORD, Desk
from tests.trails import trail_of
from tests.web.conftest import Client

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"
FORGED = {"X-Forwarded-For": "203.0.113.99, 198.51.100.9", "Forwarded": "for=203.0.113.99"}
HEADERS = {"Origin": "http://desk.example:3000", "User-Agent": FIREFOX}


def lines(desk: Desk) -> list[tuple[str, int | None, str, str]]:
    found = trail_of(desk.mine.organization_id, "session.%")
    return [(one.action, one.account_id, one.browser, one.ip) for one in found]


async def test_sign_in_failure_and_sign_out_leave_one_line_each(client: Client, sqlite_desk: Desk) -> None:
    me = sqlite_desk.owner
    async with client(headers=HEADERS) as browser:
        await browser.post("/sign-in", data={"email": me.email, "password": "wrong password"})
        await browser.post("/sign-in", data={"email": me.email, "password": PASSWORD})
        await browser.post("/sign-out")
    place = ("Firefox 144 on Windows", "127.0.0.1")
    assert lines(sqlite_desk) == [
        ("session.failed", me.account_id, *place),
        ("session.started", me.account_id, *place),
        ("session.ended", me.account_id, *place),
    ]


async def test_a_forged_address_never_appears(client: Client, sqlite_desk: Desk) -> None:
    async with client(headers=HEADERS | FORGED) as browser:
        await browser.post("/sign-in", data={"email": sqlite_desk.owner.email, "password": PASSWORD})
    (line,) = lines(sqlite_desk)
    assert line[2:] == ("Firefox 144 on Windows", "127.0.0.1")


async def test_behind_one_proxy_its_word_counts_and_the_callers_does_not(
    client: Client, sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASSO_PROXY_HOPS", "1")
    config.settings.cache_clear()
    async with client(headers=HEADERS | FORGED) as browser:
        await browser.post("/sign-in", data={"email": sqlite_desk.owner.email, "password": PASSWORD})
    (line,) = lines(sqlite_desk)
    assert line[2:] == ("Firefox 144 on Windows", "198.51.100.9")


async def test_a_try_with_an_unknown_address_is_logged_without_it_and_is_in_nobodys_trail(
    client: Client, sqlite_desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "casso")
    async with client(headers=HEADERS) as browser:
        await browser.post("/sign-in", data={"email": "canary@nowhere.test", "password": PASSWORD})
    assert lines(sqlite_desk) == []
    assert [record.message for record in caplog.records if "sign-in failed" in record.message] != []
    assert "canary" not in caplog.text
