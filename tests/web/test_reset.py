"""A new password by mail over HTTP: one answer for every address, one use, our own link, nothing by GET."""

import asyncio
import logging
from email import message_from_bytes, policy

import httpx
import pytest
from sqlmodel import select

from casso.db import reading
from casso.models import LinkToken, Notice
from casso.services import login, notice_sending, sessions
from casso.values.caller import Caller
from tests.desks import PASSWORD, Desk
from tests.services.people import count_sessions, open_session
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}
NEW = "seven grey herons wading"


async def ask(browser: httpx.AsyncClient, email: str, **headers: str) -> httpx.Response:
    return await browser.post("/reset", data={"email": email}, headers=headers)


def links_mailed(desk: Desk) -> list[str]:
    """Every link in every mail of the outbox."""
    notice_sending.send_due()
    found = []
    for path in sorted((desk.folder / "outbox").glob("*.eml")):
        body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))  # type: ignore[attr-defined]
        found += [word for word in body.get_content().split() if "/reset/" in word]
    return found


async def link_path(browser: httpx.AsyncClient, desk: Desk) -> str:
    await ask(browser, desk.owner.email)
    return links_mailed(desk)[-1].removeprefix("http://desk.example:3000")


def count(table: type[LinkToken] | type[Notice]) -> int:
    with reading() as session:
        return len(session.exec(select(table)).all())


async def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(
    client: Client, sqlite_desk: Desk
) -> None:
    async with client(headers=OWN) as browser:
        assert 'href="/reset"' in (await browser.get("/sign-in")).text
        path = await link_path(browser, sqlite_desk)
        page = await browser.get(path)
        assert page.status_code == 200
        assert sqlite_desk.owner.email in page.text
        done = await browser.post(path, data={"password": NEW})
        assert (done.status_code, done.headers["location"]) == (303, "/sign-in?done=password")
        assert "Your password is changed" in (await browser.get(done.headers["location"])).text
        entered = await browser.post("/sign-in", data={"email": sqlite_desk.owner.email, "password": NEW})
        assert entered.status_code == 303


async def test_every_address_gets_the_same_answer(client: Client, sqlite_desk: Desk) -> None:
    async with client(headers=OWN) as browser:
        known = await ask(browser, sqlite_desk.owner.email)
        unknown = await ask(browser, "nobody@example.test")
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(sqlite_desk.owner.email, "") == unknown.text.replace("nobody@example.test", "")
    assert {name for name, _ in known.headers.items()} == {name for name, _ in unknown.headers.items()}
    assert count(Notice) == 1


async def test_asking_too_often_is_told_the_same_way_for_every_address(
    client: Client, sqlite_desk: Desk
) -> None:
    async with client(headers=OWN) as browser:
        answers = {}
        for email in (sqlite_desk.owner.email, "nobody@example.test"):
            for _ in range(4):
                answers[email] = await ask(browser, email)
    known, unknown = answers.values()
    assert known.status_code == unknown.status_code == 429
    assert "Too many tries" in known.text
    assert known.text.replace(sqlite_desk.owner.email, "") == unknown.text.replace("nobody@example.test", "")


FORGED = [
    {"Host": "localhost:3000"},
    {"Host": "127.0.0.1:3000", "Origin": "http://127.0.0.1:3000"},
    {"X-Forwarded-Host": "evil.example"},
    {"Forwarded": "host=evil.example;proto=https"},
    {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "1"},
    {"X-Original-URL": "http://evil.example/", "X-Rewrite-URL": "/evil"},
    {"Referer": "http://evil.example/"},
]


@pytest.mark.parametrize("headers", FORGED)
async def test_the_link_names_the_configured_address_whatever_the_request_says(
    client: Client, sqlite_desk: Desk, headers: dict[str, str]
) -> None:
    async with client(headers=OWN) as browser:
        await ask(browser, sqlite_desk.owner.email, **headers)
    for link in links_mailed(sqlite_desk):
        assert link.startswith("http://desk.example:3000/reset/")


async def test_a_request_for_a_strange_host_is_refused_and_mails_nothing(
    client: Client, sqlite_desk: Desk
) -> None:
    async with client(headers=OWN) as browser:
        assert (await ask(browser, sqlite_desk.owner.email, Host="evil.example")).status_code == 421
    assert count(Notice) == 0


async def test_opening_the_link_uses_nothing_up(client: Client, sqlite_desk: Desk) -> None:
    async with client(headers=OWN) as browser:
        path = await link_path(browser, sqlite_desk)
        for method in ("GET", "GET", "HEAD"):
            assert (await browser.request(method, path)).status_code in (200, 405)
        assert (await browser.post(path, data={"password": NEW})).status_code == 303


async def test_of_twenty_who_send_the_form_at_once_one_succeeds(client: Client, sqlite_desk: Desk) -> None:
    async with client(headers=OWN) as browser:
        path = await link_path(browser, sqlite_desk)
        answers = await asyncio.gather(
            *(browser.post(path, data={"password": f"{NEW} {number}"}) for number in range(20))
        )
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(303) == 1
    assert set(codes) <= {303, 410, 422}
    (won,) = [number for number, answer in enumerate(answers) if answer.status_code == 303]
    assert login.check_password(sqlite_desk.owner.email, f"{NEW} {won}", Caller())


@pytest.mark.parametrize("token", ["x", "x" * 5000, "%00", "%ed%a0%80", "a b"])
async def test_a_link_that_was_never_made_or_is_over_says_so(
    client: Client, sqlite_desk: Desk, token: str
) -> None:
    async with client(headers=OWN) as browser:
        for answer in (
            await browser.get(f"/reset/{token}"),
            await browser.post(f"/reset/{token}", data={"password": NEW}),
        ):
            assert answer.status_code in (404, 410)
            if answer.status_code == 410:
                assert "This link is no longer valid" in answer.text
                assert 'href="/reset"' in answer.text


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("", "between 10 and 256"),
        ("short", "between 10 and 256"),
        ("1234567890", "most used passwords"),
        ("aaaaaaaaaaaa", "easy to guess"),
        ("owner@example.test", "easy to guess"),
        (NEW + "\x00", "control characters"),
        ("x" * 60_000, "between 10 and 256"),
    ],
)
async def test_a_bad_password_is_refused_with_its_strength_and_never_shown(
    client: Client, sqlite_desk: Desk, chosen: str, said: str
) -> None:
    async with client(headers=OWN) as browser:
        path = await link_path(browser, sqlite_desk)
        answer = await browser.post(path, data={"password": chosen})
        assert answer.status_code == 422
        assert said in answer.text
        assert 'class="strength s' in answer.text
        assert len(chosen) < 10 or chosen not in answer.text.replace(sqlite_desk.owner.email, "")
        assert (await browser.post(path, data={"password": NEW})).status_code == 303


async def test_a_form_of_a_megabyte_is_refused(client: Client, sqlite_desk: Desk) -> None:
    async with client(headers=OWN) as browser:
        answer = await browser.post("/sign-in", data={"email": "a@b.c", "password": "x" * 1_000_000})
    assert answer.status_code == 413


async def test_a_signed_in_visitor_finds_their_address_and_is_signed_out_by_the_new_password(
    client: Client, sqlite_desk: Desk
) -> None:
    token = open_session(sqlite_desk.owner.account_id)
    async with client(headers={**OWN, "Cookie": f"casso={token}"}) as browser:
        assert f'value="{sqlite_desk.owner.email}"' in (await browser.get("/reset")).text
        path = await link_path(browser, sqlite_desk)
        done = await browser.post(path, data={"password": NEW})
    assert "Max-Age=0" in done.headers["set-cookie"]
    assert sessions.find_session(token) is None


async def test_somebody_else_signed_in_in_that_browser_is_signed_out_too(
    client: Client, sqlite_desk: Desk
) -> None:
    theirs = open_session(sqlite_desk.other.owner.account_id)
    elsewhere = open_session(sqlite_desk.other.owner.account_id)
    async with client(headers={**OWN, "Cookie": f"casso={theirs}"}) as browser:
        path = await link_path(browser, sqlite_desk)
        await browser.post(path, data={"password": NEW})
    assert sessions.find_session(theirs) is None
    assert sessions.find_session(elsewhere)


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_no_other_site_asks_or_sets(client: Client, sqlite_desk: Desk, origin: str) -> None:
    async with client(headers=OWN) as browser:
        path = await link_path(browser, sqlite_desk)
        assert (await ask(browser, sqlite_desk.owner.email, Origin=origin)).status_code == 403
        refused = await browser.post(path, data={"password": NEW}, headers={"Origin": origin})
    assert refused.status_code == 403
    assert count(Notice) == 1
    assert login.check_password(sqlite_desk.owner.email, PASSWORD, Caller())


async def test_the_token_and_the_password_are_in_no_log(
    client: Client, sqlite_desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with client(headers=OWN) as browser:
            path = await link_path(browser, sqlite_desk)
            await browser.get(path)
            await browser.post(path, data={"password": "canary1"})
            await browser.post(path, data={"password": NEW})
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("casso"))
    for secret in (path.rpartition("/")[2], "canary1", NEW, sqlite_desk.owner.email):
        assert secret not in ours
    assert count_sessions() == 0


async def test_a_get_with_everything_in_its_address_changes_nothing(
    client: Client, sqlite_desk: Desk
) -> None:
    async with client(headers=OWN) as browser:
        await browser.get("/reset", params={"email": sqlite_desk.owner.email})
        path = await link_path(browser, sqlite_desk)
        await browser.get(path, params={"password": NEW})
    assert count(Notice) == 1
    assert login.check_password(sqlite_desk.owner.email, PASSWORD, Caller())
