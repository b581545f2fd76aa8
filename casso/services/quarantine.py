"""Mail that did not become a message: tried again, and after three failures kept where it is seen.

The row changes first, the file moves after; a crash between the two is mended by
the next run (jobs/receive). Nothing here loses the bytes.
"""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col, select

from casso.access import Actor, require
from casso.clock import now
from casso.db import transaction
from casso.enums import ChangeKind, SpoolState
from casso.errors import NotFound
from casso.gateways import spool
from casso.models import SpooledMail
from casso.rules.permissions import Action
from casso.services.intake_values import Lease, LeaseLost
from casso.services.trail import announce, once, record
from casso.values.mail import Envelope

TRIES = 3
WAITS = (timedelta(seconds=30), timedelta(minutes=5))
PAUSE = timedelta(seconds=5)
FOLDERS = {SpoolState.QUARANTINED: spool.QUARANTINE, SpoolState.UNROUTED: spool.UNROUTED}


def note_failure(lease: Lease, code: str, *, envelope: Envelope | None, organization_id: int | None) -> bool:
    """Count a failure that is the mail's own; the third puts it aside. Returns whether it did."""
    if lease.attempts + 1 >= TRIES:
        set_aside(lease, code, envelope=envelope, organization_id=organization_id)
        return True
    _update(
        lease,
        envelope,
        state=SpoolState.WAITING,
        attempts=lease.attempts + 1,
        next_try_at=now() + WAITS[min(lease.attempts, len(WAITS) - 1)],
        error=code,
        organization_id=organization_id,
    )
    return False


def set_aside(lease: Lease, code: str, *, envelope: Envelope | None, organization_id: int | None) -> None:
    """Keep a mail that has no place or cannot be read; an organization's own sees it and is told."""
    _update(
        lease,
        envelope,
        state=SpoolState.QUARANTINED,
        attempts=lease.attempts + 1,
        error=code,
        organization_id=organization_id,
    )
    spool.keep_aside(lease.spool_id, spool.QUARANTINE)


def set_unrouted(lease: Lease, envelope: Envelope) -> None:
    """Keep a mail for an address nobody here has."""
    _update(lease, envelope, state=SpoolState.UNROUTED, error="unrouted", organization_id=None)
    spool.keep_aside(lease.spool_id, spool.UNROUTED)


def set_copied(lease: Lease, envelope: Envelope) -> None:
    """Finish a mail that was put back into the spool once for each of its recipients."""
    _update(lease, envelope, state=SpoolState.DONE, error="", organization_id=None)


def postpone(lease: Lease) -> None:
    """Give a mail back because something else is in trouble: no failure is counted."""
    _update(lease, None, state=SpoolState.WAITING, next_try_at=now() + PAUSE)


def run_again(actor: Actor, spooled_id: int, *, intent: str = "") -> None:
    """Put a kept mail back into the queue, say after a fix. Raises NotFound, NotAllowed, AlreadyDone."""
    require(actor, Action.MANAGE_MAILBOXES)
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        found = session.exec(
            select(SpooledMail)
            .where(SpooledMail.id == spooled_id, SpooledMail.organization_id == actor.organization_id)
            .where(SpooledMail.state == SpoolState.QUARANTINED)
            .with_for_update()
        ).first()
        if found is None:
            raise NotFound("error.not_found")
        found.state = SpoolState.WAITING
        found.attempts = 0
        found.next_try_at = None
        record(session, actor, "mail.run_again", after=str(spooled_id))
        announce(session, actor, ChangeKind.SETTINGS)
        session.flush()
        # Moved before the commit: were it after, a crash would leave a waiting mail outside the queue.
        spool.bring_back(found.spool_id, spool.QUARANTINE)


def _update(lease: Lease, envelope: Envelope | None, **values: object) -> None:
    """Change the spooled mail's row, if it is still ours. Raises LeaseLost."""
    if envelope is not None:
        values |= {
            "source": envelope.source,
            "recipient": envelope.recipient,
            "digest": envelope.digest,
            "received_at": envelope.received_at,
        }
    organization_id = values.get("organization_id")
    here = organization_id if isinstance(organization_id, int) else None
    with transaction(here) as session:
        changed = session.execute(
            update(SpooledMail)
            .where(
                col(SpooledMail.spool_id) == lease.spool_id,
                col(SpooledMail.state) == SpoolState.CLAIMED,
                col(SpooledMail.lease_until) == lease.until,
            )
            .values(lease_until=None, **values)
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost()
        if values["state"] == SpoolState.QUARANTINED and here is not None:
            announce(session, Actor.system(here), ChangeKind.SETTINGS)
