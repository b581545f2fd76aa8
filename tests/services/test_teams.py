"""Teams: a name once in an organization, members of the organization only, and a view that follows."""

import pytest
from sqlmodel import select

from casso import db
from casso.enums import Role, Sees
from casso.errors import Invalid, NotAllowed, NotFound
from casso.models import Team, TeamMember
from casso.services import teams
from casso.services.sessions import find_session
from tests.desks import Desk, Tenant
from tests.services.members import member, session_of
from tests.trails import trail_of


def teams_of(tenant: Tenant) -> dict[str, list[int]]:
    """Names, and who is in each."""
    here = tenant.organization_id
    with db.reading(here) as session:
        found = session.exec(select(Team).where(Team.organization_id == here)).all()
        rows = session.exec(select(TeamMember).where(TeamMember.organization_id == here)).all()
    return {one.name: sorted(row.account_id for row in rows if row.team_id == one.id) for one in found}


def test_a_team_is_made_and_renamed(desk: Desk) -> None:
    made = teams.create_team(desk.owner, name=" Orders \n & billing")
    assert teams_of(desk.mine) == {"Orders & billing": []}
    teams.rename_team(desk.owner, made, name="Billing")
    teams.rename_team(desk.owner, made, name="Billing")
    assert teams_of(desk.mine) == {"Billing": []}
    assert [(line.before, line.after) for line in trail_of(desk.mine.organization_id, "team.%")] == [
        ("", "Orders & billing"),
        ("Orders & billing", "Billing"),
    ]


def test_a_name_is_given_once_in_an_organization(desk: Desk) -> None:
    teams.create_team(desk.owner, name="Billing")
    orders = teams.create_team(desk.owner, name="Orders")
    with pytest.raises(Invalid, match="team_name_taken"):
        teams.create_team(desk.owner, name="Billing")
    with pytest.raises(Invalid, match="team_name_taken"):
        teams.rename_team(desk.owner, orders, name="Billing")
    teams.create_team(desk.other.owner, name="Billing")
    assert set(teams_of(desk.mine)) == {"Billing", "Orders"}


@pytest.mark.parametrize("name", ["", " ", "\n"])
def test_a_team_has_a_name(sqlite_desk: Desk, name: str) -> None:
    with pytest.raises(Invalid, match="team_name"):
        teams.create_team(sqlite_desk.owner, name=name)


def test_the_members_are_exactly_those_named(desk: Desk) -> None:
    ada, ben = member(desk.mine, "ada@example.test"), member(desk.mine, "ben@example.test")
    made = teams.create_team(desk.owner, name="Billing")
    teams.set_members(desk.owner, made, account_ids=(ada.account_id or 0, ben.account_id or 0))
    teams.set_members(desk.owner, made, account_ids=(ben.account_id or 0, desk.owner.account_id or 0))
    assert teams_of(desk.mine) == {"Billing": sorted([ben.account_id or 0, desk.owner.account_id or 0])}
    assert [line.after for line in trail_of(desk.mine.organization_id, "team.members")] == [
        "Billing: +2 -0",
        "Billing: +1 -1",
    ]


def test_a_team_is_a_part_of_its_limited_members_view_from_the_next_event_on(desk: Desk) -> None:
    ben = member(desk.mine, "ben@example.test", sees=Sees.TEAMS)
    token = session_of(desk.mine, ben.account_id or 0)
    made = teams.create_team(desk.owner, name="Billing")
    teams.set_members(desk.owner, made, account_ids=(ben.account_id or 0,))
    found = find_session(token)
    assert found is not None
    assert found.seen_ids == (made,)
    teams.set_members(desk.owner, made, account_ids=())
    found = find_session(token)
    assert found is not None
    assert found.seen_ids == ()


def test_nobody_from_outside_is_in_a_team(desk: Desk) -> None:
    made, theirs = teams.create_team(desk.owner, name="Ours"), teams.create_team(desk.other.owner, name="T")
    for stranger in (desk.other.owner.account_id or 0, 0, 2**40):
        with pytest.raises(NotFound):
            teams.set_members(desk.owner, made, account_ids=(stranger,))
    for team_id in (theirs, 0, -1, 2**40):
        with pytest.raises(NotFound):
            teams.rename_team(desk.owner, team_id, name="Mine")
        with pytest.raises(NotFound):
            teams.set_members(desk.owner, team_id, account_ids=())
    assert (teams_of(desk.mine), teams_of(desk.other)) == ({"Ours": []}, {"T": []})


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER])
def test_agents_and_viewers_change_no_team(sqlite_desk: Desk, role: Role) -> None:
    made = teams.create_team(sqlite_desk.owner, name="Billing")
    ben = member(sqlite_desk.mine, "ben@example.test", role)
    with pytest.raises(NotAllowed):
        teams.create_team(ben, name="Mine")
    with pytest.raises(NotAllowed):
        teams.rename_team(ben, made, name="Mine")
    with pytest.raises(NotAllowed):
        teams.set_members(ben, made, account_ids=(ben.account_id or 0,))
    assert teams_of(sqlite_desk.mine) == {"Billing": []}
