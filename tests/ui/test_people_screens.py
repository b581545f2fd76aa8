"""Members, teams, roles and operators as screens: what a form writes, and what others get."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from casso.access import Actor
from casso.enums import ChangeKind, Role, Sees
from casso.errors import NotAllowed
from casso.queries.changes import ChangeRow
from casso.queries.members import list_people
from casso.services import own_roles, tickets
from casso.services.sessions import find_session
from casso.ui.changes import Changes
from casso.ui.inbox.desk_state import Desk as DeskList
from casso.ui.me import Me
from casso.ui.settings.members_state import CLOSED, INVITING, Members
from casso.ui.settings.operators import Operators
from casso.ui.settings.roles import Roles
from casso.ui.settings.teams import Teams
from tests.desks import Desk
from tests.services.limited_views import view_of
from tests.services.members import member, session_of, team
from tests.ui.screen import Screen, signed_in


@pytest.fixture
def ben(sqlite_desk: Desk) -> Actor:
    """An agent."""
    return member(sqlite_desk.mine, "ben@example.test")


@pytest.fixture
def screen(sqlite_desk: Desk) -> Iterator[Screen]:
    yield from signed_in(sqlite_desk.owner)


async def members_of(screen: Screen) -> Members:
    found = await screen.get(Members)
    await Members.arrive.fn(found)
    return found


def role_of(desk: Desk, actor: Actor) -> tuple[str, str, str]:
    rows = {row.account_id: row for row in list_people(desk.owner).members}
    row = rows[actor.account_id or 0]
    return row.role, row.sees, row.seen


async def test_everybody_is_listed_with_role_teams_and_last_visit(sqlite_desk: Desk, screen: Screen) -> None:
    billing = team(sqlite_desk.mine, "Billing")
    member(sqlite_desk.mine, "ada@example.test", Role.ADMIN, teams=(billing,))
    member(sqlite_desk.other, "eve@example.test")
    shown = await members_of(screen)
    assert [(row.name, row.role, row.teams, row.is_me) for row in shown.rows] == [
        ("Ada", "admin", "Billing", False),
        ("Olga Example", "owner", "", True),
    ]
    assert "eve" not in repr(shown.rows)
    assert shown.grantable == ["owner", "admin", "agent", "viewer"]


async def test_an_invitation_is_sent_listed_sent_again_and_taken_back(
    sqlite_desk: Desk, screen: Screen
) -> None:
    billing = team(sqlite_desk.mine, "Billing")
    shown = await members_of(screen)
    await Members.open.fn(shown, INVITING)
    form = {"email": "new@example.test", "role": "agent", "sees": "teams", f"team_{billing}": "on"}
    await Members.invite.fn(shown, form | {"intent": "a", "mailbox_1": "on"})
    (row,) = shown.invited
    assert (row.email, row.role, row.is_over, row.is_void, shown.opened) == (
        "new@example.test", "agent", False, False, CLOSED
    )  # fmt: skip
    await Members.invite.fn(shown, form | {"intent": "a"})
    await Members.resend.fn(shown, row.id, "b")
    await Members.revoke.fn(shown, row.id, "c")
    assert shown.invited == []


async def test_role_and_view_are_saved_together(sqlite_desk: Desk, screen: Screen, ben: Actor) -> None:
    billing, spare = team(sqlite_desk.mine, "Billing"), team(sqlite_desk.mine, "Spare")
    shown = await members_of(screen)
    await Members.open.fn(shown, ben.account_id)
    form = {"role": "admin", "sees": "teams", f"team_{billing}": "on", "intent": "a"}
    await Members.save.fn(shown, form)
    assert role_of(sqlite_desk, ben) == ("admin", "teams", "Billing")
    assert spare not in next(row for row in shown.rows if row.account_id == ben.account_id).team_ids
    role_id = own_roles.create_role(sqlite_desk.owner, name="Clerk", permissions=("tickets.read",))
    await Members.open.fn(shown, ben.account_id)
    await Members.save.fn(shown, {"role": f"own:{role_id}", "sees": "all", "intent": "b"})
    assert role_of(sqlite_desk, ben) == (f"own:{role_id}", "all", "")
    await Members.open.fn(shown, ben.account_id)
    await Members.save.fn(shown, {"role": "owner", "sees": "teams", "intent": "c"})
    assert role_of(sqlite_desk, ben) == ("owner", "all", "")


async def test_somebody_is_taken_out_after_a_second_word(
    sqlite_desk: Desk, screen: Screen, ben: Actor
) -> None:
    token = session_of(sqlite_desk.mine, ben.account_id or 0)
    shown = await members_of(screen)
    await Members.ask.fn(shown, ben.account_id)
    assert shown.asked == ben.account_id
    assert find_session(token) is not None
    await Members.remove.fn(shown, ben.account_id, "a")
    assert (shown.asked, find_session(token)) == (CLOSED, None)
    assert [row.account_id for row in shown.rows] == [sqlite_desk.owner.account_id]


async def test_a_members_sessions_are_ended(sqlite_desk: Desk, screen: Screen, ben: Actor) -> None:
    token = session_of(sqlite_desk.mine, ben.account_id or 0)
    await Members.end_sessions.fn(await members_of(screen), ben.account_id)
    assert find_session(token) is None


async def test_an_open_page_shows_what_others_do(sqlite_desk: Desk, screen: Screen) -> None:
    shown = await members_of(screen)
    member(sqlite_desk.mine, "new@example.test")
    change = ChangeRow(1, sqlite_desk.mine.organization_id, ChangeKind.PEOPLE, 0)
    owner = sqlite_desk.owner
    await shown._on_changes(owner, Changes([change], {owner.account_id or 0}))
    assert len(shown.rows) == 2
    demoted = replace(owner, role=Role.AGENT)
    await shown._on_changes(demoted, Changes([change], {owner.account_id or 0}))


async def test_an_agent_gets_nothing_of_these_pages(sqlite_desk: Desk, ben: Actor) -> None:
    for screen in signed_in(ben):
        for kind in (Members, Teams, Roles, Operators):
            state = await screen.get(kind)
            with pytest.raises(NotAllowed):
                await kind.arrive.fn(state)
            assert state.rows == []


async def test_a_team_is_made_renamed_and_filled(sqlite_desk: Desk, screen: Screen, ben: Actor) -> None:
    shown = await screen.get(Teams)
    await Teams.arrive.fn(shown)
    await Teams.open.fn(shown, 0)
    await Teams.submit.fn(shown, {"name": "Billing", f"account_{ben.account_id}": "on", "intent": "a"})
    (row,) = shown.rows
    assert (row.name, row.account_ids) == ("Billing", [ben.account_id])
    await Teams.open.fn(shown, row.id)
    await Teams.submit.fn(shown, {"name": "Orders", "intent": "b"})
    assert [(one.name, one.account_ids) for one in shown.rows] == [("Orders", [])]


async def test_a_role_is_made_changed_and_deleted(sqlite_desk: Desk, screen: Screen, ben: Actor) -> None:
    shown = await screen.get(Roles)
    await Roles.arrive.fn(shown)
    await Roles.open.fn(shown, 0)
    await Roles.submit.fn(shown, {"name": "Clerk", "may_tickets.read": "on", "may_nothing": "on"})
    (row,) = shown.rows
    assert (row.name, row.permissions, row.may_change) == ("Clerk", ["tickets.read"], True)
    await Roles.open.fn(shown, row.id)
    await Roles.submit.fn(shown, {"name": "Clerk", "may_tickets.write": "on", "may_tickets.read": "on"})
    assert shown.rows[0].permissions == ["tickets.read", "tickets.write"]
    people = await members_of(screen)
    await Members.open.fn(people, ben.account_id)
    await Members.save.fn(people, {"role": f"own:{row.id}", "sees": "all"})
    await Roles.ask.fn(shown, row.id)
    await Roles.delete.fn(shown, {"replacement": "viewer"})
    assert shown.rows == []
    assert role_of(sqlite_desk, ben)[0] == "viewer"


async def test_an_operator_makes_another_and_steps_back(sqlite_desk: Desk, ben: Actor) -> None:
    operator = find_session(session_of(sqlite_desk.mine, sqlite_desk.owner.account_id or 0))
    assert operator is not None
    for screen in signed_in(operator):
        shown = await screen.get(Operators)
        await Operators.arrive.fn(shown)
        await Operators.make.fn(shown, {"email": ben.email})
        assert [row.email for row in shown.rows] == [ben.email, operator.email]
        await Operators.end.fn(shown, operator.email)
        assert shown.rows == []
        assert not (await screen.get(Me)).is_operator


async def test_the_frame_says_what_the_person_may_do_and_where_they_belong(sqlite_desk: Desk) -> None:
    member(sqlite_desk.other, "kim@example.test", Role.ADMIN)
    kim = member(sqlite_desk.mine, "kim@example.test", Role.OWN, own=("tickets.read", "roles.manage"))
    for screen in signed_in(kim):
        me = await screen.get(Me)
        await Me.arrive.fn(me)
        assert me.may == ["account.own", "roles.manage", "tickets.read"]
        assert (me.may_write, me.may_set, me.organization_id) == (False, False, kim.organization_id)
        assert [(one.name, one.is_here) for one in me.organizations] == [("Example", True), ("Other", False)]


async def test_an_open_ticket_goes_when_the_view_no_longer_holds_it(sqlite_desk: Desk) -> None:
    view = view_of(sqlite_desk, Sees.TEAMS)
    change = ChangeRow(1, view.ben.organization_id, ChangeKind.PEOPLE, 0)
    for screen in signed_in(view.ben):
        ticket = await screen.opens("/tickets/1")
        assert ticket.ticket.number == 1
        less = replace(view.ben, seen_ids=())
        await ticket._on_changes(less, Changes([change], {less.account_id or 0}))
        assert (ticket.ticket.number, ticket.entries, ticket.missing) == (0, [], 1)


async def test_a_hidden_ticket_that_changes_sends_a_limited_person_nothing(sqlite_desk: Desk) -> None:
    view = view_of(sqlite_desk, Sees.TEAMS)
    hidden = view.ids(2)["ticket_id"]
    for screen in signed_in(view.ben):
        screen.goes_to("/?queue=open")
        desk = await screen.get(DeskList)
        await DeskList.arrive.fn(desk)
        before = await screen.shown()
        tickets.set_subject(sqlite_desk.owner, 2, subject="The kestrel again")
        change = ChangeRow(1, view.ben.organization_id, ChangeKind.TICKET_CHANGED, hidden)
        await desk._on_changes(view.ben, Changes([change], {view.ben.account_id or 0}))
        assert await screen.shown() == before == [4, 1]
