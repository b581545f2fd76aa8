"""Browser tabs without browsers: event sockets over loopback, as Reflex 0.10 speaks them.

Engine.IO 4 and Socket.IO 5 by hand over a plain WebSocket: a packet type, then
JSON. Fifty tabs then cost less than the desk that is measured.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from simple_websocket import AioClient, ConnectionClosed  # type: ignore[import-untyped]

from casso.clock import ticks

NAMESPACE = "/_event"
ROOT = "reflex___state____state"
QUEUE_EVENT = f"{ROOT}.casso___ui___inbox___desk_state____desk.arrive"
TICKET_EVENT = f"{ROOT}.casso___ui___inbox___ticket_state____open_ticket.arrive"
HYDRATE_EVENT = f"{ROOT}.hydrate_and_load"
ANSWER_SECONDS = 20.0
EVENT = f"42{NAMESPACE},"


class NoAnswer(Exception):
    """The desk did not answer a tab in time, or closed its socket."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One update as it arrived: when, and its text."""

    at: float
    text: str


@dataclass(slots=True)
class Tab:
    """One connected tab."""

    socket: AioClient
    token: str
    frames: list[Frame] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    reader: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, url: str, cookie: str) -> Self:
        """Connect with a session cookie. Raises NoAnswer."""
        token = secrets.token_hex(16)
        address = f"ws{url.removeprefix('http')}/_event/?EIO=4&transport=websocket&token={token}"
        headers = {"Cookie": cookie, "Origin": url}
        socket = await AioClient.connect(address, headers=headers, max_message_size=2**24)
        tab = cls(socket, token)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await socket.send(f"40{NAMESPACE},")
                await tab._packet("40")
        except (TimeoutError, ConnectionClosed) as error:
            raise NoAnswer("the desk refused a tab's socket") from error
        tab.reader = asyncio.create_task(tab._read())
        return tab

    async def close(self) -> None:
        """Hang up."""
        if self.reader is not None:
            self.reader.cancel()
        await self.socket.close()

    async def send(self, name: str, path: str, payload: Mapping[str, Any] | None = None) -> None:
        """Call a handler from a page with that path and query."""
        where = {"pathname": path.partition("?")[0], "asPath": path}
        event = {"name": name, "payload": dict(payload or {}), "router_data": where}
        await self.socket.send(EVENT + json.dumps(["event", event]))

    async def ask(self, name: str, path: str, *, until: Callable[[str], bool]) -> float:
        """Call a handler and wait for the frame that `until` accepts; milliseconds. Raises NoAnswer."""
        first = len(self.frames)
        start = ticks()
        await self.send(name, path)
        return (await self.wait_for(until, first=first) - start) * 1000

    async def wait_for(self, until: Callable[[str], bool], *, first: int) -> float:
        """When the first frame that `until` accepts arrived, counted from frame `first`. Raises NoAnswer."""
        seen = first
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while True:
                    for frame in self.frames[seen:]:
                        seen += 1
                        if until(frame.text):
                            return frame.at
                    self.arrived.clear()
                    await self.arrived.wait()
        except TimeoutError as error:
            raise NoAnswer("a tab waited in vain for its frame") from error

    async def _packet(self, kind: str) -> None:
        """Wait for a packet of that kind."""
        while not str(await self.socket.receive()).startswith(kind):
            pass

    async def _read(self) -> None:
        while True:
            try:
                packet = str(await self.socket.receive())
            except ConnectionClosed:
                return
            if packet == "2":
                await self.socket.send("3")
            elif packet.startswith(EVENT):
                self.frames.append(Frame(ticks(), packet))
                self.arrived.set()
