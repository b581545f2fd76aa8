"""A queue as several people see it at once: read one time, whatever their number.

The rows are read by an actor who is nobody in particular (`Actor.sight`), so they hold
nothing of one person. What does belong to a person comes beside, for all of them in one
statement each: what they have read, and how many tickets are theirs. The queue "mine" is
a person's own and is not read here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, literal_column, select, true
from sqlmodel import Session, col

from casso.access import Actor, require, visible_tickets
from casso.db import reading
from casso.enums import Queue
from casso.errors import NotFound
from casso.models import Account, ReadMark, Ticket
from casso.queries import queues
from casso.queries.rows import QueueCount, QueuePage, QueueRow, StatusCount
from casso.rules.permissions import Action

PAGE = 50


@dataclass(frozen=True, slots=True)
class SharedCounts:
    """What every queue holds; `of_mine` by account."""

    of_all: Mapping[Queue, int]
    of_mine: Mapping[int, int]

    def of(self, actor: Actor) -> tuple[QueueCount, ...]:
        """As this person sees them. Raises KeyError for somebody they were not read for."""
        held = {**self.of_all, Queue.MINE: self.of_mine[actor.account_id or 0]}
        return tuple(QueueCount(queue=queue, count=held[queue]) for queue in Queue)


@dataclass(frozen=True, slots=True)
class SharedRow:
    """One ticket's row for those who have read it and for those who have not."""

    ticket_id: int
    unread: QueueRow
    read: QueueRow


@dataclass(frozen=True, slots=True)
class SharedPage:
    """A page of a queue; `read_ids` are by account the tickets read to their end."""

    rows: tuple[SharedRow, ...]
    next_cursor: str
    queue: Queue
    counts: SharedCounts
    statuses: tuple[StatusCount, ...]
    read_ids: Mapping[int, frozenset[int]]

    def of(self, actor: Actor) -> tuple[QueuePage, tuple[QueueCount, ...]]:
        """As this person sees it. Raises KeyError for somebody it was not read for."""
        read = self.read_ids[actor.account_id or 0]
        rows = tuple(row.read if row.ticket_id in read else row.unread for row in self.rows)
        count = self.counts.of_all[self.queue]
        page = QueuePage(rows=rows, next_cursor=self.next_cursor, count=count, statuses=self.statuses)
        return page, self.counts.of(actor)


def list_queue_for(
    actor: Actor, account_ids: Sequence[int], queue: Queue | str, *, cursor: str = "", status: str = ""
) -> SharedPage:
    """A page of a queue for these people, who all have the actor's sight. Raises NotFound."""
    require(actor, Action.READ_TICKETS)
    wanted = queues.queue_of(queue)
    if wanted is Queue.MINE:
        raise NotFound()
    nobody = actor.sight
    statement = queues.queue_statement(nobody, wanted, cursor=cursor, limit=PAGE + 1, status=status)
    with reading(actor.organization_id) as session:
        found = session.execute(statement).all()
        tickets = [queues.Shown(*line[: len(queues.SHOWN)]) for line in found[:PAGE]]
        read_ids = _read_ids(session, nobody, account_ids, {one.id: one.last_message_id for one in tickets})
        of_all, statuses = queues.count_with_statuses(session, nobody, tuple(Queue), wanted)
        counts = _shared_counts(session, nobody, account_ids, of_all)
    rows = tuple(_shared_row(line) for line in found[:PAGE])
    next_cursor = rows[-1].unread.key if len(found) > PAGE else ""
    return SharedPage(rows, next_cursor, wanted, counts, statuses, read_ids)


def count_queues_for(actor: Actor, account_ids: Sequence[int]) -> SharedCounts:
    """What the queues hold for these people, who all have the actor's sight."""
    require(actor, Action.READ_TICKETS)
    with reading(actor.organization_id) as session:
        of_all = queues.count_in(session, actor.sight, tuple(Queue))
        return _shared_counts(session, actor.sight, account_ids, of_all)


def _shared_row(line: Sequence[Any]) -> SharedRow:
    unread = queues.row_of(line)  # nobody has read anything, so every ticket with a message is unread
    return SharedRow(line[0], unread, replace(unread, is_unread=False))


def _read_ids(
    session: Session, actor: Actor, account_ids: Sequence[int], newest: Mapping[int, int]
) -> dict[int, frozenset[int]]:
    """By account, which of these tickets were read up to their newest message."""
    read: dict[int, set[int]] = {account_id: set() for account_id in account_ids}
    found = session.execute(
        select(col(ReadMark.account_id), col(ReadMark.ticket_id), col(ReadMark.last_message_id)).where(
            col(ReadMark.organization_id) == actor.organization_id,
            col(ReadMark.account_id).in_(account_ids),
            col(ReadMark.ticket_id).in_(newest),
        )
    )
    for account_id, ticket_id, read_up_to in found:
        if read_up_to >= newest[ticket_id]:
            read[account_id].add(ticket_id)
    return {account_id: frozenset(ids) for account_id, ids in read.items()}


def _shared_counts(
    session: Session, actor: Actor, account_ids: Sequence[int], of_all: tuple[int, ...]
) -> SharedCounts:
    theirs = (
        select(literal_column("1"))
        .select_from(Ticket)
        .where(
            visible_tickets(actor),
            col(Ticket.is_open) == true(),
            col(Ticket.assignee_id) == col(Account.id),
        )
        .correlate(Account)
        .limit(queues.MOST_COUNTED)
        .subquery()
    )
    count = select(func.count()).select_from(theirs).scalar_subquery()
    of_mine = session.execute(select(col(Account.id), count).where(col(Account.id).in_(account_ids)))
    return SharedCounts(
        of_all=dict(zip(Queue, of_all, strict=True)),
        of_mine={account_id: int(number) for account_id, number in of_mine},
    )
