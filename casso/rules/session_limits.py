"""How long a session lasts: two weeks without a visit, sixty days however often it is used."""

from datetime import datetime, timedelta

IDLE_LIMIT = timedelta(days=14)
ABSOLUTE_LIMIT = timedelta(days=60)


def is_over(expires_at: datetime, last_seen_at: datetime, now: datetime) -> bool:
    """Whether a session has reached one of its limits."""
    return expires_at <= now or last_seen_at + IDLE_LIMIT <= now
