"""Joining: one membership a link, for its address, with no more than the inviter has at that moment."""

from dataclasses import replace

import pytest
from sqlmodel import col, select

from casso import db
from casso.access import across_organizations
from casso.enums import Role, Sees
from casso.errors import Conflict, Invalid, NotAllowed
from casso.models import Account, Membership
from casso.services import accounts, invitations, joining, login, members, own_roles
from casso.services.sessions import find_session, open_session
from tests.desks import Desk, Tenant
from tests.services.agreed import agreed
from tests.services.members import member, team
from tests.services.people import HOME
from tests.services.test_agreements import acceptances
from tests.services.test_invitations import NEW, invite, links, pending, token_of
from tests.services.test_members import race
from tests.trails import trail_of

GOOD = "violet anchor thirteen boats"


def members_of(tenant: Tenant) -> dict[str, str]:
    """Addresses and roles."""
    with db.reading() as session, across_organizations(session, "tests"):
        found = session.exec(
            select(Account.email, Membership.role)
            .join(Membership, col(Membership.account_id) == col(Account.id))
            .where(Membership.organization_id == tenant.organization_id)
        ).all()
    return dict(found)


@pytest.fixture
def token(desk: Desk) -> str:
    """Of an invitation as agent by the owner."""
    invite(desk.owner)
    return token_of(links(desk)[-1])


def join(token: str, name: str = "Nora Ann Berg", password: str = GOOD) -> None:
    joining.join_as_new(token, name=name, password=password, agreement=agreed(), caller=HOME)


def test_the_link_says_who_invites_whom_to_what_and_looking_uses_nothing_up(desk: Desk, token: str) -> None:
    for _ in range(3):
        found = joining.find_invitation(token)
    assert (found.organization, found.inviter, found.email) == ("Example", "Olga Example", NEW)
    assert (found.has_account, found.may_sign_in) == (False, False)


def test_a_new_person_joins_only_when_they_agree_and_that_is_kept(desk: Desk, token: str) -> None:
    for given in (replace(agreed(), has_agreed=False), replace(agreed(), is_adult=False)):
        with pytest.raises(Invalid):
            joining.join_as_new(token, name="Nora", password=GOOD, agreement=given, caller=HOME)
    assert NEW not in members_of(desk.mine)
    assert acceptances() == []
    join(token)
    assert [(row.policy, row.is_adult, row.ip) for row in acceptances()] == [
        ("privacy", True, HOME.ip),
        ("terms", True, HOME.ip),
    ]
    (line,) = trail_of(desk.mine.organization_id, "account.agreed")
    assert line.account_id == acceptances()[0].account_id


def test_a_new_person_joins_with_name_and_password_and_signs_in_with_it(desk: Desk, token: str) -> None:
    proved = joining.join_as_new(
        token, name="  Nora  Ann Berg ", password=GOOD, agreement=agreed(), caller=HOME
    )
    actor = find_session(open_session(proved, HOME))
    assert actor is not None
    assert (actor.name, actor.email, actor.role) == ("Nora Ann Berg", NEW, Role.AGENT)
    assert (actor.organization_id, actor.is_operator) == (desk.mine.organization_id, False)
    assert login.check_password(NEW, GOOD, HOME).account_id == proved.account_id
    (line,) = trail_of(desk.mine.organization_id, "member.joined")
    assert (line.account_id, line.after) == (proved.account_id, f"{NEW}, agent")


def test_a_link_works_once(desk: Desk, token: str) -> None:
    join(token)
    for act in (lambda: join(token), lambda: joining.find_invitation(token)):
        with pytest.raises(Invalid, match=r"error\.link"):
            act()
    assert list(members_of(desk.mine)) == [desk.owner.email, NEW]


def test_twenty_at_once_make_one_account_and_one_membership(desk: Desk, token: str) -> None:
    outcomes = race(*[lambda: join(token)] * 20)
    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "error.link", "error.account_exists"}
    assert members_of(desk.mine) == {desk.owner.email: "owner", NEW: "agent"}


def test_twenty_at_once_of_somebody_signed_in_make_one_membership(desk: Desk) -> None:
    eve = member(desk.other, NEW)
    invite(desk.owner)
    found = token_of(links(desk)[-1])
    outcomes = race(*[lambda: joining.join_signed_in(eve, found)] * 20)
    assert outcomes == ["done"] + ["error.link"] * 19
    assert members_of(desk.mine)[NEW] == "agent"


def test_a_link_is_over_after_seven_days_and_not_before(desk: Desk, token: str) -> None:
    desk.clock.tick(days=6, hours=23)
    assert joining.find_invitation(token).email == NEW
    desk.clock.tick(hours=2)
    with pytest.raises(Invalid, match=r"error\.link"):
        join(token)
    assert NEW not in members_of(desk.mine)


@pytest.mark.parametrize("forged", ["", "x", "\x00", "\ud800", "a" * 5000, "../..", "%00"])
def test_a_link_nobody_made_opens_nothing(sqlite_desk: Desk, forged: str) -> None:
    invite(sqlite_desk.owner)
    for act in (
        lambda: joining.find_invitation(forged),
        lambda: join(forged),
        lambda: joining.join_signed_in(sqlite_desk.other.owner, forged),
        lambda: joining.join_before_sign_in(forged),
    ):
        with pytest.raises(Invalid, match=r"error\.link"):
            act()


@pytest.mark.parametrize("password", ["", "short", "password123", NEW])
def test_a_weak_password_is_told_and_the_link_stays(sqlite_desk: Desk, password: str) -> None:
    invite(sqlite_desk.owner)
    token = token_of(links(sqlite_desk)[-1])
    with pytest.raises(Invalid, match="password"):
        join(token, password=password)
    with pytest.raises(Invalid, match=r"error\.name"):
        join(token, name="  ")
    join(token)


def test_demoted_meanwhile_the_inviter_grants_nothing(desk: Desk) -> None:
    ada = member(desk.mine, "ada@example.test", Role.ADMIN)
    invite(ada, role="admin")
    token = token_of(links(desk)[-1])
    members.change_role(desk.owner, ada.account_id or 0, role="agent", caller=HOME)
    with pytest.raises(Invalid, match=r"error\.link"):
        joining.find_invitation(token)
    with pytest.raises(Invalid, match=r"error\.link"):
        join(token)
    assert NEW not in members_of(desk.mine)


@pytest.mark.parametrize("how", ["removed", "disabled", "limited"])
def test_an_inviter_who_is_gone_or_limited_grants_nothing_and_no_account_is_made(
    desk: Desk, how: str
) -> None:
    ada = member(desk.mine, "ada@example.test", Role.ADMIN)
    invite(ada, role="viewer")
    token, who = token_of(links(desk)[-1]), ada.account_id or 0
    if how == "removed":
        members.remove_member(desk.owner, who, caller=HOME)
    elif how == "disabled":
        accounts.disable_account(ada.email)
    else:
        members.limit_view(desk.owner, who, sees="teams")
    with pytest.raises(Invalid, match=r"error\.link"):
        join(token)
    assert len(pending(desk.mine)) == 1
    with db.reading() as session:
        assert session.exec(select(Account).where(Account.email == NEW)).first() is None


def test_an_own_role_that_grew_beyond_the_inviter_is_not_given(desk: Desk) -> None:
    role_id = own_roles.create_role(desk.owner, name="Helper", permissions=("tickets.read",))
    ada = member(desk.mine, "ada@example.test", Role.OWN, own=("members.manage", "tickets.read"))
    invite(ada, role="own", own_role_id=role_id)
    token = token_of(links(desk)[-1])
    own_roles.change_role_set(desk.owner, role_id, name="Helper", permissions=("trail.read",), caller=HOME)
    with pytest.raises(Invalid, match=r"error\.link"):
        join(token)


def test_a_second_admin_asks_again_and_the_link_holds_by_their_rights(desk: Desk) -> None:
    ada = member(desk.mine, "ada@example.test", Role.ADMIN)
    number = invite(ada)
    members.remove_member(desk.owner, ada.account_id or 0, caller=HOME)
    invitations.resend(desk.owner, number, caller=HOME)
    join(token_of(links(desk)[-1]))
    assert members_of(desk.mine)[NEW] == "agent"


@pytest.mark.parametrize("turn", range(3))
def test_an_inviter_demoted_at_the_same_moment_grants_or_not_but_never_more(desk: Desk, turn: int) -> None:
    ada = member(desk.mine, "ada@example.test", Role.ADMIN)
    invite(ada, role="admin")
    token = token_of(links(desk)[-1])
    outcomes = race(
        lambda: join(token),
        lambda: members.change_role(desk.owner, ada.account_id or 0, role="viewer", caller=HOME),
    )
    lines = [line.action for line in trail_of(desk.mine.organization_id, "member.%")]
    if NEW in members_of(desk.mine):
        assert lines.index("member.joined") < lines.index("member.role")
    else:
        assert outcomes == ["done", "error.link"]


def test_somebody_signed_in_joins_with_the_invitations_role_and_view(desk: Desk) -> None:
    eve, billing = member(desk.other, NEW, Role.ADMIN), team(desk.mine, "Billing")
    invite(desk.owner, sees="teams", seen_ids=(billing,))
    found = joining.find_invitation(token := token_of(links(desk)[-1]))
    assert (found.has_account, found.may_sign_in) == (True, True)
    assert joining.join_signed_in(eve, token) == desk.mine.organization_id
    assert members_of(desk.mine)[NEW] == "agent"
    assert members_of(desk.other)[NEW] == "admin"
    with db.reading(desk.mine.organization_id) as session:
        row = session.exec(
            select(Membership).where(
                Membership.organization_id == desk.mine.organization_id,
                col(Membership.account_id) == eve.account_id,
            )
        ).one()
    assert row.sees == Sees.TEAMS


def test_an_invitation_is_for_its_address_alone(desk: Desk, token: str) -> None:
    with pytest.raises(NotAllowed, match="invitation_other"):
        joining.join_signed_in(desk.other.owner, token)
    assert desk.other.owner.email not in members_of(desk.mine)
    join(token)


def test_an_address_with_an_account_makes_no_second_one(desk: Desk, token: str) -> None:
    member(desk.other, NEW)
    with pytest.raises(Conflict, match="account_exists"):
        join(token)
    assert joining.find_invitation(token).has_account


def test_an_account_that_belongs_nowhere_joins_first_and_signs_in_then(desk: Desk, token: str) -> None:
    ben = member(desk.other, NEW)
    members.remove_member(desk.other.owner, ben.account_id or 0, caller=HOME)
    found = joining.find_invitation(token)
    assert (found.has_account, found.may_sign_in) == (True, False)
    joining.join_before_sign_in(token)
    assert members_of(desk.mine)[NEW] == "agent"


def test_an_account_that_can_sign_in_does_that_first(desk: Desk, token: str) -> None:
    member(desk.other, NEW)
    with pytest.raises(Invalid, match=r"error\.link"):
        joining.join_before_sign_in(token)
    assert NEW not in members_of(desk.mine)


def test_a_disabled_account_joins_nowhere(desk: Desk, token: str) -> None:
    ben = member(desk.other, NEW)
    members.remove_member(desk.other.owner, ben.account_id or 0, caller=HOME)
    accounts.disable_account(NEW)
    with pytest.raises(Invalid, match=r"error\.link"):
        joining.join_before_sign_in(token)


def test_whoever_is_a_member_by_now_keeps_the_role_they_have(desk: Desk) -> None:
    invite(desk.owner, role="viewer")
    token = token_of(links(desk)[-1])
    ben = member(desk.mine, NEW, Role.ADMIN)
    joining.join_signed_in(ben, token)
    assert members_of(desk.mine)[NEW] == "admin"
    assert pending(desk.mine) == []
