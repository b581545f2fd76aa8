"""Mail kept for want of a mailbox is looked at again when one may have got its address."""

from casso.jobs.stopping import stopping
from casso.services import unrouted


def reroute_due() -> int:
    """Look at everything that is due; returns how many mails went back into the queue."""
    count = 0
    while not stopping.is_set():
        done = unrouted.look_again()
        count += done.found
        if done.looked_at < unrouted.AT_ONCE:
            break
    return count
