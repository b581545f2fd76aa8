"""What a session is allowed, read at every event: role, own role, limits, and the operator's mark."""

import pytest
from sqlalchemy import update
from sqlmodel import col

from casso import db
from casso.enums import Role, Sees
from casso.models import Membership, OwnRole
from casso.rules.permissions import PERMISSIONS, Action
from casso.services.sessions import find_session
from tests.desks import Desk
from tests.queries.plans import recorded
from tests.services.mails import take_in
from tests.services.members import member, session_of, team
from tests.services.test_intake_forwards import customer_of, forwarded, set_mailbox


def test_the_owner_of_the_first_organization_has_their_role_and_the_operators_mark(desk: Desk) -> None:
    owner = find_session(session_of(desk.mine, desk.owner.account_id or 0))
    assert owner is not None
    assert (owner.role, owner.is_operator, owner.sees, owner.seen_ids) == (Role.OWNER, True, Sees.ALL, ())
    other = find_session(session_of(desk.other, desk.other.owner.account_id or 0))
    assert other is not None
    assert not other.is_operator


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.AGENT, Role.VIEWER])
def test_a_member_may_do_what_their_role_may(desk: Desk, role: Role) -> None:
    assert member(desk.mine, "ben@example.test", role).permissions == PERMISSIONS[role]


def test_an_own_role_is_read_with_the_session_and_again_after_a_change(desk: Desk) -> None:
    ben = member(desk.mine, "ben@example.test", Role.OWN, own=("tickets.read", "trail.read", "of tomorrow"))
    assert ben.permissions == {Action.READ_TICKETS, Action.READ_TRAIL, Action.OWN_ACCOUNT}
    with db.transaction(desk.mine.organization_id) as session:
        session.execute(
            update(OwnRole)
            .where(col(OwnRole.organization_id) == desk.mine.organization_id)
            .values(permissions=("tickets.read",))
        )
    again = find_session(session_of(desk.mine, ben.account_id or 0))
    assert again is not None
    assert again.permissions == {Action.READ_TICKETS, Action.OWN_ACCOUNT}


def test_a_limited_member_sees_their_own_teams(desk: Desk) -> None:
    billing, orders = team(desk.mine, "Billing"), team(desk.mine, "Orders")
    team(desk.mine, "Others")
    ben = member(desk.mine, "ben@example.test", sees=Sees.TEAMS, teams=(orders, billing))
    assert (ben.sees, ben.seen_ids) == (Sees.TEAMS, (billing, orders))
    member(desk.mine, "eve@example.test", sees=Sees.TEAMS)
    ada = member(desk.mine, "ada@example.test", Role.ADMIN, teams=(billing,))
    assert (ada.sees, ada.seen_ids) == (Sees.ALL, ())


def test_a_limited_member_sees_the_mailboxes_given_to_them_here_and_not_elsewhere(desk: Desk) -> None:
    member(desk.other, "ben@example.test", sees=Sees.MAILBOXES, mailboxes=(desk.other.mailbox_id,))
    ben = member(desk.mine, "ben@example.test", sees=Sees.MAILBOXES, mailboxes=(desk.mine.mailbox_id,))
    assert (ben.sees, ben.seen_ids) == (Sees.MAILBOXES, (desk.mine.mailbox_id,))
    nobody = member(desk.mine, "eve@example.test", sees=Sees.MAILBOXES)
    assert nobody.seen_ids == ()


def test_an_own_role_of_another_organization_allows_nothing(desk: Desk) -> None:
    eve = member(desk.other, "eve@example.test", Role.OWN, own=("members.manage",))
    ben = member(desk.mine, "ben@example.test", Role.OWN)
    here = desk.mine.organization_id
    with db.transaction() as session, db.unscoped(session, "test"):
        (theirs,) = session.execute(
            OwnRole.__table__.select().with_only_columns(col(OwnRole.id))  # type: ignore[attr-defined]
        ).scalars()
        session.execute(update(Membership).where(
            col(Membership.organization_id) == here, col(Membership.account_id) == ben.account_id
        ).values(own_role_id=theirs))  # fmt: skip
    again = find_session(session_of(desk.mine, ben.account_id or 0))
    assert again is not None
    assert again.permissions == {Action.OWN_ACCOUNT}
    assert eve.may(Action.MANAGE_MEMBERS)


def test_everything_a_session_is_allowed_is_one_statement(desk: Desk) -> None:
    ben = member(desk.mine, "ben@example.test", Role.OWN, own=("tickets.read",), sees=Sees.TEAMS)
    token = session_of(desk.mine, ben.account_id or 0)
    with recorded() as found:
        find_session(token)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("own", "becomes"),
    [(("tickets.write",), "ben@stranger.test"), (("tickets.read", "members.manage"), "max@example.test")],
)
def test_an_own_role_takes_a_forward_over_exactly_when_it_answers_tickets(
    desk: Desk, own: tuple[str, ...], becomes: str
) -> None:
    set_mailbox(desk)
    member(desk.mine, "max@example.test", Role.OWN, own=own)
    found = take_in(forwarded(sender="Max <max@example.test>"))
    assert customer_of(desk, found)[0] == becomes
