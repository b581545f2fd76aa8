"""Mail that did not become a message: tried again, and after three failures kept where it is seen.

The row changes first, the file moves after; a crash between the two is mended by
the next run (jobs/receive). Nothing here loses the bytes.
"""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from casso.access import Actor, require
from casso.clock import now
from casso.db import transaction
from casso.enums import ChangeKind, SpoolState
from casso.errors import Invalid, NotFound
from casso.gateways import spool
from casso.models import SpooledMail
from casso.queries.quarantine import UNREADABLE
from casso.rules.permissions import Action
from casso.services.intake_values import Lease, LeaseLost
from casso.services.trail import announce, once, record
from casso.values.mail import Envelope

TRIES = 3
WAITS = (timedelta(seconds=30), timedelta(minutes=5))
PAUSE = timedelta(seconds=5)
SECOND_LOOK = timedelta(minutes=1)
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
    # Looked at once more soon: the address may have been given to a mailbox while this was decided.
    _update(
        lease,
        envelope,
        state=SpoolState.UNROUTED,
        error="unrouted",
        organization_id=None,
        next_try_at=now() + SECOND_LOOK,
    )
    spool.keep_aside(lease.spool_id, spool.UNROUTED)


def set_copied(lease: Lease, envelope: Envelope) -> None:
    """Finish a mail that was put back into the spool once for each of its recipients."""
    _update(lease, envelope, state=SpoolState.DONE, error="", organization_id=None)


def postpone(lease: Lease) -> None:
    """Give a mail back because something else is in trouble: no failure is counted."""
    _update(lease, None, state=SpoolState.WAITING, next_try_at=now() + PAUSE)


def run_again(actor: Actor, spooled_id: int, *, intent: str = "") -> None:
    """Put a kept mail back into the queue, say after a fix. Raises NotFound, NotAllowed, AlreadyDone."""
    _send_back(actor, spooled_id, "mail.run_again", ordered_by=None, intent=intent)


def take_as_ticket(actor: Actor, spooled_id: int, *, intent: str = "") -> None:
    """Have a kept mail taken in as an ordinary ticket, whatever the guards say; never answered by itself.

    Raises NotFound, NotAllowed, AlreadyDone, and Invalid for a mail that cannot be read.
    """
    _send_back(actor, spooled_id, "mail.taken_in", ordered_by=actor.account_id, intent=intent)


def put_back(session: Session, found: SpooledMail) -> None:
    """Put a mail, its row locked, into the queue as if it had just come."""
    folder = FOLDERS[SpoolState(found.state)]
    found.state, found.attempts, found.next_try_at = SpoolState.WAITING, 0, None
    session.flush()
    # Moved before the commit: were it after, a crash would leave a waiting mail outside the queue.
    spool.bring_back(found.spool_id, folder)


def put_away(spool_id: str) -> None:
    """Move a file that lies in the queue to where its row says it is kept.

    Under the row's lock, because somebody may be putting it back this very moment.
    """
    with transaction() as session:
        state = session.exec(
            select(SpooledMail.state).where(SpooledMail.spool_id == spool_id).with_for_update()
        ).one()
        if state in FOLDERS:
            spool.keep_aside(spool_id, FOLDERS[SpoolState(state)])


def _send_back(actor: Actor, spooled_id: int, action: str, *, ordered_by: int | None, intent: str) -> None:
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
        if ordered_by is not None and found.error in UNREADABLE:
            raise Invalid("error.mail_unreadable")
        found.ordered_by_id = ordered_by
        put_back(session, found)
        record(session, actor, action, before=found.error, after=str(spooled_id))
        announce(session, actor, ChangeKind.SETTINGS)


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
