"""The table of roles is complete, grows from viewer to owner, and a limit only ever takes away."""

import pytest

from casso.enums import Role
from casso.rules.permissions import LIMITED, PERMISSIONS, TABLE, Action, allows, known_actions, permissions_of


def test_every_action_stands_in_the_table_exactly_once() -> None:
    listed = [line.action for lines in TABLE.values() for line in lines]
    assert sorted(listed) == sorted(Action)


def test_every_role_has_a_set() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_each_role_may_do_what_the_role_below_it_may() -> None:
    viewer, agent, admin, owner = (
        PERMISSIONS[role] for role in (Role.VIEWER, Role.AGENT, Role.ADMIN, Role.OWNER)
    )
    assert viewer < agent < admin < owner


def test_a_viewer_changes_nothing_but_their_own_account() -> None:
    assert PERMISSIONS[Role.VIEWER] == {Action.READ_TICKETS, Action.OWN_ACCOUNT}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_everyone_may_change_their_own_account_limited_or_not(role: Role) -> None:
    assert Action.OWN_ACCOUNT in permissions_of(role)
    assert Action.OWN_ACCOUNT in permissions_of(role, is_limited=True)


def test_an_own_role_is_exactly_what_was_chosen_and_the_own_account() -> None:
    chosen = permissions_of(Role.OWN, own=("tickets.read", "trail.read"))
    assert chosen == {Action.READ_TICKETS, Action.READ_TRAIL, Action.OWN_ACCOUNT}


def test_an_own_set_adds_nothing_to_another_role() -> None:
    assert permissions_of(Role.VIEWER, own=("members.manage",)) == PERMISSIONS[Role.VIEWER]


@pytest.mark.parametrize("name", ["", "tickets", "TICKETS.READ", "everything", "members.manage ", "\x00"])
def test_a_stored_name_that_means_nothing_allows_nothing(name: str) -> None:
    assert known_actions([name]) == frozenset()


def test_a_limited_view_takes_away_whatever_shows_or_changes_everybodys() -> None:
    left = permissions_of(Role.OWNER, is_limited=True)
    assert left == LIMITED
    for action in (Action.MANAGE_MEMBERS, Action.READ_TRAIL, Action.READ_QUARANTINE, Action.EXPORT_DATA):
        assert action not in left
    assert permissions_of(Role.VIEWER, is_limited=True) == PERMISSIONS[Role.VIEWER]


def test_billing_is_the_owners() -> None:
    assert [role for role in (Role.OWNER, Role.ADMIN, Role.AGENT) if allows(role, Action.MANAGE_BILLING)] == [
        Role.OWNER
    ]
