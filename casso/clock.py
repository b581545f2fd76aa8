"""The only place that asks for the time, so that tests and the demo can set it.

`now()` is an aware UTC moment for the database; `ticks()` is a monotonic count
of seconds for measuring how long something took. `pretend()` sets `now()` for
the work inside it, whoever asks.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_pretended: ContextVar[datetime | None] = ContextVar("casso_pretended_now", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _pretended.get() or datetime.now(UTC)


@contextmanager
def pretend(moment: datetime) -> Iterator[None]:
    """Inside, now() is this (aware) moment."""
    before = _pretended.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _pretended.reset(before)


def ticks() -> float:
    """Seconds on a clock that never goes back; only differences mean anything."""
    return time.monotonic()
