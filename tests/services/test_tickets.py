"""What agents set on tickets: each act once, on the version it was decided on, with a trail line and news."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlmodel import col

from casso import clock, db
from casso.access import Actor
from casso.enums import ChangeKind, Role
from casso.errors import AlreadyDone, Conflict, Invalid, NotAllowed, NotFound
from casso.models import Account, Change, Membership, Team, Ticket
from casso.queries.search import search_tickets
from casso.queries.tickets import get_ticket, list_queue
from casso.services import tickets
from tests.desks import Desk
from tests.services.mails import mail, take_in
from tests.trails import trail_of

Act = Callable[..., int]


@pytest.fixture
def number(desk: Desk) -> int:
    """A ticket of the first organization; the other has one with the same number."""
    take_in(mail(to=desk.other.address), desk.other.address)
    take_in(mail())
    return 1


def ticket(actor: Actor, number: int = 1) -> Ticket:
    with db.reading(actor.organization_id) as session:
        return session.execute(
            select(Ticket).where(
                col(Ticket.organization_id) == actor.organization_id, col(Ticket.number) == number
            )
        ).scalar_one()


def trail(actor: Actor) -> list[tuple[str, str, str]]:
    return [(line.action, line.before, line.after) for line in trail_of(actor.organization_id)]


def news(actor: Actor) -> list[str]:
    with db.reading(actor.organization_id) as session:
        found = session.execute(
            select(col(Change.kind)).where(col(Change.organization_id) == actor.organization_id)
        )
        return list(found.scalars())


def make_member(desk: Desk, name: str = "Ben", *, is_disabled: bool = False) -> int:
    moment = clock.now()
    with db.transaction(desk.mine.organization_id) as session:
        account = Account(
            email=f"{name.lower()}@example.test",
            first_name=name,
            created_at=moment,
            disabled_at=moment if is_disabled else None,
        )
        session.add(account)
        session.flush()
        assert account.id is not None
        session.add(
            Membership(
                organization_id=desk.mine.organization_id,
                account_id=account.id,
                role=Role.AGENT,
                created_at=moment,
            )
        )
        return account.id


def make_team(organization_id: int, name: str = "Billing") -> int:
    with db.transaction(organization_id) as session:
        team = Team(organization_id=organization_id, name=name, created_at=clock.now())
        session.add(team)
        session.flush()
        assert team.id is not None
        return team.id


@pytest.mark.parametrize(
    ("act", "values", "before", "after"),
    [
        (tickets.set_status, {"status": "pending"}, "new", "pending"),
        (tickets.set_priority, {"priority": "urgent"}, "normal", "urgent"),
        (tickets.set_work_type, {"work_type": "task"}, "question", "task"),
        (tickets.set_category, {"category": " Billing\n "}, "", "Billing"),
        (tickets.set_subject, {"subject": "Other\r\nwords"}, "Invoice", "Other words"),
        (tickets.set_tags, {"tags": ("VIP", " late ", "", "vip")}, "", "late, vip"),
    ],
)
def test_a_change_is_written_once_with_trail_and_news(
    desk: Desk, number: int, act: Act, values: dict[str, object], before: str, after: str
) -> None:
    version = ticket(desk.owner).version
    assert act(desk.owner, number, version=version, intent="i-1", **values) == version + 1
    action, was, became = trail(desk.owner)[-1]
    assert action == f"ticket.{act.__name__.removeprefix('set_')}"
    assert (was, became) == (before, after)
    assert news(desk.owner)[-1] == ChangeKind.TICKET_CHANGED
    with pytest.raises(AlreadyDone):
        act(desk.owner, number, version=version + 1, intent="i-1", **values)
    assert ticket(desk.owner).version == version + 1


@pytest.mark.parametrize(
    ("act", "values"),
    [
        (tickets.set_status, {"status": "closed"}),
        (tickets.set_priority, {"priority": "low"}),
        (tickets.set_work_type, {"work_type": "task"}),
        (tickets.set_category, {"category": "x"}),
        (tickets.set_subject, {"subject": "x"}),
        (tickets.set_tags, {"tags": ("x",)}),
        (tickets.assign_ticket, {"account_id": 1}),
        (tickets.assign_team, {"team_id": 1}),
    ],
)
class TestEveryAct:
    def test_on_a_stale_version_is_a_conflict(
        self, desk: Desk, number: int, act: Act, values: dict[str, object]
    ) -> None:
        lines = len(trail(desk.owner))
        with pytest.raises(Conflict):
            act(desk.owner, number, version=0, **values)
        assert len(trail(desk.owner)) == lines

    def test_on_no_ticket_is_not_found(
        self, desk: Desk, number: int, act: Act, values: dict[str, object]
    ) -> None:
        with pytest.raises(NotFound):
            act(desk.owner, 4711, **values)

    def test_by_a_viewer_is_not_allowed(
        self, desk: Desk, number: int, act: Act, values: dict[str, object]
    ) -> None:
        viewer = Actor(desk.mine.organization_id, desk.owner.account_id, Role.VIEWER)
        with pytest.raises(NotAllowed):
            act(viewer, number, **values)

    def test_leaves_another_organizations_ticket_of_that_number_alone(
        self, desk: Desk, number: int, act: Act, values: dict[str, object]
    ) -> None:
        before = ticket(desk.other.owner).version
        if act not in (tickets.assign_ticket, tickets.assign_team):
            act(desk.owner, number, **values)
        assert ticket(desk.other.owner).version == before


def test_the_same_value_again_changes_nothing(desk: Desk, number: int) -> None:
    version = ticket(desk.owner).version
    assert tickets.set_priority(desk.owner, number, priority="normal", version=version) == version
    assert tickets.set_tags(desk.owner, number, tags=(), version=version) == version
    assert tickets.assign_ticket(desk.owner, number, account_id=None, version=version) == version


def test_assigning_names_people_in_the_trail(desk: Desk, number: int) -> None:
    ben = make_member(desk)
    tickets.assign_ticket(desk.owner, number, account_id=desk.owner.account_id)
    tickets.assign_ticket(desk.owner, number, account_id=ben)
    tickets.assign_ticket(desk.owner, number, account_id=0)
    lines = [line for line in trail(desk.owner) if line[0] == "ticket.assignee"]
    assert lines == [
        ("ticket.assignee", "", "Olga Example"),
        ("ticket.assignee", "Olga Example", "Ben"),
        ("ticket.assignee", "Ben", ""),
    ]


def test_nobody_from_elsewhere_and_nobody_disabled_gets_a_ticket(desk: Desk, number: int) -> None:
    gone = make_member(desk, "Gone", is_disabled=True)
    for account_id in (desk.other.owner.account_id, gone, 4711, 2**40):
        with pytest.raises(NotFound):
            tickets.assign_ticket(desk.owner, number, account_id=account_id)
    assert ticket(desk.owner).assignee_id is None


def test_a_ticket_goes_to_a_team_of_its_own_organization_only(desk: Desk, number: int) -> None:
    ours, theirs = make_team(desk.mine.organization_id), make_team(desk.other.organization_id)
    with pytest.raises(NotFound):
        tickets.assign_team(desk.owner, number, team_id=theirs)
    tickets.assign_team(desk.owner, number, team_id=ours)
    assert get_ticket(desk.owner, number).team_name == "Billing"
    assert trail(desk.owner)[-1] == ("ticket.team", "", "Billing")


def test_closing_takes_a_ticket_out_of_the_open_queues_and_opening_brings_it_back(
    desk: Desk, number: int
) -> None:
    tickets.set_status(desk.owner, number, status="closed")
    closed_at = ticket(desk.owner).closed_at
    assert closed_at is not None
    assert [row.number for row in list_queue(desk.owner, "closed").rows] == [1]
    assert list_queue(desk.owner, "open").rows == ()
    tickets.set_status(desk.owner, number, status="open")
    assert ticket(desk.owner).closed_at is None
    assert [row.number for row in list_queue(desk.owner, "open").rows] == [1]


def test_solving_then_closing_keeps_the_moment_it_ended(desk: Desk, number: int) -> None:
    tickets.set_status(desk.owner, number, status="solved")
    ended = ticket(desk.owner).closed_at
    desk.clock.tick(days=1)
    tickets.set_status(desk.owner, number, status="closed")
    assert ticket(desk.owner).closed_at == ended


def test_tags_are_replaced_as_a_whole(desk: Desk, number: int) -> None:
    tickets.set_tags(desk.owner, number, tags=("a", "b"))
    tickets.set_tags(desk.owner, number, tags=("b", "c"))
    assert get_ticket(desk.owner, number).tags == ("b", "c")


@pytest.mark.parametrize(
    ("act", "values"),
    [
        (tickets.set_status, {"status": "gone"}),
        (tickets.set_priority, {"priority": ""}),
        (tickets.set_work_type, {"work_type": "x"}),
        (tickets.set_subject, {"subject": " \n "}),
        (tickets.set_tags, {"tags": tuple(str(number) for number in range(21))}),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, number: int, act: Act, values: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        act(desk.owner, number, **values)


def test_reading_a_ticket_marks_it_read_until_the_next_mail(desk: Desk, number: int) -> None:
    assert list_queue(desk.owner, "open").rows[0].is_unread
    tickets.mark_read(desk.owner, number)
    tickets.mark_read(desk.owner, number)
    assert not list_queue(desk.owner, "open").rows[0].is_unread
    take_in(mail("more", subject="Re: Invoice [#1]"))
    assert list_queue(desk.owner, "open").rows[0].is_unread


@pytest.mark.parametrize("number", [0, 4711, 2**31, 2**70])
def test_no_ticket_cannot_be_read(desk: Desk, number: int) -> None:
    with pytest.raises(NotFound):
        tickets.mark_read(desk.owner, number)
    with pytest.raises(NotFound):
        tickets.set_status(desk.owner, number, status="open")


def test_one_persons_reading_is_not_anothers(desk: Desk, number: int) -> None:
    ben = Actor(desk.mine.organization_id, make_member(desk), Role.AGENT)
    tickets.mark_read(ben, number)
    assert list_queue(desk.owner, "open").rows[0].is_unread
    assert not list_queue(ben, "open").rows[0].is_unread


def test_a_renamed_ticket_is_found_by_its_new_subject_and_not_by_the_old(desk: Desk) -> None:
    take_in(mail("Hello, I cannot open it.", subject="quixobramble"))
    tickets.set_subject(desk.owner, 1, subject="Häkelnadel bestellen")
    assert [hit.number for hit in search_tickets(desk.owner, "hakelnadel")[0]] == [1]
    assert [hit.number for hit in search_tickets(desk.owner, "cannot open")[0]] == [1]
    assert search_tickets(desk.owner, "quixobramble")[0] == ()
