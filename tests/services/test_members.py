"""Members: nobody gives more than they have, the last owner stays, and who leaves leaves nothing open."""

from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlmodel import col, select

from casso import db
from casso.access import Actor
from casso.enums import ChangeKind, Role, Sees
from casso.errors import AlreadyDone, CassoError, Conflict, Invalid, NotAllowed, NotFound
from casso.models import Change, MailboxAccess, Membership, ReadMark, TeamMember, Ticket
from casso.queries.tickets import list_queue
from casso.services import accounts, members, tickets
from casso.services.sessions import find_session
from tests.desks import Desk, Tenant
from tests.services.mails import mail, take_in
from tests.services.members import member, session_of, team
from tests.services.people import HOME
from tests.trails import trail_of


def role_of(tenant: Tenant, account_id: int | None) -> tuple[str, str]:
    """Role and view, as the next event will find them."""
    with db.reading(tenant.organization_id) as session:
        found = session.exec(
            select(Membership).where(
                Membership.organization_id == tenant.organization_id,
                col(Membership.account_id) == account_id,
            )
        ).first()
    return (found.role, found.sees) if found else ("", "")


def change(actor: Actor, account_id: int | None, role: str, own_role_id: int | None = None) -> None:
    members.change_role(actor, account_id or 0, role=role, own_role_id=own_role_id, caller=HOME)


def news(desk: Desk) -> list[str]:
    here = desk.mine.organization_id
    with db.reading(here) as session:
        return list(session.exec(select(Change.kind).where(Change.organization_id == here)).all())


def test_a_new_role_ends_the_members_sessions_here_and_is_told(desk: Desk) -> None:
    ben = member(desk.mine, "ben@example.test")
    member(desk.other, "ben@example.test")
    here = session_of(desk.mine, ben.account_id or 0)
    elsewhere = session_of(desk.other, ben.account_id or 0)
    change(desk.owner, ben.account_id, "admin")
    assert role_of(desk.mine, ben.account_id) == ("admin", "all")
    assert role_of(desk.other, ben.account_id) == ("agent", "all")
    assert find_session(here) is None
    assert find_session(elsewhere) is not None
    (line,) = trail_of(desk.mine.organization_id, "member.role")
    assert (line.account_id, line.before, line.after) == (
        desk.owner.account_id,
        "ben@example.test: agent",
        "ben@example.test: admin",
    )
    assert ChangeKind.PEOPLE in news(desk)


def test_the_same_role_again_changes_nothing_and_ends_nothing(desk: Desk) -> None:
    ben = member(desk.mine, "ben@example.test")
    token = session_of(desk.mine, ben.account_id or 0)
    change(desk.owner, ben.account_id, "agent")
    assert find_session(token) is not None
    assert trail_of(desk.mine.organization_id, "member.role") == []


def test_an_own_role_can_be_given_and_one_of_another_organization_does_not_exist(desk: Desk) -> None:
    ben, ada = (
        member(desk.mine, "ben@example.test"),
        member(desk.mine, "ada@example.test", own=("tickets.read",)),
    )
    eve = member(desk.other, "eve@example.test", Role.OWN, own=("tickets.read",))
    mine, theirs = _own_role(desk.mine, ada), _own_role(desk.other, eve)
    change(desk.owner, ben.account_id, "own", mine)
    assert role_of(desk.mine, ben.account_id) == ("own", "all")
    for stranger in (theirs, None, 0, -1, 2**40):
        with pytest.raises(NotFound):
            change(desk.owner, ben.account_id, "own", stranger)


def _own_role(tenant: Tenant, actor: Actor) -> int | None:
    with db.reading(tenant.organization_id) as session:
        return session.exec(
            select(Membership.own_role_id).where(
                Membership.organization_id == tenant.organization_id,
                col(Membership.account_id) == actor.account_id,
            )
        ).one()


@pytest.mark.parametrize("role", ["system", "operator", "", "Owner", "own role"])
def test_a_role_that_is_none_is_refused(desk: Desk, role: str) -> None:
    ben = member(desk.mine, "ben@example.test")
    with pytest.raises(CassoError):
        change(desk.owner, ben.account_id, role)
    assert role_of(desk.mine, ben.account_id) == ("agent", "all")


ACTS: list[Callable[[Actor, int], None]] = [
    lambda actor, who: members.change_role(actor, who, role="viewer", caller=HOME),
    lambda actor, who: members.limit_view(actor, who, sees="teams"),
    lambda actor, who: members.remove_member(actor, who, caller=HOME),
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER])
def test_agents_and_viewers_manage_nobody_not_even_themselves(
    sqlite_desk: Desk, act: Callable[[Actor, int], None], role: Role
) -> None:
    ben, ada = (
        member(sqlite_desk.mine, "ben@example.test", role),
        member(sqlite_desk.mine, "ada@example.test"),
    )
    for who in (ben, ada):
        with pytest.raises(NotAllowed):
            act(ben, who.account_id or 0)


@pytest.mark.parametrize("act", ACTS)
def test_an_admin_does_nothing_to_an_owner(sqlite_desk: Desk, act: Callable[[Actor, int], None]) -> None:
    ada = member(sqlite_desk.mine, "ada@example.test", Role.ADMIN)
    member(sqlite_desk.mine, "second@example.test", Role.OWNER)
    with pytest.raises(NotAllowed, match="member_has_more"):
        act(ada, sqlite_desk.owner.account_id or 0)
    assert role_of(sqlite_desk.mine, sqlite_desk.owner.account_id) == ("owner", "all")


@pytest.mark.parametrize("act", ACTS)
def test_another_organizations_member_does_not_exist(
    sqlite_desk: Desk, act: Callable[[Actor, int], None]
) -> None:
    for who in (sqlite_desk.other.owner.account_id or 0, 0, -1, 2**40):
        with pytest.raises(NotFound):
            act(sqlite_desk.owner, who)
    assert role_of(sqlite_desk.other, sqlite_desk.other.owner.account_id) == ("owner", "all")


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_nobody_raises_anybody_above_themselves(sqlite_desk: Desk, role: str) -> None:
    leader = member(sqlite_desk.mine, "ada@example.test", Role.OWN, own=("members.manage", "tickets.write"))
    ben = member(sqlite_desk.mine, "ben@example.test", Role.OWN, own=("tickets.write",))
    for who in (leader, ben):
        with pytest.raises(NotAllowed, match="role_has_more"):
            change(leader, who.account_id, role)
    with pytest.raises(NotAllowed, match="role_has_more"):
        change(member(sqlite_desk.mine, "admin@example.test", Role.ADMIN), ben.account_id, "owner")


def test_an_admin_steps_down_but_not_up(sqlite_desk: Desk) -> None:
    ada = member(sqlite_desk.mine, "ada@example.test", Role.ADMIN)
    with pytest.raises(NotAllowed):
        change(ada, ada.account_id, "owner")
    change(ada, ada.account_id, "agent")
    assert role_of(sqlite_desk.mine, ada.account_id) == ("agent", "all")


def test_what_the_database_says_now_counts_and_not_what_the_session_said_before(desk: Desk) -> None:
    ada, ben = member(desk.mine, "ada@example.test", Role.ADMIN), member(desk.mine, "ben@example.test")
    change(desk.owner, ada.account_id, "agent")
    with pytest.raises(NotAllowed):
        change(ada, ben.account_id, "admin")
    members.remove_member(desk.owner, ada.account_id or 0, caller=HOME)
    with pytest.raises(NotAllowed):
        members.remove_member(ada, ben.account_id or 0, caller=HOME)


@pytest.mark.parametrize("role", ["admin", "agent", "viewer"])
def test_the_last_owner_stays_an_owner(desk: Desk, role: str) -> None:
    with pytest.raises(Conflict, match="last_owner"):
        change(desk.owner, desk.owner.account_id, role)
    with pytest.raises(Conflict, match="last_owner"):
        members.remove_member(desk.owner, desk.owner.account_id or 0, caller=HOME)
    assert role_of(desk.mine, desk.owner.account_id) == ("owner", "all")
    second = member(desk.mine, "second@example.test", Role.OWNER)
    change(second, desk.owner.account_id, role)
    with pytest.raises(Conflict, match="last_owner"):
        change(second, second.account_id, role)


def test_a_disabled_owner_does_not_count_as_another_one(desk: Desk) -> None:
    member(desk.mine, "second@example.test", Role.OWNER)
    accounts.disable_account("second@example.test")
    with pytest.raises(Conflict, match="last_owner"):
        members.remove_member(desk.owner, desk.owner.account_id or 0, caller=HOME)


def test_the_last_owner_is_not_disabled_either(desk: Desk) -> None:
    with pytest.raises(Conflict, match="last_owner"):
        accounts.disable_account(desk.other.owner.email)
    member(desk.other, "second@example.test", Role.OWNER)
    accounts.disable_account(desk.other.owner.email)
    with pytest.raises(Conflict, match="last_owner"):
        accounts.disable_account("second@example.test")


def race(*acts: Callable[[], object]) -> list[str]:
    """Everything at the same moment; what came of each."""
    barrier, outcomes = Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
            outcomes.append("done")
        except CassoError as error:
            outcomes.append(error.key)

    racers = [Thread(target=run, args=(act,)) for act in acts]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    return sorted(outcomes)


def owners(desk: Desk) -> int:
    here = desk.mine.organization_id
    with db.reading(here) as session:
        rows = session.exec(select(Membership).where(Membership.organization_id == here)).all()
    return len([row for row in rows if row.role == Role.OWNER])


@pytest.mark.parametrize("turn", range(3))
def test_owners_who_demote_each_other_at_once_leave_one(desk: Desk, turn: int) -> None:
    second = member(desk.mine, "second@example.test", Role.OWNER)
    third = member(desk.mine, "third@example.test", Role.OWNER)
    circle = [(desk.owner, second), (second, third), (third, desk.owner)]
    outcomes = race(*(lambda a=a, b=b: change(a, b.account_id, "viewer") for a, b in circle))  # type: ignore[misc]
    assert owners(desk) >= 1
    assert outcomes.count("done") + owners(desk) == 3


@pytest.mark.parametrize("turn", range(3))
def test_every_owner_leaving_at_once_leaves_one(desk: Desk, turn: int) -> None:
    everybody = [desk.owner, *(member(desk.mine, f"o{one}@example.test", Role.OWNER) for one in range(4))]
    outcomes = race(
        *(lambda one=one: members.remove_member(one, one.account_id or 0, caller=HOME) for one in everybody)  # type: ignore[misc]
    )
    assert outcomes == ["done"] * 4 + ["error.last_owner"]
    assert owners(desk) == 1


def test_who_leaves_has_no_open_ticket_no_session_and_no_place_in_a_team(desk: Desk) -> None:
    for number in (1, 2, 3):
        take_in(mail(f"Mail {number}", message_id=f"m{number}@customer.test"))
    billing = team(desk.mine, "Billing")
    ben = member(desk.mine, "ben@example.test", sees=Sees.TEAMS, teams=(billing,))
    member(desk.other, "ben@example.test")
    for number in (1, 2):
        tickets.assign_ticket(desk.owner, number, account_id=ben.account_id)
    tickets.mark_read(ben, 1)
    tickets.set_status(desk.owner, 2, status="closed")
    token = session_of(desk.mine, ben.account_id or 0)
    members.remove_member(desk.owner, ben.account_id or 0, caller=HOME)
    assert find_session(token) is None
    assert role_of(desk.mine, ben.account_id) == ("", "")
    assert role_of(desk.other, ben.account_id) == ("agent", "all")
    assert sorted(row.number for row in list_queue(desk.owner, "unassigned").rows) == [1, 3]
    assert _ticket(desk, 2).assignee_id == ben.account_id
    here = desk.mine.organization_id
    with db.reading(here) as session:
        for table in (TeamMember, MailboxAccess, ReadMark):
            mine = (col(table.organization_id) == here, col(table.account_id) == ben.account_id)
            assert session.exec(select(table.id).where(*mine)).all() == []
    assert [line.before for line in trail_of(here, "member.removed")] == ["ben@example.test"]
    assert [(line.before, line.after) for line in trail_of(here, "ticket.assignee")][-1] == ("Ben", "")


def _ticket(desk: Desk, number: int) -> Ticket:
    here = desk.mine.organization_id
    with db.reading(here) as session:
        return session.exec(
            select(Ticket).where(Ticket.organization_id == here, Ticket.number == number)
        ).one()


def test_a_view_is_narrowed_widened_and_read_at_the_next_event(desk: Desk) -> None:
    billing, orders = team(desk.mine, "Billing"), team(desk.mine, "Orders")
    ben = member(desk.mine, "ben@example.test", Role.ADMIN, teams=(orders,))
    token = session_of(desk.mine, ben.account_id or 0)
    members.limit_view(desk.owner, ben.account_id or 0, sees="teams", seen_ids=(billing,))
    seen = find_session(token)
    assert seen is not None
    assert (seen.sees, seen.seen_ids, seen.role) == (Sees.TEAMS, (billing,), Role.ADMIN)
    members.limit_view(desk.owner, ben.account_id or 0, sees="mailboxes", seen_ids=(desk.mine.mailbox_id,))
    seen = find_session(token)
    assert seen is not None
    assert (seen.sees, seen.seen_ids) == (Sees.MAILBOXES, (desk.mine.mailbox_id,))
    members.limit_view(desk.owner, ben.account_id or 0, sees="all")
    seen = find_session(token)
    assert seen is not None
    assert (seen.sees, seen.seen_ids) == (Sees.ALL, ())
    assert [line.after for line in trail_of(desk.mine.organization_id, "member.view")] == [
        "ben@example.test: teams, Billing",
        "ben@example.test: mailboxes, support@example.test",
        "ben@example.test: all",
    ]


def test_what_another_organization_has_is_in_nobodys_view(desk: Desk) -> None:
    ben, theirs = member(desk.mine, "ben@example.test"), team(desk.other, "Theirs")
    for sees, ids in (("teams", (theirs,)), ("mailboxes", (desk.other.mailbox_id,)), ("teams", (0,))):
        with pytest.raises(NotFound):
            members.limit_view(desk.owner, ben.account_id or 0, sees=sees, seen_ids=ids)
    assert role_of(desk.mine, ben.account_id) == ("agent", "all")


def test_a_limited_admin_widens_nobodys_view_least_of_all_their_own(sqlite_desk: Desk) -> None:
    ada = member(sqlite_desk.mine, "ada@example.test", Role.ADMIN, sees=Sees.TEAMS)
    with pytest.raises(NotAllowed):
        members.limit_view(ada, ada.account_id or 0, sees="all")
    stale = replace(ada, sees=Sees.ALL)
    with pytest.raises(NotAllowed):
        members.limit_view(stale, ada.account_id or 0, sees="all")


def test_an_owner_sees_everything_and_whoever_becomes_one_too(sqlite_desk: Desk) -> None:
    with pytest.raises(Invalid, match="owner_sees_all"):
        members.limit_view(sqlite_desk.owner, sqlite_desk.owner.account_id or 0, sees="teams")
    ben = member(sqlite_desk.mine, "ben@example.test", sees=Sees.MAILBOXES)
    change(sqlite_desk.owner, ben.account_id, "owner")
    assert role_of(sqlite_desk.mine, ben.account_id) == ("owner", "all")


@pytest.mark.parametrize("sees", ["", "none", "everything", "ALL"])
def test_a_view_that_is_none_is_refused(sqlite_desk: Desk, sees: str) -> None:
    ben = member(sqlite_desk.mine, "ben@example.test")
    with pytest.raises(Invalid):
        members.limit_view(sqlite_desk.owner, ben.account_id or 0, sees=sees)


def test_an_intent_counts_once(sqlite_desk: Desk) -> None:
    ben = member(sqlite_desk.mine, "ben@example.test")
    who = ben.account_id or 0
    members.change_role(sqlite_desk.owner, who, role="viewer", caller=HOME, intent="a")
    with pytest.raises(AlreadyDone):
        members.change_role(sqlite_desk.owner, who, role="admin", caller=HOME, intent="a")
    assert role_of(sqlite_desk.mine, who) == ("viewer", "all")
