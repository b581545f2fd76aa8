"""A TCP server that says exactly what a list tells it: for faults that no real server makes.

    with line_server([b"220 hi\\r\\n", None, b"250 ok\\r\\n"]) as port: ...

Each connection gets the steps in order: bytes are sent, None waits until the client has
sent something, "drop" resets the connection, "hang" says nothing more until the end,
("drip", b"x", 0.02) sends a byte again and again.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.servers.loops import hang, serving

type_of_step = bytes | None | str | tuple[str, bytes, float]


@contextmanager
def line_server(steps: Sequence[type_of_step]) -> Iterator[int]:
    """Run the script for every connection; yields the port."""

    def protocol() -> asyncio.StreamReaderProtocol:
        reader = asyncio.StreamReader(limit=2**16)

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                for step in steps:
                    await _take(step, reader, writer)
            except (ConnectionError, asyncio.CancelledError):
                pass
            finally:
                writer.transport.abort()

        return asyncio.StreamReaderProtocol(reader, talk)

    with serving(protocol) as port:
        yield port


async def _take(step: type_of_step, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if step is None:
        if not await reader.read(2**20):
            raise ConnectionError
    elif step == "drop":
        raise ConnectionError
    elif step == "hang":
        await hang()
    elif isinstance(step, bytes):
        writer.write(step)
        await writer.drain()
    elif isinstance(step, tuple):
        while True:
            writer.write(step[1])
            await writer.drain()
            await asyncio.sleep(step[2])
