"""Mail in: into the spool as a listener does it, then taken in by one worker process."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from sqlmodel import col, select

from casso.access import Actor
from casso.clock import now, ticks
from casso.db import reading
from casso.enums import MailSource
from casso.gateways import spool
from casso.models import Message
from casso.services.bench.desk import process
from casso.services.bench.mails import small_mails
from casso.services.bench.timing import percentile

MAILS = 300
GIVE_UP_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class IngestFigures:
    """Mails a second through spool, parser, threading and commit; and the median time of one."""

    ingest_per_second: float | None
    ingest_ms_p50: float | None


def measure(actor: Actor, address: str, log: Path) -> IngestFigures:
    """Spool mails, then start a worker and let it take them in.

    The time is that of spooling plus that from the first to the last ticket, as if one
    came after the other; the worker's start is not counted.
    """
    before = _newest(actor)
    mails = small_mails(MAILS, to=address, moment=now())
    start = ticks()
    for raw in mails:
        spool.store(raw, source=MailSource.SMTP, recipient=address, received_at=now())
    spooling = ticks() - start
    with process("worker", log):
        moments = _wait(actor, before, len(mails))
    if len(moments) < len(mails):
        return IngestFigures(None, None)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    each_ms = [(gap + spooling / len(mails)) * 1000 for gap in gaps]
    taken = sum(gaps) * len(mails) / len(gaps)
    return IngestFigures(
        ingest_per_second=round(len(mails) / (spooling + taken), 1), ingest_ms_p50=percentile(each_ms, 0.5)
    )


def _wait(actor: Actor, before: int, count: int) -> Sequence[datetime]:
    """When each new message was judged, once all are there or time is up."""
    deadline = ticks() + GIVE_UP_SECONDS
    while len(_moments(actor, before)) < count and ticks() < deadline:
        time.sleep(0.3)
    return _moments(actor, before)


def _newest(actor: Actor) -> int:
    with reading(actor.organization_id) as session:
        found = session.exec(
            select(Message.id)
            .where(Message.organization_id == actor.organization_id)
            .order_by(col(Message.id).desc())
            .limit(1)
        ).first()
    return found or 0


def _moments(actor: Actor, after: int) -> Sequence[datetime]:
    with reading(actor.organization_id) as session:
        return session.exec(
            select(Message.created_at)
            .where(Message.organization_id == actor.organization_id, col(Message.id) > after)
            .order_by(col(Message.id))
        ).all()
