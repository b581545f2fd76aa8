"""Own roles: nothing more than their writer may do, and nobody is left without a role."""

import pytest
from sqlmodel import col, select

from casso import db
from casso.access import Actor
from casso.enums import Role
from casso.errors import CassoError, Conflict, Invalid, NotAllowed, NotFound
from casso.models import Membership, OwnRole
from casso.rules.permissions import Action
from casso.services import members, own_roles
from casso.services.invitations import InvitationForm, invite
from casso.services.sessions import find_session
from tests.desks import Desk, Tenant
from tests.services.members import member, session_of
from tests.services.people import HOME
from tests.trails import trail_of

READS = ("tickets.read",)
ANSWERS = ("tickets.read", "tickets.write")


def roles_of(tenant: Tenant) -> dict[str, tuple[str, ...]]:
    here = tenant.organization_id
    with db.reading(here) as session:
        found = session.exec(select(OwnRole).where(OwnRole.organization_id == here)).all()
    return {role.name: role.permissions for role in found}


def held_by(tenant: Tenant, actor: Actor) -> tuple[str, int | None]:
    here = tenant.organization_id
    with db.reading(here) as session:
        found = session.exec(
            select(Membership).where(
                Membership.organization_id == here, col(Membership.account_id) == actor.account_id
            )
        ).one()
    return found.role, found.own_role_id


def given(desk: Desk, email: str, permissions: tuple[str, ...]) -> tuple[Actor, int]:
    """Somebody with a fresh own role, and its id."""
    role_id = own_roles.create_role(desk.owner, name=f"Role of {email}", permissions=permissions)
    someone = member(desk.mine, email)
    members.change_role(desk.owner, someone.account_id or 0, role="own", own_role_id=role_id, caller=HOME)
    return someone, role_id


def test_a_role_is_stored_in_the_tables_order_without_what_everyone_may_do(desk: Desk) -> None:
    own_roles.create_role(
        desk.owner, name="  Second \n level ", permissions=("tickets.write", "account.own", "tickets.read")
    )
    assert roles_of(desk.mine) == {"Second level": ANSWERS}
    assert roles_of(desk.other) == {}
    (line,) = trail_of(desk.mine.organization_id, "role.created")
    assert line.after == "Second level: tickets.read, tickets.write"


@pytest.mark.parametrize("name", ["", "   ", "\n\t"])
def test_a_role_has_a_name(sqlite_desk: Desk, name: str) -> None:
    with pytest.raises(Invalid, match="role_name"):
        own_roles.create_role(sqlite_desk.owner, name=name, permissions=READS)


def test_a_name_is_given_once_in_an_organization(desk: Desk) -> None:
    own_roles.create_role(desk.owner, name="Auditor", permissions=READS)
    other = own_roles.create_role(desk.owner, name="Clerk", permissions=READS)
    with pytest.raises(Invalid, match="role_name_taken"):
        own_roles.create_role(desk.owner, name="Auditor", permissions=READS)
    with pytest.raises(Invalid, match="role_name_taken"):
        own_roles.change_role_set(desk.owner, other, name="Auditor", permissions=READS, caller=HOME)
    own_roles.create_role(desk.other.owner, name="Auditor", permissions=READS)
    assert set(roles_of(desk.mine)) == {"Auditor", "Clerk"}


def test_nobody_writes_more_into_a_role_than_they_may_do(desk: Desk) -> None:
    ada = member(desk.mine, "ada@example.test", Role.ADMIN)
    keeper = member(desk.mine, "kim@example.test", Role.OWN, own=("roles.manage", "tickets.read"))
    with pytest.raises(NotAllowed, match="role_has_more"):
        own_roles.create_role(ada, name="Cashier", permissions=("billing.manage",))
    with pytest.raises(NotAllowed, match="role_has_more"):
        own_roles.create_role(keeper, name="Boss", permissions=("members.manage",))
    made = own_roles.create_role(keeper, name="Reader", permissions=READS)
    with pytest.raises(NotAllowed, match="role_has_more"):
        own_roles.change_role_set(keeper, made, name="Reader", permissions=ANSWERS, caller=HOME)
    assert roles_of(desk.mine)["Reader"] == READS


def test_nobody_touches_a_role_that_holds_more_than_they_have(desk: Desk) -> None:
    keeper = member(desk.mine, "kim@example.test", Role.OWN, own=("roles.manage",))
    strong = own_roles.create_role(desk.owner, name="Strong", permissions=("trail.read",))
    with pytest.raises(NotAllowed):
        own_roles.change_role_set(keeper, strong, name="Weak", permissions=(), caller=HOME)
    with pytest.raises(NotAllowed):
        own_roles.delete_role(keeper, strong, caller=HOME)
    assert roles_of(desk.mine)["Strong"] == ("trail.read",)


def test_who_holds_a_role_signs_in_again_when_its_set_changes_and_not_when_its_name_does(desk: Desk) -> None:
    ben, role_id = given(desk, "ben@example.test", READS)
    token = session_of(desk.mine, ben.account_id or 0)
    own_roles.change_role_set(desk.owner, role_id, name="Another name", permissions=READS, caller=HOME)
    found = find_session(token)
    assert found is not None
    assert not found.may(Action.WRITE_TICKETS)
    own_roles.change_role_set(desk.owner, role_id, name="Another name", permissions=ANSWERS, caller=HOME)
    assert find_session(token) is None
    found = find_session(session_of(desk.mine, ben.account_id or 0))
    assert found is not None
    assert found.may(Action.WRITE_TICKETS)


def test_a_role_nobody_has_is_deleted_at_once(desk: Desk) -> None:
    made = own_roles.create_role(desk.owner, name="Spare", permissions=READS)
    own_roles.delete_role(desk.owner, made, caller=HOME)
    assert roles_of(desk.mine) == {}


def test_a_role_in_use_asks_for_another_and_everybody_gets_it(desk: Desk) -> None:
    ben, role_id = given(desk, "ben@example.test", ANSWERS)
    form = InvitationForm("new@example.test", role="own", own_role_id=role_id)
    invite(desk.owner, form, caller=HOME)
    token = session_of(desk.mine, ben.account_id or 0)
    for replacement, replacement_id in (("", None), ("own", role_id), ("owner", None)):
        with pytest.raises(Conflict, match="role_in_use"):
            own_roles.delete_role(
                desk.owner, role_id, replacement=replacement, replacement_id=replacement_id, caller=HOME
            )
    assert find_session(token) is not None
    own_roles.delete_role(desk.owner, role_id, replacement="viewer", caller=HOME)
    assert held_by(desk.mine, ben) == ("viewer", None)
    assert find_session(token) is None
    assert roles_of(desk.mine) == {}
    (line,) = trail_of(desk.mine.organization_id, "role.deleted")
    assert (line.before, line.after) == ("Role of ben@example.test", "viewer")


def test_a_role_that_only_an_invitation_names_is_in_use(desk: Desk) -> None:
    role_id = own_roles.create_role(desk.owner, name="Coming", permissions=READS)
    invite(desk.owner, InvitationForm("new@example.test", "own", role_id), caller=HOME)
    with pytest.raises(Conflict, match="role_in_use"):
        own_roles.delete_role(desk.owner, role_id, caller=HOME)


def test_the_replacement_is_not_more_than_its_giver_has(desk: Desk) -> None:
    keeper = member(desk.mine, "kim@example.test", Role.OWN, own=("roles.manage", "tickets.read"))
    _, role_id = given(desk, "ben@example.test", READS)
    with pytest.raises(NotAllowed, match="role_has_more"):
        own_roles.delete_role(keeper, role_id, replacement="admin", caller=HOME)


def test_another_organizations_role_does_not_exist(desk: Desk) -> None:
    theirs = own_roles.create_role(desk.other.owner, name="Theirs", permissions=READS)
    for role_id in (theirs, 0, -1, 2**40):
        with pytest.raises(NotFound):
            own_roles.change_role_set(desk.owner, role_id, name="X", permissions=READS, caller=HOME)
        with pytest.raises(NotFound):
            own_roles.delete_role(desk.owner, role_id, caller=HOME)
    assert roles_of(desk.other) == {"Theirs": READS}


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER])
def test_agents_and_viewers_write_no_roles(sqlite_desk: Desk, role: Role) -> None:
    ben = member(sqlite_desk.mine, "ben@example.test", role)
    made = own_roles.create_role(sqlite_desk.owner, name="Reader", permissions=())
    for act in (
        lambda: own_roles.create_role(ben, name="Mine", permissions=()),
        lambda: own_roles.change_role_set(ben, made, name="Mine", permissions=(), caller=HOME),
        lambda: own_roles.delete_role(ben, made, caller=HOME),
    ):
        with pytest.raises(CassoError):
            act()
    assert set(roles_of(sqlite_desk.mine)) == {"Reader"}
