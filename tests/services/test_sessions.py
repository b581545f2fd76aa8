"""Sessions: their limits, a new id whenever they may do more, and nothing gained by turning the clock."""

from datetime import timedelta

import pytest
from sqlmodel import select

from casso.access import across_organizations
from casso.db import reading, transaction
from casso.enums import STRONG, Role, Strength
from casso.errors import NotAllowed, NotFound, TooWeak
from casso.models import Account, Membership, Organization, SignIn
from casso.rules.session_limits import ABSOLUTE_LIMIT
from casso.services import sessions
from casso.values.caller import Caller
from casso.values.proved import Proved
from tests.desks import Desk
from tests.services.people import (
    AWAY,
    FIREFOX,
    HOME,
    actor_of,
    add_member,
    count_sessions,
    open_session,
    signed_in,
    trail,
)


def row() -> SignIn:
    with reading() as session, across_organizations(session, "tests"):
        return session.exec(select(SignIn)).one()


def renew(token: str) -> str:
    actor = actor_of(token)
    with transaction(actor.organization_id) as session:
        return sessions.renew(session, actor)


def demand(organization_id: int) -> None:
    with transaction() as session:
        session.get_one(Organization, organization_id).requires_second_factor = True


def test_a_session_remembers_browser_address_strength_and_proof(desk: Desk) -> None:
    open_session(desk.owner.account_id)
    found = row()
    assert (found.ip, found.browser, found.strength) == (HOME.ip, FIREFOX, Strength.PASSWORD)
    assert found.proved_at == found.created_at


def test_every_session_has_a_token_of_its_own(sqlite_desk: Desk) -> None:
    tokens = {open_session(sqlite_desk.owner.account_id) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) >= 43 for token in tokens)


def test_a_disabled_account_and_one_without_organization_get_no_session(sqlite_desk: Desk) -> None:
    account_id = sqlite_desk.owner.account_id or 0
    with pytest.raises(NotAllowed):
        open_session(4711)
    with transaction() as session, across_organizations(session, "tests"):
        session.get_one(Account, account_id).disabled_at = sqlite_desk.clock.now()
    with pytest.raises(NotAllowed):
        open_session(account_id)
    with transaction() as session, across_organizations(session, "tests"):
        session.get_one(Account, account_id).disabled_at = None
        session.delete(session.exec(select(Membership).where(Membership.account_id == account_id)).one())
    with pytest.raises(NotAllowed):
        open_session(account_id)
    assert count_sessions() == 0


def test_a_renewed_session_has_a_new_token_and_the_old_one_is_dead(desk: Desk) -> None:
    old = open_session(desk.owner.account_id)
    fresh = renew(old)
    assert fresh != old
    assert sessions.find_session(old) is None
    assert actor_of(fresh).sign_in_id == row().id
    assert count_sessions() == 1


def test_renewing_moves_no_limit(sqlite_desk: Desk) -> None:
    token = open_session(sqlite_desk.owner.account_id)
    for _ in range(5):
        sqlite_desk.clock.tick(days=11)
        token = renew(token)
    sqlite_desk.clock.tick(days=6)
    assert sessions.find_session(token) is None


def test_a_session_that_is_gone_cannot_be_renewed(sqlite_desk: Desk) -> None:
    token = open_session(sqlite_desk.owner.account_id)
    actor = actor_of(token)
    sessions.sign_out(token)
    with pytest.raises(NotAllowed), transaction(actor.organization_id) as session:
        sessions.renew(session, actor)


def test_another_organization_means_another_token_and_another_role(desk: Desk) -> None:
    add_member(desk.other.organization_id, desk.owner.email, Role.VIEWER)
    old = open_session(desk.owner.account_id)
    fresh = sessions.switch_organization(actor_of(old), desk.other.organization_id, AWAY)
    there = actor_of(fresh)
    assert (there.organization_id, there.role) == (desk.other.organization_id, Role.VIEWER)
    assert sessions.find_session(old) is None
    assert trail(desk, "session.ended") == ["Chrome 141 on Linux, 198.51.100.9"]
    assert trail(desk, "session.started", desk.other.organization_id) == ["Chrome 141 on Linux, 198.51.100.9"]


def test_signing_in_opens_what_was_used_last(desk: Desk) -> None:
    desk.clock.tick(days=1)
    add_member(desk.other.organization_id, desk.owner.email, Role.VIEWER)
    here, there = desk.mine.organization_id, desk.other.organization_id
    first = signed_in(desk.owner.account_id)
    assert first.organization_id == there  # joined since
    desk.clock.tick(minutes=1)
    sessions.switch_organization(first, here, AWAY)
    assert signed_in(desk.owner.account_id).organization_id == here
    assert signed_in(desk.owner.account_id).organization_id == here
    desk.clock.tick(minutes=1)
    sessions.switch_organization(signed_in(desk.owner.account_id), there, AWAY)
    assert signed_in(desk.owner.account_id).organization_id == there


def test_a_visit_counts_as_use(desk: Desk) -> None:
    add_member(desk.other.organization_id, desk.owner.email, Role.VIEWER)
    desk.clock.tick(days=1)
    old = open_session(desk.owner.account_id)
    moved = sessions.switch_organization(actor_of(old), desk.mine.organization_id, AWAY)
    sessions.switch_organization(signed_in(desk.owner.account_id), desk.other.organization_id, HOME)
    desk.clock.tick(minutes=6)
    sessions.find_session(moved)
    assert signed_in(desk.owner.account_id).organization_id == desk.mine.organization_id


def test_where_somebody_was_removed_they_are_not_sent(desk: Desk) -> None:
    account_id = add_member(desk.mine.organization_id)
    add_member(desk.other.organization_id)
    desk.clock.tick(days=1)
    sessions.switch_organization(signed_in(account_id), desk.mine.organization_id, HOME)
    with transaction() as session, across_organizations(session, "tests"):
        here = Membership.organization_id == desk.mine.organization_id
        session.delete(
            session.exec(select(Membership).where(Membership.account_id == account_id, here)).one()
        )
    assert signed_in(account_id).organization_id == desk.other.organization_id


@pytest.mark.parametrize("strength", list(Strength))
def test_a_session_too_weak_for_another_organization_stays_and_is_told(
    desk: Desk, strength: Strength
) -> None:
    add_member(desk.other.organization_id, desk.owner.email, Role.VIEWER)
    demand(desk.other.organization_id)
    account_id = desk.owner.account_id or 0
    desk.clock.tick(days=1)
    token = sessions.open_session(Proved(account_id, Strength.TWO_FACTORS), HOME)
    token = sessions.switch_organization(actor_of(token), desk.mine.organization_id, HOME)
    token = sessions.open_session(Proved(account_id, strength), HOME)
    assert actor_of(token).organization_id == desk.mine.organization_id
    if strength in STRONG:
        fresh = sessions.switch_organization(actor_of(token), desk.other.organization_id, HOME)
        assert actor_of(fresh).organization_id == desk.other.organization_id
        return
    with pytest.raises(TooWeak) as caught:
        sessions.switch_organization(actor_of(token), desk.other.organization_id, HOME)
    assert caught.value.values == {"organization": "Other"}
    assert actor_of(token).organization_id == desk.mine.organization_id


def test_whether_a_factor_is_demanded_is_told_to_members_alone(sqlite_desk: Desk) -> None:
    demand(sqlite_desk.other.organization_id)
    with pytest.raises(NotFound):
        sessions.switch_organization(
            signed_in(sqlite_desk.owner.account_id), sqlite_desk.other.organization_id, HOME
        )


@pytest.mark.parametrize("is_there", [True, False])
def test_nobody_goes_where_they_are_no_member(sqlite_desk: Desk, is_there: bool) -> None:
    token = open_session(sqlite_desk.owner.account_id)
    target = sqlite_desk.other.organization_id if is_there else 4711
    with pytest.raises(NotFound):
        sessions.switch_organization(actor_of(token), target, HOME)
    assert actor_of(token).organization_id == sqlite_desk.mine.organization_id


def test_a_removed_membership_ends_the_session_there(desk: Desk) -> None:
    account_id = add_member(desk.mine.organization_id)
    token = open_session(account_id)
    with transaction() as session, across_organizations(session, "tests"):
        session.delete(session.exec(select(Membership).where(Membership.account_id == account_id)).one())
    assert sessions.find_session(token) is None


def test_a_session_too_weak_for_its_organization_opens_nothing_and_is_told_nothing(sqlite_desk: Desk) -> None:
    token = open_session(sqlite_desk.owner.account_id)
    assert set(sessions.find_sessions([sessions.digest(token)])) == {sessions.digest(token)}
    with transaction() as session:
        session.get_one(Organization, sqlite_desk.mine.organization_id).requires_second_factor = True
    assert sessions.find_session(token) is None
    assert sessions.find_sessions([sessions.digest(token)]) == {}


def test_a_session_that_was_seen_to_be_over_does_not_come_back_with_the_clock(desk: Desk) -> None:
    token = open_session(desk.owner.account_id)
    desk.clock.tick(days=15)
    assert sessions.find_session(token) is None
    desk.clock.tick(days=-14)
    assert sessions.find_session(token) is None
    assert count_sessions() == 0


def test_a_clock_set_back_takes_from_the_limit_what_it_would_have_given(desk: Desk) -> None:
    token = open_session(desk.owner.account_id)
    for _ in range(5):
        desk.clock.tick(days=10)
        assert sessions.find_session(token)
    desk.clock.tick(days=-40)
    assert sessions.find_session(token)
    desk.clock.tick(days=9)
    assert sessions.find_session(token)
    desk.clock.tick(days=2)
    assert sessions.find_session(token) is None


def test_a_clock_set_back_by_seconds_changes_nothing(sqlite_desk: Desk) -> None:
    open_session(sqlite_desk.owner.account_id)
    before = row().expires_at
    sqlite_desk.clock.tick(seconds=-30)
    assert before - sqlite_desk.clock.moment > ABSOLUTE_LIMIT
    assert row().expires_at == before


def test_a_visit_is_written_down_every_few_minutes_only(sqlite_desk: Desk) -> None:
    token = open_session(sqlite_desk.owner.account_id)
    start = row().last_seen_at
    sqlite_desk.clock.tick(minutes=4)
    sessions.find_session(token)
    assert row().last_seen_at == start
    sqlite_desk.clock.tick(minutes=2)
    sessions.find_session(token)
    assert row().last_seen_at - start > timedelta(minutes=5)


def test_signing_out_says_from_where(sqlite_desk: Desk) -> None:
    sessions.sign_out(open_session(sqlite_desk.owner.account_id), AWAY)
    assert trail(sqlite_desk, "session.ended") == ["Chrome 141 on Linux, 198.51.100.9"]


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "x" * 100_000])
def test_what_was_never_a_token_is_nobody(sqlite_desk: Desk, token: str) -> None:
    signed_in(sqlite_desk.owner.account_id)
    assert sessions.find_session(token) is None
    sessions.sign_out(token)
    assert count_sessions() == 1


def test_a_browsers_name_is_cut_to_its_column(sqlite_desk: Desk) -> None:
    sessions.open_session(
        Proved(sqlite_desk.owner.account_id or 0, Strength.PASSKEY), Caller(browser="x" * 5000)
    )
    assert (len(row().browser), row().strength) == (300, Strength.PASSKEY)
