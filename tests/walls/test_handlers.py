"""Handler by handler, person by person, over real sockets: whoever may not, changes and learns nothing.

The list of handlers comes from the live registry, so a new one is tried from its first day.
"""

import re
from itertools import count
from typing import Any

import pytest

from casso.access import Actor
from casso.enums import Role, Sees
from casso.ui import policy
from casso.ui.policy import Who
from tests.servers.socket_client import ROOT, SocketClient
from tests.walls import surface
from tests.walls.conftest import Walls

FOUND = surface.own_handlers()
PEOPLE = {
    "viewer": Actor(1, 1, Role.VIEWER),
    "own": Actor(1, 1, Role.OWN, own_role=("tickets.read",)),
    "agent": Actor(1, 1, Role.AGENT),
    "admin": Actor(1, 1, Role.ADMIN),
}
# Handlers that touch only what this tab itself sees.
OPEN = {"Problems.show", "Problems.dismiss", "Toast.dismiss"}
# What an owner may do to their own people; done to themselves it would end the session that knocks.
ENDS_SESSIONS = {"Members.end_sessions", "Members.remove"}
FORM_KEYS = (
    "id", "number", "version", "message_id", "mailbox_id", "account_id", "team_id",
    "membership_id", "role_id", "text", "name", "email", "address", "query", "role", "host",
    "code", "password", "then", "intent",
)  # fmt: skip


_turns = count(1)


def form(number: int, text: str) -> dict[str, str]:
    """A form that carries the number wherever a handler might look for one."""
    numbers = {name: str(number) for name in FORM_KEYS if name.endswith(("id", "number", "version"))}
    return dict.fromkeys(FORM_KEYS, text) | numbers


async def knock(client: SocketClient, handlers: list[surface.HandlerFound], number: int, path: str) -> None:
    """Call all of these, and wait until all of it was answered."""
    for found in handlers:
        text = f"planted {next(_turns)}"  # also the intent: a used one ends the call before it looks
        await client.send(found.name, found.payload(number, text, form(number, text)), path)
    await client.hydrate()


def reached(client: SocketClient) -> list[str]:
    """Problems that a service raised: there should be none, for the guard stands in front of it."""
    told = [frame.get("delta", {}).items() for frame in client.frames]
    return [
        values["key_rx_state_"]
        for states in told
        for state, values in states
        if state.endswith("____problems") and values.get("key_rx_state_")
    ]


def test_every_handler_stands_in_the_committed_list() -> None:
    """A new handler fails here until somebody has read its line."""
    assert surface.handler_lines() == surface.HANDLERS.read_text().splitlines()


def test_only_listed_handlers_are_open_to_anyone() -> None:
    assert {found.short for found in FOUND if found.declared.needs is Who.ANYONE} == OPEN


def test_the_matrix_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    ours = [name for name in surface.every_name() if not policy.is_framework(name)]
    with capsys.disabled():
        print(f"\nhandlers in the matrix: {len(FOUND)} of {len(ours)}")
    assert len(FOUND) == len(ours) > 40


@pytest.mark.parametrize("who", ["anonymous", "disabled"])
async def test_nobody_without_a_session_changes_or_learns_anything(
    walls: Walls, unchanged: object, secret: str, who: str
) -> None:
    closed = [found for found in FOUND if found.declared.needs is not Who.ANYONE]
    async with SocketClient(walls.served.url, cookie=walls.cookie(who)) as client:
        await knock(client, closed, walls.mine["number"], f"/tickets/{walls.mine['number']}")
        assert reached(client) == []
        assert secret not in client.seen()
        assert "@mine.test" not in client.seen()


@pytest.mark.parametrize("who", PEOPLE)
async def test_a_role_changes_nothing_through_what_it_may_not_call(
    walls: Walls, unchanged: object, who: str
) -> None:
    closed = [found for found in FOUND if not found.declared.admits(PEOPLE[who])]
    assert closed or who == "admin"
    async with SocketClient(walls.served.url, cookie=walls.cookie(who)) as client:
        await knock(client, closed, walls.mine["number"], f"/tickets/{walls.mine['number']}")
        assert reached(client) == []


@pytest.mark.parametrize("who", ["other owner", "other agent"])
async def test_another_organizations_ids_open_and_change_nothing(walls: Walls, secret: str, who: str) -> None:
    here = walls.mine["organization_id"]
    own_people = set(walls.other["accounts"].values())
    numbers = (*walls.mine["ids"], *walls.mine["accounts"].values(), -1, 2**31, 2**63)
    cookies = walls.fresh_cookies(who, len(numbers))
    before = walls.rows(of=here)
    for number, cookie in zip(numbers, cookies, strict=True):
        tried = [found for found in FOUND if not (number in own_people and found.short in ENDS_SESSIONS)]
        async with SocketClient(walls.served.url, cookie=cookie) as client:
            await knock(client, tried, number, f"/tickets/{walls.mine['number']}")
            assert secret not in client.seen(), number
            assert "@mine.test" not in client.seen(), number
    after = walls.rows(of=here)
    assert {name for name in after if after[name] != before.get(name)} == set()


async def test_a_foreign_number_is_answered_like_one_that_does_not_exist(walls: Walls) -> None:
    seen = []
    for number in (walls.mine["number"], 77_777):
        async with SocketClient(walls.served.url, cookie=walls.cookie("other agent")) as client:
            await client.send(f"{ROOT}.hydrate_and_load", {}, f"/tickets/{number}")
            await client.hydrate()
            seen.append([_told(frame) for frame in client.frames])
    assert any("missing_rx_state_" in text for text in seen[0])
    assert seen[0] == seen[1]


def _told(frame: dict[str, Any]) -> str:
    """What a frame tells beside the connection's own data, every number being the same."""
    kept = {
        state: {name: value for name, value in values.items() if not name.startswith("rx_router")}
        for state, values in frame.get("delta", {}).items()
    }
    return re.sub(r"\d+", "N", repr(kept))


def test_a_limited_view_closes_what_shows_everybodys() -> None:
    limited = Actor(1, 1, Role.ADMIN, sees=Sees.TEAMS)
    closed = {found.short for found in FOUND if not found.declared.admits(limited)}
    assert {"Mailboxes.submit", "General.save"} <= closed


async def test_setvar_sets_nothing_on_any_state(walls: Walls, unchanged: object) -> None:
    names = [name for name in surface.every_name() if name.endswith(".setvar")]
    assert names
    async with SocketClient(walls.served.url, cookie=walls.cookie("viewer")) as client:
        before: Any = await client.hydrate()
        for name in names:
            state: Any = before.get(name.removesuffix(".setvar"), {})
            for var in [*state, "is_hydrated", "role", "organization_id"]:
                await client.send(name, {"var_name": var.removesuffix("_rx_state_"), "value": "planted"})
        await client.hydrate()
        assert "planted" not in client.seen()
