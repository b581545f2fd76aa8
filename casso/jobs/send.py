"""Due mail leaves: batch after batch, until nothing is due or enough was done for one run."""

from collections.abc import Callable

from casso.services import delivery, notice_sending

BATCH = 20


def send_waiting(limit: int = 200) -> int:
    """Send at most that many due answers; returns how many were tried."""
    return _in_batches(delivery.send_due, limit)


def send_notices(limit: int = 200) -> int:
    """Send at most that many due notices; returns how many were tried."""
    return _in_batches(notice_sending.send_due, limit)


def _in_batches(send_due: Callable[[int], int], limit: int) -> int:
    count = 0
    while count < limit:
        tried = send_due(min(BATCH, limit - count))
        count += tried
        if tried < BATCH:
            break
    return count
