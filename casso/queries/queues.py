"""The stock queues: fifty tickets, newest activity first, read from one index whatever the size.

The cursor is a place (moment and id), not a page number, so a queue that grows
meanwhile neither repeats nor skips a ticket. Counts stop at a thousand: what they
cost does not grow with the desk.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, literal_column, select, true, tuple_
from sqlmodel import Session, col

from casso.access import Actor, require, visible_tickets
from casso.db import reading
from casso.enums import CLOSED_STATUSES, OPEN_STATUSES, Queue
from casso.errors import NotFound
from casso.models import Account, Customer, ReadMark, Ticket
from casso.queries.rows import QueueCount, QueuePage, QueueRow, StatusCount
from casso.queries.shown import full_name, initials, is_id, iso, picture
from casso.rules.permissions import Action

MOST_COUNTED = 1000
MOST_ROWS = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Shown(NamedTuple):
    """What a row needs of its ticket, in the order of SHOWN; a whole ticket costs three times as much."""

    id: int
    number: int
    subject: str
    preview: str
    category: str
    status: str
    priority: str
    last_activity_at: datetime
    attachment_count: int
    last_message_id: int
    last_author: str


SHOWN = tuple(col(getattr(Ticket, name)) for name in Shown._fields)


def list_queue(
    actor: Actor, queue: Queue | str, *, cursor: str = "", limit: int = 50, status: str = ""
) -> QueuePage:
    """One page of a queue, after `cursor` (a row's key); `status` narrows it. Raises NotFound."""
    return look_at_queue(actor, queue, cursor=cursor, limit=limit, status=status)[0]


def look_at_queue(
    actor: Actor, queue: Queue | str, *, cursor: str = "", limit: int = 50, status: str = ""
) -> tuple[QueuePage, tuple[QueueCount, ...]]:
    """A page of a queue and what all queues hold: what an open list reads at every change."""
    require(actor, Action.READ_TICKETS)
    wanted = queue_of(queue)
    limit = max(1, min(limit, MOST_ROWS))
    statement = queue_statement(actor, wanted, cursor=cursor, limit=limit + 1, status=status)
    with reading(actor.organization_id) as session:
        found = session.execute(statement).all()
        counts, statuses = count_with_statuses(session, actor, tuple(Queue), wanted)
    rows = tuple(row_of(one) for one in found[:limit])
    by_queue = tuple(QueueCount(queue=one, count=count) for one, count in zip(Queue, counts, strict=True))
    page = QueuePage(
        rows=rows,
        next_cursor=rows[-1].key if len(found) > limit else "",
        count=counts[list(Queue).index(wanted)],
        statuses=statuses,
    )
    return page, by_queue


def count_queues(actor: Actor) -> tuple[QueueCount, ...]:
    """How many tickets every stock queue holds, each at most MOST_COUNTED."""
    require(actor, Action.READ_TICKETS)
    with reading(actor.organization_id) as session:
        counts = count_in(session, actor, tuple(Queue))
    return tuple(QueueCount(queue=queue, count=count) for queue, count in zip(Queue, counts, strict=True))


def get_row(actor: Actor, ticket_id: int) -> QueueRow:
    """One ticket as the queues show it, by its id (live updates name ids). Raises NotFound."""
    require(actor, Action.READ_TICKETS)
    if not is_id(ticket_id):
        raise NotFound()
    with reading(actor.organization_id) as session:
        found = session.execute(_rows_of(actor).where(col(Ticket.id) == ticket_id)).first()
    if found is None:
        raise NotFound()
    return row_of(found)


def queue_statement(
    actor: Actor, queue: Queue, *, cursor: str, limit: int, status: str
) -> Select[*tuple[Any, ...]]:
    """The statement behind `list_queue`; a test explains it and insists on the index."""
    statement = _rows_of(actor).where(_in_queue(actor, queue))
    if status:
        statement = statement.where(col(Ticket.status) == status)
    place = _place(cursor)
    if place is not None:
        statement = statement.where(tuple_(col(Ticket.last_activity_at), col(Ticket.id)) < place)
    return statement.order_by(*_order(queue)).limit(limit)


def key_of(moment: datetime, ticket_id: int) -> str:
    """The cursor of a row: microseconds since 1970 and id."""
    return f"{(moment - _EPOCH) // timedelta(microseconds=1)}-{ticket_id}"


def queue_of(name: Queue | str) -> Queue:
    """The stock queue of that name. Raises NotFound."""
    try:
        return Queue(name)
    except ValueError:
        raise NotFound() from None


def _place(cursor: str) -> tuple[datetime, int] | None:
    """What a cursor says; anything but one of ours begins at the newest."""
    moment, _, ticket_id = cursor.partition("-")
    if not (moment.isascii() and moment.isdecimal() and ticket_id.isascii() and ticket_id.isdecimal()):
        return None
    if len(moment) > 17 or len(ticket_id) > 10 or not is_id(int(ticket_id)):
        return None
    return _EPOCH + timedelta(microseconds=int(moment)), int(ticket_id)


def _in_queue(actor: Actor, queue: Queue) -> ColumnElement[bool]:
    is_open = col(Ticket.is_open)
    match queue:
        case Queue.MINE:
            return and_(is_open == true(), col(Ticket.assignee_id) == _who(actor))
        case Queue.UNASSIGNED:
            return and_(is_open == true(), col(Ticket.assignee_id).is_(None))
        case Queue.OPEN:
            return is_open == true()
        case Queue.CLOSED:
            return is_open == false()


def _order(queue: Queue) -> tuple[ColumnElement[Any], ...]:
    newest = (col(Ticket.last_activity_at).desc(), col(Ticket.id).desc())
    if queue is Queue.UNASSIGNED:  # PostgreSQL walks the index only when its null column is named too
        return (col(Ticket.assignee_id).desc(), *newest)
    return newest


def _who(actor: Actor) -> int:
    """The person's account; nobody's is 0, so that a statement has the same shape for everybody."""
    return actor.account_id or 0


def _rows_of(actor: Actor) -> Select[*tuple[Any, ...]]:
    own_mark = and_(
        col(ReadMark.organization_id) == actor.organization_id,
        col(ReadMark.account_id) == _who(actor),
        col(ReadMark.ticket_id) == col(Ticket.id),
    )
    its_customer = and_(
        col(Customer.id) == col(Ticket.customer_id),
        col(Customer.organization_id) == actor.organization_id,
    )
    return (
        select(
            *SHOWN,
            col(Customer.name),
            col(Customer.email),
            col(Account.first_name),
            col(Account.last_name),
            col(Account.email),
            col(Account.id),
            col(Account.picture_key),
            col(ReadMark.last_message_id),
        )
        .join(Customer, its_customer)
        .join(Account, col(Account.id) == col(Ticket.assignee_id), isouter=True)
        .join(ReadMark, own_mark, isouter=True)
        .where(visible_tickets(actor))
    )


def row_of(found: Sequence[Any]) -> QueueRow:
    """What a line of `queue_statement` shows."""
    of_ticket, (customer_name, customer_email, *of_assignee, read_up_to) = (
        found[: len(SHOWN)],
        found[len(SHOWN) :],
    )
    first_name, last_name, email, account_id, picture_key = of_assignee
    ticket = Shown(*of_ticket)
    assignee = full_name(first_name, last_name, email)
    return QueueRow(
        number=ticket.number,
        subject=ticket.subject[:200],
        preview=ticket.preview[:120],
        customer_name=customer_name or customer_email,
        category=ticket.category,
        status=ticket.status,
        priority=ticket.priority,
        age_iso=iso(ticket.last_activity_at),
        assignee_initials=initials(assignee),
        assignee_name=assignee,
        attachment_count=ticket.attachment_count,
        is_unread=ticket.last_message_id > (read_up_to or 0),
        last_author=ticket.last_author,
        key=key_of(ticket.last_activity_at, ticket.id),
        assignee_picture=picture(account_id, picture_key),
    )


def count_in(session: Session, actor: Actor, queues: tuple[Queue, ...]) -> tuple[int, ...]:
    """One statement for all; each count walks at most MOST_COUNTED entries of an index."""
    return _counted(session, actor, [_in_queue(actor, queue) for queue in queues])


def count_with_statuses(
    session: Session, actor: Actor, queues: tuple[Queue, ...], wanted: Queue
) -> tuple[tuple[int, ...], tuple[StatusCount, ...]]:
    """The same, and how the wanted queue divides by status, still in one statement."""
    statuses = CLOSED_STATUSES if wanted is Queue.CLOSED else OPEN_STATUSES
    criteria = [_in_queue(actor, queue) for queue in queues]
    criteria += [and_(_in_queue(actor, wanted), col(Ticket.status) == status) for status in statuses]
    found = _counted(session, actor, criteria)
    by_status = zip(statuses, found[len(queues) :], strict=True)
    return found[: len(queues)], tuple(StatusCount(status, count) for status, count in by_status)


def _counted(session: Session, actor: Actor, criteria: list[ColumnElement[bool]]) -> tuple[int, ...]:
    parts = [
        select(func.count())
        .select_from(
            select(literal_column("1"))
            .select_from(Ticket)
            .where(visible_tickets(actor), criterion)
            .limit(MOST_COUNTED)
            .subquery()
        )
        .scalar_subquery()
        for criterion in criteria
    ]
    return tuple(int(found) for found in session.execute(select(*parts)).one())
