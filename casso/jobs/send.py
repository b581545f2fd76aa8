"""Due mail leaves: batch after batch, until nothing is due or enough was done for one run."""

from casso.services import delivery

BATCH = 20


def send_waiting(limit: int = 200) -> int:
    """Send at most that many due mails; returns how many were tried."""
    count = 0
    while count < limit:
        tried = delivery.send_due(min(BATCH, limit - count))
        count += tried
        if tried < BATCH:
            break
    return count
