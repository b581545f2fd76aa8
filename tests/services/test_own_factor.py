"""A person's second factor: set up, renewed, turned off with a fresh proof, and told by mail."""

import pyotp
import pytest
from sqlmodel import select

from casso import db
from casso.access import Actor
from casso.db import transaction
from casso.enums import Role, Strength
from casso.errors import Invalid, NotAllowed, NotFound, NotProved
from casso.models import Account, Authenticator, Membership, Notice, Organization
from casso.queries.factors import get_factor
from casso.services import authenticators, own_factor, sessions
from casso.values.caller import Caller
from casso.values.proved import Proved
from tests.desks import Desk, Tenant

HERE = Caller(ip="192.0.2.7", browser="test")


def signed_in(account_id: int | None, strength: Strength = Strength.PASSWORD) -> Actor:
    """The person with a session of their own."""
    found = sessions.find_session(sessions.open_session(Proved(account_id or 0, strength), HERE))
    assert found
    return found


def owner(desk: Desk) -> Actor:
    return signed_in(desk.owner.account_id)


def set_up(desk: Desk, actor: Actor) -> tuple[str, ...]:
    secret = own_factor.begin(actor).secret
    return own_factor.confirm(actor, pyotp.TOTP(secret).at(desk.clock.moment), HERE)


def notices() -> set[str]:
    with db.reading() as session:
        return set(session.exec(select(Notice.kind)).all())


def member(desk: Desk, *tenants: Tenant, role: Role = Role.AGENT) -> int:
    """A colleague in these organizations."""
    with transaction() as session:
        account = Account(email="ben@example.test", first_name="Ben", created_at=desk.clock.moment)
        session.add(account)
        session.flush()
        number = account.id or 0
    for one in tenants:
        with transaction(one.organization_id) as session:
            session.add(
                Membership(
                    organization_id=one.organization_id,
                    account_id=number,
                    role=role,
                    created_at=desk.clock.moment,
                )
            )
    return number


def test_setting_up_makes_this_session_strong_and_tells_the_person(desk: Desk) -> None:
    actor = owner(desk)
    codes = set_up(desk, actor)
    assert len(codes) == 10
    found = get_factor(actor)
    assert (found.is_on, found.spare_left) == (True, 10)
    assert "factor_on" in notices()
    own_factor.demand(actor, HERE, is_demanded=True)


def test_every_act_needs_a_fresh_proof(desk: Desk) -> None:
    actor = owner(desk)
    set_up(desk, actor)
    desk.clock.tick(minutes=11)
    for act in (
        lambda: own_factor.begin(actor),
        lambda: own_factor.confirm(actor, "000000", HERE),
        lambda: own_factor.renew_spare_codes(actor, HERE),
        lambda: own_factor.turn_off(actor, HERE),
        lambda: own_factor.reset_of_member(actor, 1, HERE),
    ):
        with pytest.raises(NotProved):
            act()
    assert authenticators.is_on(actor.account_id)


def test_turning_off_forgets_everything_and_is_told(desk: Desk) -> None:
    actor = owner(desk)
    set_up(desk, actor)
    own_factor.turn_off(actor, HERE)
    assert not authenticators.is_on(actor.account_id)
    assert get_factor(actor).spare_left == 0
    assert "factor_off" in notices()
    with db.reading() as session:
        assert session.exec(select(Authenticator)).all() == []


def test_new_spare_codes_end_the_old_ones(desk: Desk) -> None:
    actor = owner(desk)
    old = set_up(desk, actor)
    new = own_factor.renew_spare_codes(actor, HERE)
    assert not set(old) & set(new)
    with transaction() as session:
        assert not authenticators.use_spare_code(session, actor.account_id or 0, old[0])
        assert authenticators.use_spare_code(session, actor.account_id or 0, new[0])


def test_where_it_is_demanded_it_stays_on(desk: Desk) -> None:
    actor = owner(desk)
    set_up(desk, actor)
    own_factor.demand(actor, HERE, is_demanded=True)
    with pytest.raises(Invalid, match="factor_demanded"):
        own_factor.turn_off(actor, HERE)
    own_factor.demand(actor, HERE, is_demanded=False)
    own_factor.turn_off(actor, HERE)


def test_nobody_demands_it_without_having_shown_it(desk: Desk) -> None:
    with pytest.raises(Invalid, match="factor_yours_first"):
        own_factor.demand(owner(desk), HERE, is_demanded=True)
    with db.reading() as session:
        assert not session.get_one(Organization, desk.owner.organization_id).requires_second_factor


def test_an_agent_cannot_demand_it(desk: Desk) -> None:
    ben = signed_in(member(desk, desk.mine), Strength.TWO_FACTORS)
    with pytest.raises(NotAllowed):
        own_factor.demand(ben, HERE, is_demanded=True)


def test_an_admin_resets_a_members_lost_one_and_their_sessions_end(desk: Desk) -> None:
    number, actor = member(desk, desk.mine), owner(desk)
    ben = signed_in(number)
    set_up(desk, ben)
    token = sessions.open_session(Proved(number, Strength.TWO_FACTORS), HERE)
    own_factor.reset_of_member(actor, number, HERE)
    assert not authenticators.is_on(number)
    assert sessions.find_session(token) is None


def test_a_stranger_and_somebody_of_two_organizations_keep_theirs(desk: Desk) -> None:
    number, actor = member(desk, desk.mine, desk.other), owner(desk)
    set_up(desk, signed_in(number))
    with pytest.raises(NotAllowed, match="factor_elsewhere"):
        own_factor.reset_of_member(actor, number, HERE)
    assert authenticators.is_on(number)
    with pytest.raises(NotFound):
        own_factor.reset_of_member(actor, desk.other.owner.account_id or 0, HERE)


def test_an_admin_cannot_reset_an_owners(desk: Desk) -> None:
    set_up(desk, owner(desk))
    admin = signed_in(member(desk, desk.mine, role=Role.ADMIN))
    with pytest.raises(NotAllowed):
        own_factor.reset_of_member(admin, desk.owner.account_id or 0, HERE)
    assert authenticators.is_on(desk.owner.account_id)
