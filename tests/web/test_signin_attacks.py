"""Sign-in under attack: guessing, finding out who has an account, floods, headers that claim a person."""

import asyncio
import gc
import statistics
import time

import httpx
import pytest

from casso import clock, config
from casso.services import sessions
from tests import desks
from tests.desks import PASSWORD, Desk
from tests.services.people import add_member, count_sessions
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}
WRONG = "wrong horse battery"


async def post(browser: httpx.AsyncClient, email: str, password: str, **headers: str) -> httpx.Response:
    return await browser.post("/sign-in", data={"email": email, "password": password}, headers=headers)


async def test_two_hundred_guesses_through_claimed_addresses_are_five_also_after_a_restart(
    client: Client, sqlite_desk: Desk
) -> None:
    async with client(headers=OWN) as attacker:
        codes = [
            (
                await post(
                    attacker,
                    sqlite_desk.owner.email,
                    f"{WRONG} {number}",
                    **{"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"},
                )
            ).status_code
            for number in range(200)
        ]
        assert (codes.count(403), codes.count(429)) == (5, 195)
        desks.forget()
        assert (await post(attacker, sqlite_desk.owner.email, PASSWORD)).status_code == 429


async def test_claimed_addresses_do_not_spread_the_guesses_of_one_network(
    client: Client, sqlite_desk: Desk
) -> None:
    async with client(headers=OWN) as attacker:
        codes = [
            (
                await post(
                    attacker,
                    f"person{number}@example.test",
                    WRONG,
                    **{"X-Forwarded-For": f"203.0.{number}.1", "Forwarded": f"for=203.0.{number}.1"},
                )
            ).status_code
            for number in range(60)
        ]
    assert (codes.count(403), codes.count(429)) == (30, 30)


async def test_the_owner_gets_in_from_the_browser_used_before_while_the_address_is_hammered(
    client: Client, sqlite_desk: Desk
) -> None:
    email = sqlite_desk.owner.email
    async with client(headers=OWN) as owner, client(headers=OWN) as attacker:
        await post(owner, email, PASSWORD)
        for number in range(60):
            await post(attacker, email, f"{WRONG} {number}")
        assert (await post(attacker, email, PASSWORD)).status_code == 429
        assert (await owner.get("/")).status_code == 200
        assert (await owner.post("/sign-out")).status_code == 303
        assert (await post(owner, email, PASSWORD)).status_code == 303


async def test_who_waits_is_told_how_long_and_gets_in_afterwards(client: Client, sqlite_desk: Desk) -> None:
    async with client(headers=OWN) as browser:
        for _ in range(6):
            answer = await post(browser, sqlite_desk.owner.email, WRONG)
        assert "Too many tries. Try again in 1 min." in answer.text
        sqlite_desk.clock.tick(minutes=1)
        assert (await post(browser, sqlite_desk.owner.email, PASSWORD)).status_code == 303


async def test_every_wrong_try_looks_the_same(client: Client, sqlite_desk: Desk) -> None:
    disabled = add_member(sqlite_desk.mine.organization_id, "ben@example.test")
    assert disabled
    tries = {
        "owner@example.test": WRONG,
        "nobody@example.test": PASSWORD,
        "ben@example.test": "",
        "not an address": PASSWORD,
    }
    seen = set()
    for email, password in tries.items():
        async with client(headers=OWN) as browser:
            answer = await post(browser, email, password)
        headers = tuple(
            sorted((name, value) for name, value in answer.headers.items() if name != "content-length")
        )
        seen.add((answer.status_code, answer.text.replace(email, "…"), headers))
    assert len(seen) == 1


async def test_a_known_address_takes_as_long_as_an_unknown_one(client: Client, sqlite_desk: Desk) -> None:
    """Forty tries, every second one with an address that exists; the medians lie within a fifth."""
    times: dict[str, list[float]] = {sqlite_desk.owner.email: [], "nobody@example.test": []}
    async with client(headers=OWN) as browser:
        for _ in range(21):
            for email, taken in times.items():
                sqlite_desk.clock.tick(hours=3)
                begun = clock.ticks()
                assert (await post(browser, email, WRONG)).status_code == 403
                taken.append(clock.ticks() - begun)
    known, unknown = (statistics.median(taken[1:]) for taken in times.values())
    assert 0.8 < known / unknown < 1.25


async def test_fifty_sign_ins_at_once_all_get_in_and_leave_the_event_loop_free(
    client: Client, sqlite_desk: Desk
) -> None:
    """The loop's own work between two turns is counted: a busy machine lengthens waits, not work.

    Fifty hashes on the loop would be two seconds of it.
    """
    work: list[float] = []

    async def tick() -> None:
        while True:
            begun = time.thread_time()
            await asyncio.sleep(0.001)
            work.append(time.thread_time() - begun)

    async with client(headers=OWN) as browser:
        await post(browser, sqlite_desk.owner.email, PASSWORD)
        gc.collect()
        gc.freeze()  # what thousands of tests left behind is not the desk's to sweep
        ticking = asyncio.create_task(tick())
        wanted = (post(browser, sqlite_desk.owner.email, PASSWORD) for _ in range(50))
        answers = await asyncio.gather(*wanted)
        ticking.cancel()
        gc.unfreeze()
    assert {answer.status_code for answer in answers} == {303}
    assert max(work) < 0.25


CLAIMS = [
    "Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Forwarded-Email", "X-Auth-Request-Email",
    "X-Auth-Request-User", "X-WebAuth-User", "X-Authenticated-User", "Cf-Access-Authenticated-User-Email",
    "X-Goog-Authenticated-User-Email", "X-Ms-Client-Principal-Name", "Tailscale-User-Login", "X-Email",
]  # fmt: skip


@pytest.mark.parametrize("hops", ["0", "1"])
async def test_no_header_makes_anybody_signed_in(
    client: Client, sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, hops: str
) -> None:
    monkeypatch.setenv("CASSO_PROXY_HOPS", hops)
    config.settings.cache_clear()
    email = sqlite_desk.owner.email
    claims = dict.fromkeys(CLAIMS, email) | {
        "Authorization": "Basic b3duZXI6eA==",
        "X-Forwarded-For": "127.0.0.1",
    }
    async with client(headers=claims) as browser:
        assert (await browser.get("/t/whoami")).status_code == 401
        assert (await browser.get("/", headers={"Accept": "text/html"})).headers["location"] == "/sign-in"
    assert count_sessions() == 0


async def test_a_token_that_somebody_brings_along_is_never_taken_over(
    client: Client, sqlite_desk: Desk
) -> None:
    planted = "planted-by-an-attacker-0123456789abcdef"
    cookie = f"casso={planted}; casso-device={planted}; casso-step={planted}"
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        answer = await post(browser, sqlite_desk.owner.email, PASSWORD)
    assert planted not in str(answer.headers)
    assert sessions.find_session(planted) is None
    assert count_sessions() == 1
