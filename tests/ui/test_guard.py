"""The event surface attacked with a raw socket: nothing runs and nothing is told without a session."""

import asyncio
from typing import Any

import pytest
from socketio.exceptions import ConnectionError as Refused

from tests.servers.socket_client import ROOT, SocketClient, handler_name
from tests.ui.conftest import Served

STATE = handler_name("tests.ui.probe_app", "Probe", "")[:-1]
LEAVE = handler_name("casso.ui.leave", "Leave", "")[:-1]
CANARY = "canary of ana@example.com"


def value(client: SocketClient, name: str, state: str = STATE) -> Any:
    """The newest value of a var that this tab was told."""
    found = [
        frame["delta"][state][name]
        for frame in client.frames
        if name in frame.get("delta", {}).get(state, {})
    ]
    return found[-1] if found else None


async def settle(client: SocketClient) -> None:
    """Every earlier event of this tab is done once a later harmless one is answered."""
    before = value(client, "ran_rx_state_") or 0
    await client.send(f"{STATE}.hello")
    await client.until(lambda: (value(client, "ran_rx_state_") or 0) > before)


async def test_the_owner_of_the_session_may_call_a_declared_handler(served: Served) -> None:
    async with SocketClient(served.url, cookie=served.ana) as ana:
        await ana.send(f"{STATE}.load")
        await ana.until(lambda: value(ana, "secret_rx_state_") == CANARY)


async def test_a_page_is_filled_on_arrival_for_its_owner(served: Served) -> None:
    async with SocketClient(served.url, cookie=served.ana) as ana:
        await ana.send(f"{ROOT}.hydrate_and_load")
        await ana.until(lambda: value(ana, "secret_rx_state_") == CANARY)


@pytest.mark.parametrize("handler", ["load", "write", "who", "slow", "chain"])
@pytest.mark.parametrize("cookie", ["", "casso=forged", "casso=", 'casso="; casso=x'])
async def test_without_a_valid_session_nothing_runs_and_the_tab_is_sent_to_sign_in(
    served: Served, handler: str, cookie: str
) -> None:
    async with SocketClient(served.url, cookie=cookie) as stranger:
        await stranger.send(f"{STATE}.{handler}", {"number": 1, "text": "x"} if handler == "write" else {})
        await stranger.until(lambda: value(stranger, "to_rx_state_", LEAVE) == "/sign-in")
        await settle(stranger)
        assert "canary" not in stranger.seen()
        assert value(stranger, "ran_rx_state_") == 1


async def test_an_anonymous_page_is_told_only_defaults(served: Served) -> None:
    async with SocketClient(served.url) as stranger:
        told = await stranger.hydrate()
        assert told[STATE] == {"secret_rx_state_": "", "ran_rx_state_": 0, "last_rx_state_": ""}


async def test_a_stolen_tab_token_with_another_session_finds_an_empty_tree(served: Served) -> None:
    async with SocketClient(served.url, cookie=served.ana) as ana:
        await ana.send(f"{STATE}.load")
        await ana.until(lambda: value(ana, "secret_rx_state_") == CANARY)
    for thief_cookie in (served.eve, "", "casso=forged"):
        async with SocketClient(served.url, cookie=thief_cookie, token=ana.token) as thief:
            await thief.hydrate()
            await settle(thief)
            assert CANARY not in thief.seen()


async def test_a_session_ended_while_the_socket_is_open_is_refused_at_the_next_event(served: Served) -> None:
    cookie = served.new_session("ana")
    async with SocketClient(served.url, cookie=cookie) as ana:
        await ana.send(f"{STATE}.load")
        await ana.until(lambda: value(ana, "secret_rx_state_") == CANARY)
        end = "import sys\nfrom casso.services.sessions import sign_out\nsign_out(sys.argv[1])"
        served.python(end, cookie.removeprefix("casso="))
        await ana.send(f"{STATE}.who")
        await ana.until(lambda: value(ana, "to_rx_state_", LEAVE) == "/sign-in")
        assert value(ana, "secret_rx_state_") == ""
        assert value(ana, "last_rx_state_") in (None, "")


@pytest.mark.parametrize(
    "name",
    [
        f"{STATE}.setvar",
        f"{ROOT}.setvar",
        f"{STATE}.nothing",
        f"{STATE}.set_secret",
        "nonsense",
        f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
        f"{ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
    ],
)
async def test_handlers_nobody_declared_are_refused_even_to_an_owner(served: Served, name: str) -> None:
    payload = {"var_name": "secret", "value": "forged", "vars": {f"{STATE}.secret": "forged"}}
    async with SocketClient(served.url, cookie=served.ana) as ana:
        await ana.send(name, payload)
        await settle(ana)
        assert "forged" not in ana.seen()


FORGED: list[dict[str, Any]] = [
    {},
    {"number": "1", "text": "x"},
    {"number": 1.5, "text": "x"},
    {"number": True, "text": "x"},
    {"number": None, "text": "x"},
    {"number": 1, "text": 2},
    {"number": 1, "text": {"a": 1}},
    {"number": 1, "text": "x", "organization_id": 2},
    {"number": 1, "text": "x", "self": {}},
    {"number": 1, "text": "x", "priority": "secret"},
    {"number": 1, "text": "x", "priority": 3},
    {"number": float("nan"), "text": "x"},
    {"number": 1, "text": "\ud800"},
    {"number": 1, "text": ["x"] * 1000},
]


@pytest.mark.parametrize("payload", FORGED, ids=repr)
async def test_arguments_that_do_not_fit_the_hints_exactly_are_refused(
    served: Served, payload: dict[str, Any]
) -> None:
    async with SocketClient(served.url, cookie=served.ana) as ana:
        await ana.send(f"{STATE}.write", payload)
        await settle(ana)
        assert value(ana, "ran_rx_state_") == 1
        assert value(ana, "last_rx_state_") is None


async def test_arguments_that_fit_arrive_as_their_types(served: Served) -> None:
    async with SocketClient(served.url, cookie=served.ana) as ana:
        await ana.send(f"{STATE}.write", {"number": 4, "text": "ä", "priority": "high"})
        await ana.until(lambda: value(ana, "last_rx_state_") == "4 ä <Priority.HIGH: 'high'>")


async def test_a_handler_may_call_the_next_one_under_the_same_actor(served: Served) -> None:
    async with SocketClient(served.url, cookie=served.ana) as ana:
        await ana.send(f"{STATE}.chain")
        await ana.until(lambda: (value(ana, "last_rx_state_") or "").startswith("7 chained"))


async def test_a_background_handler_runs_for_its_owner(served: Served) -> None:
    async with SocketClient(served.url, cookie=served.ana) as ana:
        await ana.send(f"{STATE}.slow")
        await ana.until(lambda: value(ana, "ran_rx_state_") == 1)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
async def test_a_socket_from_a_foreign_page_is_refused(served: Served, origin: str) -> None:
    with pytest.raises(Refused):
        async with SocketClient(served.url, cookie=served.ana, origin=origin):
            pass


async def test_a_socket_without_origin_but_with_the_cookie_is_refused(served: Served) -> None:
    with pytest.raises(Refused):
        async with SocketClient(served.url, cookie=served.ana, origin=None):
            pass


async def test_hydration_writes_no_client_storage(served: Served) -> None:
    async with SocketClient(served.url, cookie=served.ana) as ana:
        await ana.send(f"{ROOT}.hydrate_and_load", {"vars": {f"{STATE}.secret": "forged"}})
        await settle(ana)
        assert "forged" not in ana.seen()


async def test_refused_events_leave_capped_lines_without_cookie_or_payload(served: Served) -> None:
    async with SocketClient(served.url, cookie=served.ana) as ana:
        for _ in range(80):  # within what a socket may send at once (casso/web/pace.py)
            await ana.send(f"{STATE}.missing", {"password": "hunter2-canary"})
            await ana.send(f"{STATE}.write", {"number": "hunter2-canary"})
        await settle(ana)
    await asyncio.sleep(0)
    text = served.log.read_text()
    assert "hunter2-canary" not in text
    assert served.ana.removeprefix("casso=") not in text
    assert text.count("\n") < 120
