"""Ending sessions: one's own elsewhere, a member's by an admin, and never anybody else's."""

from dataclasses import replace

import pytest

from casso.access import Actor
from casso.db import transaction
from casso.enums import Role
from casso.errors import NotAllowed, NotFound
from casso.queries.sessions import list_sessions
from casso.services import session_ending, sessions
from tests.desks import Desk
from tests.services.people import (
    AWAY,
    HOME,
    actor_of,
    add_member,
    count_sessions,
    open_session,
    signed_in,
    trail,
)


def test_the_list_names_browser_address_and_times_and_which_one_is_this(desk: Desk) -> None:
    away = open_session(desk.owner.account_id, AWAY)
    desk.clock.tick(hours=2)
    here = signed_in(desk.owner.account_id, HOME)
    first, second = list_sessions(here)
    assert (first.browser, first.ip, first.is_this) == ("Firefox 144 on Windows", "192.0.2.7", True)
    assert (second.browser, second.ip, second.is_this) == ("Chrome 141 on Linux", "198.51.100.9", False)
    assert second.created_iso == "2026-03-02T09:00:00.000Z"
    assert second.organization == "Example"
    assert away not in repr((first, second))


def test_the_list_holds_ones_own_sessions_everywhere_and_nobody_elses(desk: Desk) -> None:
    add_member(desk.other.organization_id, desk.owner.email)
    here = signed_in(desk.owner.account_id)
    sessions.switch_organization(signed_in(desk.owner.account_id, AWAY), desk.other.organization_id, AWAY)
    signed_in(desk.other.owner.account_id)
    assert [row.organization for row in list_sessions(here)] == ["Example", "Other"]


def test_what_is_over_is_not_listed(sqlite_desk: Desk) -> None:
    open_session(sqlite_desk.owner.account_id, AWAY)
    sqlite_desk.clock.tick(days=15)
    assert len(list_sessions(signed_in(sqlite_desk.owner.account_id))) == 1


def test_one_session_is_ended_and_leaves_its_line(desk: Desk) -> None:
    away, here = open_session(desk.owner.account_id, AWAY), signed_in(desk.owner.account_id)
    session_ending.end_session(here, actor_of(away).sign_in_id or 0, HOME)
    assert sessions.find_session(away) is None
    assert count_sessions() == 1
    (line,) = trail(desk, "session.revoked")
    assert line == "Chrome 141 on Linux, Firefox 144 on Windows, 192.0.2.7"


def test_all_others_are_ended_and_this_one_stays(desk: Desk) -> None:
    elsewhere = [open_session(desk.owner.account_id, AWAY) for _ in range(3)]
    here = open_session(desk.owner.account_id)
    theirs = open_session(desk.other.owner.account_id)
    assert session_ending.end_other_sessions(actor_of(here), HOME) == 3
    assert [sessions.find_session(token) for token in elsewhere] == [None] * 3
    assert sessions.find_session(here)
    assert sessions.find_session(theirs)
    assert len(trail(desk, "session.revoked")) == 3


def test_a_strangers_session_cannot_be_ended_and_seems_not_to_exist(desk: Desk) -> None:
    theirs = signed_in(desk.other.owner.account_id)
    colleague = signed_in(add_member(desk.mine.organization_id))
    here = signed_in(desk.owner.account_id)
    for session_id in (theirs.sign_in_id, colleague.sign_in_id, 4711, 0, -1, 2**40):
        with pytest.raises(NotFound):
            session_ending.end_session(here, session_id or 0, HOME)
    assert count_sessions() == 3


def test_an_admin_ends_a_members_sessions_in_this_organization_only(desk: Desk) -> None:
    ben = add_member(desk.mine.organization_id)
    here = open_session(ben)
    add_member(desk.other.organization_id, "ben@example.test")
    there = sessions.switch_organization(signed_in(ben), desk.other.organization_id, HOME)
    admin = replace(signed_in(desk.owner.account_id), role=Role.ADMIN)
    assert session_ending.end_sessions_of(admin, ben, AWAY) == 1
    assert sessions.find_session(here) is None
    assert sessions.find_session(there)
    (line,) = trail(desk, "session.revoked")
    assert line == "ben@example.test, Chrome 141 on Linux, 198.51.100.9"


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER])
def test_whoever_does_not_manage_members_ends_nobodys_sessions(sqlite_desk: Desk, role: Role) -> None:
    ben = add_member(sqlite_desk.mine.organization_id)
    open_session(ben)
    with pytest.raises(NotAllowed):
        session_ending.end_sessions_of(with_role(sqlite_desk.owner, role), ben, HOME)
    assert count_sessions(ben) == 1


def with_role(actor: Actor, role: Role) -> Actor:
    return Actor(organization_id=actor.organization_id, account_id=actor.account_id, role=role)


def test_an_admin_does_not_throw_the_owner_out(sqlite_desk: Desk) -> None:
    open_session(sqlite_desk.owner.account_id)
    admin = signed_in(add_member(sqlite_desk.mine.organization_id, role=Role.ADMIN))
    with pytest.raises(NotAllowed):
        session_ending.end_sessions_of(admin, sqlite_desk.owner.account_id or 0, HOME)
    assert count_sessions(sqlite_desk.owner.account_id) == 1


def test_another_organizations_member_seems_not_to_exist(sqlite_desk: Desk) -> None:
    open_session(sqlite_desk.other.owner.account_id)
    for account_id in (sqlite_desk.other.owner.account_id or 0, 4711, 2**40, -1):
        with pytest.raises(NotFound):
            session_ending.end_sessions_of(sqlite_desk.owner, account_id, HOME)
    assert count_sessions() == 1


def test_all_sessions_of_an_account_end_in_every_organization(desk: Desk) -> None:
    open_session(desk.owner.account_id)
    add_member(desk.other.organization_id, desk.owner.email)
    sessions.switch_organization(signed_in(desk.owner.account_id), desk.other.organization_id, HOME)
    with transaction(desk.mine.organization_id) as session:
        ended = session_ending.end_all_sessions(session, desk.owner.account_id or 0, None, AWAY)
    assert (ended, count_sessions()) == (2, 0)
    assert len(trail(desk, "session.revoked")) == len(
        trail(desk, "session.revoked", desk.other.organization_id)
    )
