"""What every act on a ticket begins and ends with: permission, intent, lock, version; trail and change."""

from datetime import datetime

from sqlmodel import Session, col, select

from casso.access import Actor, require, visible_tickets
from casso.enums import OPEN_STATUSES, ChangeKind, Status
from casso.errors import Conflict, NotFound
from casso.models import ReadMark, Ticket
from casso.queries.shown import is_id
from casso.rules.permissions import Action
from casso.services.trail import announce, once, record
from casso.services.upsert import insert_into


def open_for_writing(
    session: Session, actor: Actor, number: int, *, intent: str, version: int | None = None
) -> Ticket:
    """The ticket, locked. Raises NotAllowed, AlreadyDone, NotFound, and Conflict when `version` is stale."""
    require(actor, Action.WRITE_TICKETS)
    if not is_id(number):
        raise NotFound("error.ticket_not_found", number=number)
    once(session, actor, intent)
    found = session.exec(
        select(Ticket).where(visible_tickets(actor), Ticket.number == number).with_for_update()
    ).first()
    if found is None:
        raise NotFound("error.ticket_not_found", number=number)
    if version is not None and found.version != version:
        raise Conflict()
    return found


def lock_by_id(session: Session, actor: Actor, ticket_id: int) -> Ticket:
    """The ticket of a message, locked. Raises NotFound."""
    found = session.exec(
        select(Ticket).where(visible_tickets(actor), col(Ticket.id) == ticket_id).with_for_update()
    ).first()
    if found is None:
        raise NotFound()
    return found


def note_change(session: Session, actor: Actor, ticket: Ticket, what: str, *, before: str, after: str) -> int:
    """Trail line, version and news for a changed ticket; returns the new version."""
    ticket.version += 1
    record(session, actor, f"ticket.{what}", ticket_id=ticket.id, before=before, after=after)
    announce(session, actor, ChangeKind.TICKET_CHANGED, ticket_id=ticket.id)
    return ticket.version


def move_to(session: Session, actor: Actor, ticket: Ticket, status: Status, *, at: datetime) -> int:
    """Set the status with all that follows from it; the same status again changes nothing."""
    before = ticket.status
    if before == status:
        return ticket.version
    ticket.status = status
    ticket.is_open = status in OPEN_STATUSES
    ticket.closed_at = None if ticket.is_open else (ticket.closed_at or at)
    return note_change(session, actor, ticket, "status", before=before, after=status)


def mark_read_up_to(session: Session, actor: Actor, ticket: Ticket) -> None:
    """The actor has seen everything in the ticket."""
    assert ticket.id is not None
    statement = insert_into(session, ReadMark).values(
        organization_id=actor.organization_id,
        account_id=actor.account_id,
        ticket_id=ticket.id,
        last_message_id=ticket.last_message_id,
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["organization_id", "account_id", "ticket_id"],
            set_={"last_message_id": ticket.last_message_id},
        )
    )
