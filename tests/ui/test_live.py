"""The live watcher over real sockets: who is told, by what reading, and who is told nothing."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from tests.servers.socket_client import SocketClient, handler_name
from tests.ui.conftest import Served, serve

PANEL = handler_name("tests.ui.live_app", "Panel", "")[:-1]
PEOPLE = """
import sys
from casso.access import Actor
from casso.enums import Role, Strength
from casso.services import sessions
from casso.values.caller import Caller
from casso.values.proved import Proved
from tests.desks import Tenant
from tests.queries.colleagues import colleagues
owner = Actor(1, None, Role.OWNER)
for person in colleagues(Tenant(owner, owner, 1, 1, ""), int(sys.argv[1])):
    print(sessions.open_session(Proved(person.account_id, Strength.PASSWORD), Caller()))
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("live"), "tests.ui.live_app:app") as found:
        yield found


@pytest.fixture(scope="module")
def agents(desk: Served) -> list[str]:
    """Cookies of 23 colleagues of Ana."""
    return [f"casso={token}" for token in desk.python(PEOPLE, "23").split()]


def value(tab: SocketClient, name: str) -> Any:
    """The newest value of the panel's var that this tab was told."""
    found = [frame.get("delta", {}).get(PANEL, {}).get(f"{name}_rx_state_") for frame in tab.frames]
    return next((one for one in reversed(found) if one is not None), None)


@asynccontextmanager
async def opened(desk: Served, *cookies: str) -> AsyncIterator[list[SocketClient]]:
    """Tabs that show the open queue; they are told in this order."""
    async with AsyncExitStack() as stack:
        tabs = []
        for cookie in cookies:
            tab = await stack.enter_async_context(SocketClient(desk.url, cookie=cookie))
            tabs.append(tab)
            await shows_list(tab)
        yield tabs


async def shows_list(tab: SocketClient) -> None:
    before = len(tab.frames)
    await tab.send("reflex___state____state.hydrate_and_load", path="/?queue=open")
    await tab.until(lambda: "'is_hydrated_rx_state_': True" in repr(tab.frames[before:]))


async def mail_from(tab: SocketClient) -> str:
    """Commit a mail in this tab's organization; its subject is like no other."""
    subject = f"canary{secrets.token_hex(6)}"
    await tab.send(f"{PANEL}.mail", {"subject": subject})
    return subject


async def see(subject: str, *tabs: SocketClient) -> None:
    for tab in tabs:
        await tab.until(lambda tab=tab: subject in tab.seen())


async def statements(tab: SocketClient) -> list[str]:
    """What was read since the last mail was committed."""
    before = len(tab.frames)
    await tab.send(f"{PANEL}.count")
    await tab.until(lambda: "statements_rx_state_" in repr(tab.frames[before:]))
    found: str = value(tab, "statements")
    return found.split("\n;\n")


async def test_a_mail_reaches_every_open_list_of_its_organization_and_no_other(
    desk: Served, agents: list[str]
) -> None:
    async with opened(desk, desk.ana, agents[0], desk.eve) as (ana, agent, eve):
        ours, theirs = await mail_from(ana), await mail_from(eve)
        await see(ours, ana, agent)
        await see(theirs, eve)
        again = await mail_from(ana)
        await see(again, ana, agent)
        assert ours not in eve.seen()
        assert theirs not in ana.seen() + agent.seen()


@pytest.mark.parametrize("count", [2, 23])
async def test_what_a_push_reads_does_not_grow_with_the_screens(
    desk: Served, agents: list[str], count: int
) -> None:
    async with opened(desk, *agents[:count]) as tabs:
        subject = await mail_from(tabs[0])
        await see(subject, *tabs)
        found = await statements(tabs[0])
    lists = [sql for sql in found if "FROM sign_in" not in sql]
    look_ups = [sql for sql in found if "FROM sign_in" in sql and " IN (" in sql]
    assert len(lists) == 4, lists
    assert len(look_ups) == -(-count // 10)


async def test_a_session_that_ends_while_others_are_told_gets_nothing(
    desk: Served, agents: list[str]
) -> None:
    victim = desk.new_session("ana")
    async with opened(desk, *agents[:10], victim, desk.ana) as tabs:
        *_, gone, last = tabs
        await see(await mail_from(tabs[1]), *tabs)
        await tabs[0].send(f"{PANEL}.arm", {"token": victim.removeprefix("casso=")})
        await tabs[0].until(lambda: value(tabs[0], "ends"))
        subject = await mail_from(tabs[1])
        await see(subject, tabs[0], last)
        again = await mail_from(tabs[1])
        await see(again, last)
        assert "canary" in last.seen()
        assert subject not in gone.seen()
        assert again not in gone.seen()


@pytest.mark.parametrize("cookie", ["eve", ""])
async def test_whoever_connects_with_a_tabs_token_is_told_nothing(desk: Served, cookie: str) -> None:
    async with opened(desk, desk.ana) as (ana,):
        async with SocketClient(desk.url, cookie=desk.ana) as left:
            await shows_list(left)
        async with SocketClient(desk.url, cookie=desk.eve if cookie else "", token=left.token) as thief:
            for _ in range(2):
                await see(await mail_from(ana), ana)
            assert "canary" not in thief.seen()


async def test_a_tab_that_was_away_reads_its_list_again(desk: Served) -> None:
    async with opened(desk, desk.ana) as (ana,):
        async with SocketClient(desk.url, cookie=desk.ana) as left:
            await shows_list(left)
        subject = await mail_from(ana)
        await see(subject, ana)
        async with SocketClient(desk.url, cookie=desk.ana, token=left.token) as back:
            await shows_list(back)
            assert subject in back.seen()


async def test_screens_whose_own_event_runs_hold_nobody_up_and_miss_nothing(
    desk: Served, agents: list[str]
) -> None:
    async with opened(desk, *agents[:4]) as tabs:
        *held, free = tabs
        for tab in held:
            await tab.send(f"{PANEL}.hold")
            await tab.until(lambda tab=tab: value(tab, "answered"))
        subjects = []
        for _ in range(3):
            subjects.append(await mail_from(free))
            await see(subjects[-1], free)
        assert not any(subject in tab.seen() for subject in subjects for tab in held)
        await free.send(f"{PANEL}.free")
        for subject in subjects:
            await see(subject, *held)
        assert [value(tab, "told") for tab in held] == [1, 1, 1]


async def test_a_tab_that_acted_just_now_reads_for_itself(desk: Served, agents: list[str]) -> None:
    async with opened(desk, *agents[:3]) as tabs:
        await tabs[0].send(f"{PANEL}.as_usual", {"is_usual": True})
        await tabs[0].until(lambda: value(tabs[0], "answered"))
        try:
            subject = await mail_from(tabs[0])
            await see(subject, *tabs)
            found = await statements(tabs[0])
        finally:
            await tabs[0].send(f"{PANEL}.as_usual", {"is_usual": False})
            await tabs[0].until(lambda: value(tabs[0], "answered") == 2)
    lists = [sql for sql in found if "FROM ticket JOIN customer" in sql]
    assert len(lists) == 3
