"""How fast one socket is read: whoever sends faster than any person clicks waits, and nobody else does.

Waiting before the next message leaves the rest in the network's own buffers, so the sender
slows down, and neither tasks nor memory pile up here.
"""

import asyncio

from starlette.types import Message, Receive

from casso.clock import ticks

BURST = 200
A_SECOND = 40.0


class Pace:
    """A bucket of `BURST` messages that fills up again with `A_SECOND` a second."""

    def __init__(self) -> None:
        self._left = float(BURST)
        self._at = ticks()

    def wait_seconds(self) -> float:
        """Take one message out; how long it must wait until it counts."""
        moment = ticks()
        self._left = min(BURST, self._left + (moment - self._at) * A_SECOND) - 1
        self._at = moment
        return max(0.0, -self._left / A_SECOND)


def paced(receive: Receive) -> Receive:
    """The same messages, none of them sooner than the pace allows."""
    pace = Pace()

    async def slowly() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive" and (wait := pace.wait_seconds()):
            await asyncio.sleep(wait)
        return message

    return slowly
