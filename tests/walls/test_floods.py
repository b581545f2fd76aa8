"""One who floods, ten who work: the flood is slowed and cut, the work goes on."""

import asyncio
import time

import pytest
from socketio.exceptions import ConnectionError as Refused

from casso.web.pace import BURST
from tests.servers.socket_client import SocketClient, handler_name
from tests.walls.conftest import Walls

TALLY = handler_name("casso.ui.inbox.desk_state", "Desk", "tally")
FLOOD = 3_000


async def one_event(client: SocketClient) -> float:
    """How long one event takes until it is answered."""
    before, began = len(client.frames), time.perf_counter()
    await client.send(TALLY)
    await client.until(lambda: len(client.frames) > before, seconds=20)
    return time.perf_counter() - began


async def test_a_flood_of_events_is_slowed_and_others_are_served(walls: Walls) -> None:
    """Of 3,000 events sent at once, hardly more than the free burst is taken while ten people work on."""
    async with SocketClient(walls.served.url, cookie=walls.cookie("viewer")) as flooder:
        workers = [SocketClient(walls.served.url, cookie=walls.cookie("agent")) for _ in range(10)]
        for one in workers:
            await one.__aenter__()
        try:
            for _ in range(FLOOD):
                await flooder.send(TALLY)
            taken_before = len(flooder.frames)
            for _ in range(3):
                await asyncio.gather(*(one_event(one) for one in workers))
            taken = len(flooder.frames)
            assert taken_before <= taken < FLOOD // 2, "the flood was served like work"
        finally:
            for one in workers:
                await one.__aexit__(None, None, None)


async def test_a_flood_of_refused_events_leaves_few_lines(walls: Walls) -> None:
    before = walls.served.log.read_text().count("\n")
    async with SocketClient(walls.served.url) as stranger:
        for _ in range(BURST + 10):
            await stranger.send("no.such.handler", {"password": "hunter2-canary"})
        await stranger.hydrate()
    text = walls.served.log.read_text()
    assert text.count("\n") - before < 150
    assert "hunter2-canary" not in text


async def test_a_foreign_origin_is_refused_before_it_counts(walls: Walls) -> None:
    for _ in range(3):
        with pytest.raises(Refused):
            async with SocketClient(
                walls.served.url, cookie=walls.cookie("owner"), origin="https://evil.example"
            ):
                pass
