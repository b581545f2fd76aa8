"""The only place that asks for the time, so that tests can set it.

`now()` is an aware UTC moment for the database; `ticks()` is a monotonic count
of seconds for measuring how long something took.
"""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def ticks() -> float:
    """Seconds on a clock that never goes back; only differences mean anything."""
    return time.monotonic()
