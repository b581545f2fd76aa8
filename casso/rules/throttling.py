"""How many tries are free, and how long one waits after too many: growing waits, never a lock.

Pure: what stands in the table comes in, what shall stand there goes out.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` tries in a window cost nothing; then waits double from the first to the longest."""

    free: int
    first_wait: timedelta
    longest_wait: timedelta
    window: timedelta


@dataclass(frozen=True, slots=True)
class Count:
    """Tries so far; `started_at` is when the window began."""

    tries: int
    started_at: datetime
    blocked_until: datetime | None = None


def wait_left(count: Count, limit: Limit, now: datetime) -> timedelta:
    """How long to wait; zero when a try is free now. A clock set back never makes it longer than a wait."""
    if count.blocked_until is None or count.blocked_until <= now:
        return timedelta(0)
    return min(count.blocked_until - now, limit.longest_wait)


def with_try(count: Count, limit: Limit, now: datetime) -> Count:
    """The count after one more try; a window that is over (or lies in the future) starts anew."""
    last = max(count.started_at, count.blocked_until or count.started_at)
    if now >= last + limit.window or count.started_at > now:
        count = Count(tries=0, started_at=now)
    tries = count.tries + 1
    return replace(count, tries=tries, blocked_until=_blocked_until(tries, limit, now))


def _blocked_until(tries: int, limit: Limit, now: datetime) -> datetime | None:
    over = tries - limit.free
    if over < 0:
        return None
    doubled = limit.first_wait * (1 << min(over, 30))
    return now + min(doubled, limit.longest_wait)
