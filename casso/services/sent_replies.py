"""Second thoughts about an answer: taking it back before it leaves, sending it again when it failed.

Until the worker has claimed it, an answer can be taken back. What failed, or may or
may not have arrived, is sent again by a person only.
"""

from sqlalchemy import and_, func, select, update
from sqlmodel import Session, col

from casso.access import Actor, of_visible_ticket, require
from casso.clock import now
from casso.db import transaction
from casso.enums import ChangeKind, Delivery, MessageKind, Status
from casso.errors import Conflict, NotFound
from casso.models import Message, Outgoing, Ticket, TrailDetail, TrailEntry
from casso.queries.shown import is_id
from casso.rules.permissions import Action
from casso.services.intake_writing import preview_of
from casso.services.ticket_writing import lock_by_id, move_to
from casso.services.trail import announce, once, record

REPEATABLE = (Delivery.FAILED, Delivery.UNCERTAIN, Delivery.BOUNCED)


def undo_send(actor: Actor, message_id: int) -> str:
    """Take an answer back before it leaves; returns its text. Raises Conflict when it is too late."""
    require(actor, Action.WRITE_TICKETS)
    with transaction(actor.organization_id) as session:
        message = _reply(session, actor, message_id)
        ticket = lock_by_id(session, actor, message.ticket_id)
        mine = (col(Outgoing.organization_id) == actor.organization_id) & (
            col(Outgoing.message_id) == message_id
        )
        total = session.execute(select(func.count()).select_from(Outgoing).where(mine)).scalar_one()
        stopped = session.execute(
            update(Outgoing)
            .where(mine, col(Outgoing.state) == Delivery.QUEUED, col(Outgoing.attempts) == 0)
            .values(state=Delivery.CANCELED)
        ).rowcount  # type: ignore[attr-defined]
        if stopped != total or not total:
            raise Conflict("error.undo_too_late")
        message.delivery = Delivery.CANCELED
        _restore_status(session, actor, ticket, message)
        _restore_queue(session, actor, ticket)
        _restore_activity(session, actor, ticket, message)
        record(session, actor, "message.taken_back", ticket_id=ticket.id)
        announce(session, actor, ChangeKind.DELIVERY, ticket_id=ticket.id)
        return message.text


def send_again(actor: Actor, message_id: int, *, intent: str = "") -> None:
    """Send once more to those recipients whom it failed to reach, or may not have reached.

    Same Message-ID and same bytes, so that a mail program can tell a repeat. Raises Conflict
    when nothing is left to repeat.
    """
    require(actor, Action.WRITE_TICKETS)
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        message = _reply(session, actor, message_id)
        repeated = session.execute(
            update(Outgoing)
            .where(
                col(Outgoing.organization_id) == actor.organization_id,
                col(Outgoing.message_id) == message_id,
                col(Outgoing.state).in_(REPEATABLE),
            )
            .values(state=Delivery.QUEUED, due_at=now(), attempts=0, error="", lease_until=None)
        ).rowcount  # type: ignore[attr-defined]
        if not repeated:
            raise Conflict("error.nothing_to_repeat")
        record(session, actor, "message.sent_again", ticket_id=message.ticket_id, before=message.delivery)
        message.delivery, message.delivery_error = Delivery.QUEUED, ""
        announce(session, actor, ChangeKind.DELIVERY, ticket_id=message.ticket_id)


# Rows are locked in one order everywhere, ticket, outgoing, message, so that nobody waits in a circle.
def _reply(session: Session, actor: Actor, message_id: int) -> Message:
    if not is_id(message_id):
        raise NotFound()
    found: Message | None = session.execute(
        select(Message).where(
            col(Message.organization_id) == actor.organization_id,
            col(Message.id) == message_id,
            col(Message.kind) == MessageKind.REPLY,
            of_visible_ticket(actor, Message.ticket_id),
        )
    ).scalar()
    if found is None:
        raise NotFound()
    return found


def _restore_status(session: Session, actor: Actor, ticket: Ticket, message: Message) -> None:
    """Undo the status that was set together with the answer, unless somebody set another one since."""
    line = session.execute(
        select(col(TrailEntry.account_id), col(TrailDetail.before), col(TrailDetail.after))
        .join(
            TrailDetail,
            and_(
                col(TrailDetail.organization_id) == col(TrailEntry.organization_id),
                col(TrailDetail.number) == col(TrailEntry.number),
            ),
        )
        .where(
            col(TrailEntry.organization_id) == actor.organization_id,
            col(TrailEntry.ticket_id) == ticket.id,
            col(TrailEntry.action) == "ticket.status",
            col(TrailEntry.created_at) >= message.created_at,
        )
        .order_by(col(TrailEntry.number))
        .limit(1)
    ).first()
    if line is not None and line.account_id == message.account_id and line.after == ticket.status:
        move_to(session, actor, ticket, Status(line.before), at=now())


def _restore_queue(session: Session, actor: Actor, ticket: Ticket) -> None:
    """The queue shows again what the newest public message says."""
    before = session.execute(
        select(col(Message.text), col(Message.kind))
        .where(
            col(Message.organization_id) == actor.organization_id,
            col(Message.ticket_id) == ticket.id,
            col(Message.kind) != MessageKind.NOTE,
            col(Message.delivery) != Delivery.CANCELED,
        )
        .order_by(col(Message.id).desc())
        .limit(1)
    ).first()
    if before is not None:
        ticket.preview = preview_of(before.text)
        if before.kind == MessageKind.INCOMING:
            ticket.last_author = ""


def _restore_activity(session: Session, actor: Actor, ticket: Ticket, message: Message) -> None:
    """The row goes back to its place, unless something has happened in the ticket since."""
    before = session.execute(
        select(func.max(col(Message.id)), func.max(col(Message.created_at))).where(
            col(Message.organization_id) == actor.organization_id,
            col(Message.ticket_id) == ticket.id,
            col(Message.delivery) != Delivery.CANCELED,
        )
    ).one()
    if ticket.last_message_id == message.id:
        ticket.last_message_id = before[0] or 0
    if ticket.last_activity_at == message.created_at:
        ticket.last_activity_at = before[1] or ticket.created_at
