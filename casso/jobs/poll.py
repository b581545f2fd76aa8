"""Fetches due IMAP accounts, a few at a time, so that one slow mail server keeps nobody waiting."""

import logging
from concurrent.futures import ThreadPoolExecutor

from casso.jobs.stopping import stopping
from casso.services.fetching import Claim, claim_due, fetch

log = logging.getLogger(__name__)

SIDE_BY_SIDE = 4


def poll_due() -> int:
    """Fetch every account that is due; returns how many mails were stored."""
    claims = claim_due()
    if not claims:
        return 0
    with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(claims)), thread_name_prefix="poll") as pool:
        return sum(pool.map(_fetch, claims))


def _fetch(claim: Claim) -> int:
    """One account's failure is its own; its lease runs out and it is tried again."""
    if stopping.is_set():
        return 0
    try:
        return fetch(claim)
    except Exception:
        log.exception("fetch failed", extra={"imap_account_id": claim.account.id})
        return 0
