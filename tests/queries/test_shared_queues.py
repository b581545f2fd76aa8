"""One reading for many people says to each exactly what their own reading says."""

from dataclasses import replace

import pytest

from casso import access
from casso.access import Actor
from casso.enums import Queue, Role, Sees
from casso.errors import NotAllowed, NotFound
from casso.queries import queues
from casso.queries.queues import list_queue, look_at_queue
from casso.queries.shared_queues import count_queues_for, list_queue_for
from casso.services import tickets
from tests.desks import Desk
from tests.queries.colleagues import colleagues
from tests.queries.plans import plans, recorded
from tests.services.mails import mail, take_in

SHARED = (Queue.UNASSIGNED, Queue.OPEN, Queue.CLOSED)


def ids(people: list[Actor]) -> list[int]:
    return [person.account_id or 0 for person in people]


@pytest.fixture
def people(desk: Desk) -> list[Actor]:
    """Three people who have read and been given different things of the same six tickets."""
    for number in range(1, 7):
        take_in(mail(sender=f"c{number}@customer.test", subject=f"Ticket {number}"))
    found = [desk.owner, *colleagues(desk.mine, 2)]
    for number, person in ((1, found[1]), (2, found[1]), (3, found[2])):
        tickets.assign_ticket(desk.owner, number, account_id=person.account_id)
        tickets.mark_read(person, number)
    tickets.mark_read(found[0], 5)
    tickets.set_status(desk.owner, 6, status="closed")
    return found


@pytest.mark.parametrize("queue", SHARED)
@pytest.mark.parametrize("status", ["", "new"])
def test_everybody_is_shown_what_they_would_have_read_alone(
    people: list[Actor], queue: Queue, status: str
) -> None:
    first = list_queue(people[0], queue, limit=1).rows
    for cursor in ("", first[0].key if first else ""):
        shared = list_queue_for(people[0].sight, ids(people), queue, cursor=cursor, status=status)
        for person in people:
            assert shared.of(person) == look_at_queue(person, queue, cursor=cursor, status=status)


def test_what_one_person_read_stays_unread_for_the_others(people: list[Actor]) -> None:
    shared = list_queue_for(people[0].sight, ids(people), Queue.OPEN)
    unread = [[row.number for row in shared.of(person)[0].rows if row.is_unread] for person in people]
    assert unread == [[4, 3, 2, 1], [5, 4, 3], [5, 4, 2, 1]]


def test_a_ticket_that_moved_on_is_unread_again(people: list[Actor]) -> None:
    tickets.mark_read(people[1], 4)
    take_in(mail("More", subject="Re: [#4] Ticket 4", sender="c4@customer.test"))
    shared = list_queue_for(people[0].sight, ids(people), Queue.OPEN)
    assert shared.of(people[1]) == look_at_queue(people[1], Queue.OPEN)


def test_counts_are_everybodys_and_ones_own(people: list[Actor]) -> None:
    shared = count_queues_for(people[0].sight, ids(people))
    for person in people:
        assert shared.of(person) == queues.count_queues(person)


def test_own_tickets_are_counted_up_to_the_limit(
    people: list[Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "MOST_COUNTED", 1)
    counted = count_queues_for(people[0].sight, ids(people)).of(people[1])
    assert {row.queue: row.count for row in counted}["mine"] == 1


def test_a_page_ends_where_the_next_one_begins(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        take_in(mail(sender=f"c{number}@customer.test"))
    monkeypatch.setattr("casso.queries.shared_queues.PAGE", 2)
    owner = sqlite_desk.owner
    first, _ = list_queue_for(owner.sight, ids([owner]), Queue.OPEN).of(owner)
    rest, _ = list_queue_for(owner.sight, ids([owner]), Queue.OPEN, cursor=first.next_cursor).of(owner)
    assert [row.number for row in first.rows + rest.rows] == [3, 2, 1]
    assert rest.next_cursor == ""


def test_nobody_else_is_served_and_no_other_organization_is_read(people: list[Actor], desk: Desk) -> None:
    take_in(mail("canary", to=desk.other.address, subject="canary"), desk.other.address)
    stranger = desk.other.owner
    shared = list_queue_for(people[0].sight, [*ids(people), stranger.account_id or 0], Queue.OPEN)
    assert "canary" not in repr(shared)
    assert shared.counts.of(stranger)[0].count == 0
    with pytest.raises(KeyError):
        list_queue_for(people[0].sight, ids(people[:2]), Queue.OPEN).of(people[2])


def test_the_own_queue_is_read_by_nobody_but_its_person(people: list[Actor]) -> None:
    with pytest.raises(NotFound):
        list_queue_for(people[0].sight, ids(people), Queue.MINE)
    with pytest.raises(NotFound):
        list_queue_for(people[0].sight, ids(people), "nonsense")


def test_reading_for_others_needs_the_same_permission(
    people: list[Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "permissions_of", lambda *_args, **_more: frozenset())
    with pytest.raises(NotAllowed):
        list_queue_for(people[0].sight, ids(people), Queue.OPEN)
    with pytest.raises(NotAllowed):
        count_queues_for(people[0].sight, ids(people))


def test_twenty_people_take_as_many_statements_as_one(desk: Desk) -> None:
    take_in(mail())
    crowd = colleagues(desk.mine, 20)
    with recorded() as alone:
        list_queue_for(crowd[0].sight, ids(crowd[:1]), Queue.OPEN)
    with recorded() as together:
        list_queue_for(crowd[0].sight, ids(crowd), Queue.OPEN)
    assert len(together) == len(alone) == 4


def test_the_system_has_no_tickets_of_its_own(people: list[Actor], desk: Desk) -> None:
    assert list_queue(desk.system, Queue.MINE).rows == ()
    assert {row.queue: row.count for row in queues.count_queues(desk.system)}["mine"] == 0


@pytest.mark.parametrize("queue", SHARED)
def test_a_click_and_a_push_ask_by_the_same_statement(desk: Desk, queue: Queue) -> None:
    with recorded() as clicked:
        look_at_queue(desk.owner, queue)
    with recorded() as pushed:
        list_queue_for(desk.owner.sight, ids([desk.owner]), queue)
    assert {sql for sql, _ in clicked} <= {sql for sql, _ in pushed}


def test_what_is_read_for_many_is_read_by_indexes(sqlite_desk: Desk) -> None:
    take_in(mail())
    crowd = colleagues(sqlite_desk.mine, 3)
    found = plans(lambda: list_queue_for(crowd[0].sight, ids(crowd), Queue.OPEN))
    for plan in found:
        assert "SCAN ticket" not in plan
        assert "SCAN read_mark" not in plan
        assert "TEMP B-TREE" not in plan
    assert any("ticket USING COVERING INDEX ix_ticket_assignee" in plan for plan in found)


def test_a_sight_holds_no_person_and_keeps_every_right(desk: Desk) -> None:
    one = Actor(desk.mine.organization_id, 7, Role.AGENT, "Ann", "a@x.test", 3, "de", "Asia/Tokyo", "dark")
    other = Actor(desk.mine.organization_id, 8, Role.AGENT, "Bo", "b@x.test", 4)
    assert one.sight == other.sight
    assert (one.sight.account_id, one.sight.sign_in_id, one.sight.email) == (None, None, "")
    rights = {
        "organization_id": desk.other.organization_id,
        "role": Role.VIEWER,
        "own_role": ("x",),
        "is_operator": True,
        "sees": Sees.TEAMS,
        "seen_ids": (1,),
    }
    for name, value in rights.items():
        assert replace(one, **{name: value}).sight != one.sight, name  # type: ignore[arg-type]


def test_a_limited_view_is_shared_with_nobody(desk: Desk) -> None:
    limited = replace(desk.owner, sees=Sees.MAILBOXES, seen_ids=(1,))
    assert limited.sight.account_id == desk.owner.account_id
    assert replace(limited, account_id=99).sight != limited.sight
