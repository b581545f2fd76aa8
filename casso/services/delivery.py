"""Sends what is due, each mail once. `sending` is committed before the first byte leaves.

A row found in `sending` after its lease ran out may or may not have been sent: it
becomes `uncertain`, and only a person repeats it. Failures of the moment are tried again
at stored times; the outcome is summed up on the message, the worst recipient first.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from casso.access import Actor, across_organizations
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import ChangeKind, Delivery
from casso.errors import GatewayError
from casso.failpoints import failpoint
from casso.gateways import outgoing, processes
from casso.models import Message, Outgoing
from casso.rules.addresses import plain_text
from casso.services.letters import build_mail, read_letter
from casso.services.trail import announce, record
from casso.values.mail import OutgoingMail

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # longer than any route may take (gateways/smtp.py: 5 minutes in all)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))
DUE = (Delivery.QUEUED, Delivery.RETRYING)
WORST_FIRST = (
    Delivery.FAILED,
    Delivery.BOUNCED,
    Delivery.UNCERTAIN,
    Delivery.RETRYING,
    Delivery.SENDING,
    Delivery.QUEUED,
    Delivery.SENT,
    Delivery.CANCELED,
)
ERROR_LIMIT = 500
NOT_BUILT = "The mail could not be put together; the log of the worker says why"
LOST = "The sending process stopped in the middle: the mail may or may not have been sent"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one try."""

    state: Delivery
    error: str = ""
    due_at: datetime | None = None


def send_due(limit: int = 20) -> int:
    """Try at most that many due mails; returns how many were tried."""
    give_up_lost()
    count = 0
    for row_id, organization_id in _due(limit):
        claimed = _claim(Actor.system(organization_id), row_id)
        if claimed is not None:
            _send(Actor.system(organization_id), claimed)
            count += 1
    return count


def give_up_lost() -> int:
    """Turn rows whose sender vanished in the act into `uncertain`; returns how many."""
    with reading() as session, across_organizations(session, "claims on outgoing mail"):
        lost = session.execute(
            select(col(Outgoing.lease_owner)).where(
                col(Outgoing.state) == Delivery.SENDING, col(Outgoing.lease_until) <= now()
            )
        ).scalars().all()  # fmt: skip
    return give_up(lost)


def give_up(owners: Sequence[str]) -> int:
    """The same for rows that these claims hold, however long their leases still run."""
    if not owners:
        return 0
    held = (col(Outgoing.state) == Delivery.SENDING, col(Outgoing.lease_owner).in_(owners))
    with reading() as session, across_organizations(session, "claims on outgoing mail"):
        lost = session.execute(select(col(Outgoing.id), col(Outgoing.organization_id)).where(*held)).all()
    for row_id, organization_id in lost:
        actor = Actor.system(organization_id)
        with transaction(actor.organization_id) as session:
            row = _locked(session, actor, row_id)
            if row.state == Delivery.SENDING and row.lease_owner in owners:
                _settle(session, actor, row, _Outcome(Delivery.UNCERTAIN, LOST))
    return len(lost)


def _due(limit: int) -> list[tuple[int, int]]:
    """Ids and organizations of due rows, the longest waiting first."""
    with reading() as session, across_organizations(session, "claims on outgoing mail"):
        rows = session.execute(
            select(col(Outgoing.id), col(Outgoing.organization_id))
            .where(col(Outgoing.state).in_(DUE), col(Outgoing.due_at) <= now())
            .order_by(col(Outgoing.due_at))
            .limit(limit)
        ).all()
    return [(int(row_id or 0), organization_id) for row_id, organization_id in rows]


def _claim(actor: Actor, row_id: int) -> Outgoing | None:
    """The row, now ours and `sending` in the database; None when another worker was faster."""
    moment = now()
    with transaction(actor.organization_id) as session:
        claimed = session.execute(
            update(Outgoing)
            .where(
                col(Outgoing.organization_id) == actor.organization_id,
                col(Outgoing.id) == row_id,
                col(Outgoing.state).in_(DUE),
                col(Outgoing.due_at) <= moment,
            )
            .values(
                state=Delivery.SENDING,
                lease_until=moment + LEASE,
                lease_owner=processes.new_mark(),
                attempts=Outgoing.attempts + 1,
            )
        ).rowcount  # type: ignore[attr-defined]
        if not claimed:
            return None
        row = _locked(session, actor, row_id)
        _sum_up(session, actor, row.message_id)
        return row


def _send(actor: Actor, row: Outgoing) -> None:
    """Build, hand over, and write down what became of it."""
    failpoint("delivery.claimed")
    try:
        outgoing.deliver(_built(actor, row))
        failpoint("delivery.handed_over")
        outcome = _Outcome(Delivery.SENT)
    except GatewayError as error:
        log.warning(
            "mail not sent",
            extra={"event": "delivery.failed", "outgoing_id": row.id, "code": error.code},
        )
        outcome = _judge(error, row.attempts)
    with transaction(actor.organization_id) as session:
        found = _locked(session, actor, row.id or 0)
        if found.lease_owner == row.lease_owner and found.state in (Delivery.SENDING, Delivery.UNCERTAIN):
            _settle(session, actor, found, outcome)
        failpoint("delivery.before_commit")


def _built(actor: Actor, row: Outgoing) -> OutgoingMail:
    """The mail's bytes. What cannot be put together has not left: it is told, never `uncertain`."""
    try:
        with reading(actor.organization_id) as session:
            letter, files = read_letter(session, actor, row)
        failpoint("delivery.building")
        return build_mail(letter, files, row)
    except (GatewayError, OperationalError):
        raise
    except Exception as error:
        log.exception("mail not built", extra={"event": "delivery.not_built", "outgoing_id": row.id})
        raise GatewayError(NOT_BUILT, permanent=True, code="not_built") from error


def _judge(error: GatewayError, attempts: int) -> _Outcome:
    """Uncertain stays with a person, refused is over, everything else waits for its next try."""
    text = plain_text(error.text)[:ERROR_LIMIT]
    if error.uncertain:
        return _Outcome(Delivery.UNCERTAIN, text)
    if error.permanent or attempts > len(WAITS):
        return _Outcome(Delivery.FAILED, text)
    return _Outcome(Delivery.RETRYING, text, due_at=now() + WAITS[attempts - 1])


def _settle(session: Session, actor: Actor, row: Outgoing, outcome: _Outcome) -> None:
    row.state, row.error, row.lease_until = outcome.state, outcome.error, None
    if outcome.due_at is not None:
        row.due_at = outcome.due_at
    if outcome.state is Delivery.SENT:
        row.sent_at = now()
    session.flush()
    ticket_id = _sum_up(session, actor, row.message_id)
    if outcome.state in (Delivery.FAILED, Delivery.UNCERTAIN):
        record(session, actor, f"message.{outcome.state}", ticket_id=ticket_id)


def _sum_up(session: Session, actor: Actor, message_id: int) -> int:
    """The message's mark is its worst recipient's; returns the ticket's id."""
    here = actor.organization_id
    message: Message = session.execute(
        select(Message)
        .where(col(Message.organization_id) == here, col(Message.id) == message_id)
        .with_for_update()
    ).scalar_one()
    rows = session.execute(
        select(col(Outgoing.state), col(Outgoing.error), col(Outgoing.sent_at)).where(
            col(Outgoing.organization_id) == here, col(Outgoing.message_id) == message_id
        )
    ).all()
    worst = min(rows, key=lambda row: WORST_FIRST.index(Delivery(row.state)))
    message.delivery = worst.state
    message.delivery_error = worst.error
    message.sent_at = max((row.sent_at for row in rows if row.sent_at), default=None)
    announce(session, actor, ChangeKind.DELIVERY, ticket_id=message.ticket_id)
    return message.ticket_id


def _locked(session: Session, actor: Actor, row_id: int) -> Outgoing:
    found: Outgoing = session.execute(
        select(Outgoing)
        .where(col(Outgoing.organization_id) == actor.organization_id, col(Outgoing.id) == row_id)
        .with_for_update()
    ).scalar_one()
    return found
