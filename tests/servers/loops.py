"""Runs an asyncio protocol as a server in a thread of its own, on a free loopback port."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def serving(
    protocol: Callable[[], asyncio.BaseProtocol], tls: ssl.SSLContext | None = None, port: int = 0
) -> Iterator[int]:
    """Serve until the block ends; yields the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    made: list[asyncio.BaseProtocol] = []

    def make() -> asyncio.BaseProtocol:
        made.append(protocol())
        return made[-1]

    async def start() -> asyncio.Server:
        return await loop.create_server(make, "127.0.0.1", port, ssl=tls)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server, made), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def hang() -> None:
    """Wait until the server stops. The set keeps the task alive: asyncio itself holds it weakly."""
    event = asyncio.Event()
    _held.add(event)
    try:
        await event.wait()
    finally:
        _held.discard(event)


_held: set[asyncio.Event] = set()


async def _stop(server: asyncio.Server, made: list[asyncio.BaseProtocol]) -> None:
    server.close()
    await _rounds()  # a task that was cancelled before it began would not close its connection
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for one in made:  # a stream's protocol keeps its transport under this name
        transport = getattr(one, "_transport", None)
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()
    await _rounds()  # aborted connections close their sockets in the rounds that follow


async def _rounds() -> None:
    for _ in range(10):
        await asyncio.sleep(0)
