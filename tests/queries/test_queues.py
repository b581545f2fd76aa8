"""The queues: fifty rows by index, cursors that neither repeat nor skip, nobody else's rows."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from casso import db
from casso.access import Actor
from casso.enums import CLOSED_STATUSES, OPEN_STATUSES, Queue, Role
from casso.errors import NotFound
from casso.models import Customer, Ticket
from casso.queries import queues
from casso.queries.tickets import count_queues, get_row, list_queue
from casso.rules.addresses import new_reply_token
from casso.services import replies, tickets
from tests.desks import START, Desk
from tests.queries.plans import plans, recorded
from tests.services.mails import mail, take_in


def fill(desk: Desk, count: int, *, organization_id: int = 0, minutes: int = 1) -> None:
    """Tickets 1…count, each a minute after the one before (several at the same moment with minutes=0)."""
    here = organization_id or desk.mine.organization_id
    with db.transaction(here) as session:
        customer = Customer(organization_id=here, email="anna@customer.test", name="Anna", created_at=START)
        session.add(customer)
        session.flush()
        assert customer.id is not None
        session.add_all(
            Ticket(
                organization_id=here,
                number=number,
                subject=f"Ticket {number}",
                customer_id=customer.id,
                reply_token=new_reply_token(),
                last_activity_at=START + timedelta(minutes=number * minutes),
                created_at=START,
            )
            for number in range(1, count + 1)
        )


def numbers(actor: Actor, queue: str, **more: str) -> list[int]:
    return [row.number for row in list_queue(actor, queue, **more).rows]  # type: ignore[arg-type]


def walked(actor: Actor, queue: str, limit: int) -> list[int]:
    """All numbers of a queue, page after page."""
    found: list[int] = []
    cursor = ""
    while True:
        page = list_queue(actor, queue, cursor=cursor, limit=limit)
        found += [row.number for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            return found


def test_the_newest_activity_stands_first(desk: Desk) -> None:
    fill(desk, 3)
    assert numbers(desk.owner, "open") == [3, 2, 1]


@pytest.mark.parametrize("minutes", [0, 1])
def test_pages_show_every_ticket_once(desk: Desk, minutes: int) -> None:
    fill(desk, 23, minutes=minutes)
    assert walked(desk.owner, "open", 5) == list(range(23, 0, -1))
    assert walked(desk.owner, "unassigned", 23) == list(range(23, 0, -1))


def test_a_ticket_that_moves_up_meanwhile_is_not_repeated_below(desk: Desk) -> None:
    fill(desk, 6)
    first = list_queue(desk.owner, "open", limit=3)
    with db.transaction(desk.mine.organization_id) as session:
        session.execute(
            update(Ticket)
            .where(col(Ticket.organization_id) == desk.mine.organization_id, col(Ticket.number) == 5)
            .values(last_activity_at=START + timedelta(days=1))
        )
    assert numbers(desk.owner, "open", cursor=first.next_cursor) == [3, 2, 1]


@pytest.mark.parametrize(
    "cursor", ["x", "-", "1", "1-", "-1", "9" * 30 + "-1", "1-" + "9" * 30, "٣-٣", "1-1' OR 1=1"]
)
def test_a_cursor_that_is_not_ours_begins_at_the_top(desk: Desk, cursor: str) -> None:
    fill(desk, 2)
    assert numbers(desk.owner, "open", cursor=cursor) == [2, 1]


def test_each_queue_holds_what_its_name_says(desk: Desk) -> None:
    fill(desk, 4)
    tickets.assign_ticket(desk.owner, 2, account_id=desk.owner.account_id)
    tickets.set_status(desk.owner, 3, status="closed")
    tickets.set_status(desk.owner, 4, status="pending")
    assert numbers(desk.owner, "open") == [4, 2, 1]
    assert numbers(desk.owner, "mine") == [2]
    assert numbers(desk.owner, "unassigned") == [4, 1]
    assert numbers(desk.owner, "closed") == [3]
    assert numbers(desk.owner, "open", status="pending") == [4]
    counted = {found.queue: found.count for found in count_queues(desk.owner)}
    assert counted == {"mine": 1, "unassigned": 2, "open": 3, "closed": 1}
    assert list_queue(desk.owner, "open").count == 3


def divided(actor: Actor, queue: str, **more: str) -> dict[str, int]:
    """How a queue divides by status."""
    return {one.status: one.count for one in list_queue(actor, queue, **more).statuses}  # type: ignore[arg-type]


def test_a_queue_says_how_many_of_each_status_it_holds(desk: Desk) -> None:
    fill(desk, 7)
    fill(desk, 3, organization_id=desk.other.organization_id)
    for number, status in ((1, "open"), (2, "pending"), (3, "pending"), (4, "solved"), (5, "closed")):
        tickets.set_status(desk.owner, number, status=status)
    tickets.assign_ticket(desk.owner, 2, account_id=desk.owner.account_id)
    tickets.assign_ticket(desk.owner, 6, account_id=desk.owner.account_id)
    assert divided(desk.owner, "open") == {"new": 2, "open": 1, "pending": 2}
    assert divided(desk.owner, "unassigned") == {"new": 1, "open": 1, "pending": 1}
    assert divided(desk.owner, "mine") == {"new": 1, "open": 0, "pending": 1}
    assert divided(desk.owner, "closed") == {"solved": 1, "closed": 1}
    assert divided(desk.owner, "open", status="new") == divided(desk.owner, "open")


def test_an_unknown_queue_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        list_queue(desk.owner, "everything")


def test_nobody_sees_another_organizations_tickets(desk: Desk) -> None:
    fill(desk, 2, organization_id=desk.other.organization_id)
    for queue in Queue:
        assert list_queue(desk.owner, queue).rows == ()
    assert all(found.count == 0 for found in count_queues(desk.owner))
    with db.reading(desk.other.organization_id) as session:
        theirs = session.execute(
            select(col(Ticket.id)).where(col(Ticket.organization_id) == desk.other.organization_id)
        ).scalars().first()  # fmt: skip
    for ticket_id in (theirs or 0, 0, -1, 2**40):
        with pytest.raises(NotFound):
            get_row(desk.owner, ticket_id)
    assert get_row(desk.other.owner, theirs or 0).number == 1


def test_a_row_says_who_wrote_last_and_who_has_it(desk: Desk) -> None:
    take_in(mail())
    tickets.assign_ticket(desk.owner, 1, account_id=desk.owner.account_id)
    replies.send_reply(desk.owner, 1, text="Hello\nAnna " + "x" * 500)
    (row,) = list_queue(desk.owner, "mine").rows
    assert (row.customer_name, row.assignee_name, row.assignee_initials) == (
        "Anna Berg",
        "Olga Example",
        "OE",
    )
    assert row.last_author == "Olga"
    assert row.preview.startswith("Hello Anna xxx")
    assert len(row.preview) <= 120
    assert row.age_iso.endswith("Z")
    assert not row.is_unread


def test_counts_stop_at_a_thousand(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MOST_COUNTED", 3)
    fill(sqlite_desk, 5)
    assert list_queue(sqlite_desk.owner, "open").count == 3
    assert divided(sqlite_desk.owner, "open") == {"new": 3, "open": 0, "pending": 0}


@pytest.mark.parametrize("queue", list(Queue))
@pytest.mark.parametrize("cursor", ["", "1772442000000000-5"])
@pytest.mark.parametrize("status", ["", "open"])
def test_every_queue_is_read_by_its_index_without_sorting(
    sqlite_desk: Desk, queue: Queue, cursor: str, status: str
) -> None:
    found = plans(lambda: list_queue(sqlite_desk.owner, queue, cursor=cursor, status=status))
    index = "ix_ticket_assignee" if queue in (Queue.MINE, Queue.UNASSIGNED) else "ix_ticket_queue"
    assert len(found) == 2
    assert f"ticket USING INDEX {index}" in found[0]
    for plan in found:
        assert "TEMP B-TREE" not in plan
        assert "SCAN ticket" not in plan
    if cursor:
        assert "last_activity_at<?" in found[0]


def test_counting_reads_indexes_only(sqlite_desk: Desk) -> None:
    (plan,) = plans(lambda: count_queues(sqlite_desk.owner))
    assert plan.count("USING COVERING INDEX") == len(Queue)
    assert "SCAN ticket" not in plan


@pytest.mark.parametrize("queue", list(Queue))
def test_counting_by_status_reads_indexes_only_too(sqlite_desk: Desk, queue: Queue) -> None:
    plan = plans(lambda: list_queue(sqlite_desk.owner, queue))[1]
    statuses = CLOSED_STATUSES if queue is Queue.CLOSED else OPEN_STATUSES
    assert plan.count("USING COVERING INDEX") == len(Queue) + len(statuses)
    whose = " AND assignee_id=?" if queue in (Queue.MINE, Queue.UNASSIGNED) else ""
    used = f"ix_ticket_status (organization_id=? AND is_open=? AND status=?{whose})"
    assert plan.count(used) == len(statuses), plan


def test_a_queue_of_many_tickets_takes_as_many_statements_as_an_empty_one(desk: Desk) -> None:
    with recorded() as empty:
        list_queue(desk.owner, "open")
    fill(desk, 60)
    with recorded() as full:
        assert len(list_queue(desk.owner, "open").rows) == 50
    assert len(full) == len(empty) == 2


def test_the_system_and_viewers_may_look(desk: Desk) -> None:
    fill(desk, 1)
    for actor in (desk.system, Actor(desk.mine.organization_id, desk.owner.account_id, Role.VIEWER)):
        assert numbers(actor, "open") == [1]
