"""How often somebody may knock: counts in this process, or in Redis when several share the work.

Only against floods, so a count that cannot be kept lets people in: without Redis there is
no desk anyway. Tries of passwords and codes are counted elsewhere, in the database, where
a restart forgets nothing (services/throttles.py).
"""

import logging
from functools import cache
from typing import NamedTuple

from limits import RateLimitItemPerSecond
from limits.aio.strategies import FixedWindowRateLimiter
from limits.storage import storage_from_string

from casso.config import settings

log = logging.getLogger(__name__)


class Limit(NamedTuple):
    """At most `most` in each window of `seconds`."""

    name: str
    most: int
    seconds: int


# A person who holds a key down makes 30 events a second; a page that comes back asks for a dozen at once.
EVENTS_OF_SESSION = Limit("events", 600, 10)
# A stranger has nothing to click, but fifty tabs may lose their sessions at the same moment.
EVENTS_OF_STRANGER = Limit("strangers", 600, 10)
# Fifty agents behind one address, each with four tabs, come back at the same moment after a restart.
SOCKETS_OF_NETWORK = Limit("sockets", 400, 60)
# Forms, uploads, sign-ins of the same fifty; reading is not counted.
POSTS_OF_NETWORK = Limit("posts", 1200, 60)


async def take(limit: Limit, key: str) -> bool:
    """Count one more; False when it is one too many."""
    try:
        return await _strategy().hit(_item(limit), limit.name, key)
    except Exception as error:
        log.warning("limit not counted: %s", type(error).__name__, extra={"event": "limit.lost"})
        return True


@cache
def _item(limit: Limit) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(limit.most, limit.seconds, namespace="casso")


@cache
def _strategy() -> FixedWindowRateLimiter:
    url = settings().redis_url
    if not url:
        return FixedWindowRateLimiter(storage_from_string("async+memory://"))
    storage = storage_from_string(f"async+{url}", implementation="redispy")
    return FixedWindowRateLimiter(storage)
