"""The actor carries what they may do, and asking for more is refused."""

from dataclasses import replace

import pytest

from casso.access import Actor, require
from casso.enums import Role, Sees
from casso.errors import NotAllowed
from casso.rules.permissions import PERMISSIONS, Action, permissions_of


@pytest.mark.parametrize("role", list(Role))
def test_an_actor_made_from_a_role_alone_may_do_what_the_role_may(role: Role) -> None:
    assert Actor(1, 2, role).permissions == PERMISSIONS[role]


def test_an_own_role_allows_what_stands_in_it_and_nothing_else() -> None:
    actor = Actor(1, 2, Role.OWN, own_role=("tickets.read",))
    assert actor.permissions == {Action.READ_TICKETS, Action.OWN_ACCOUNT}
    with pytest.raises(NotAllowed):
        require(actor, Action.MANAGE_MEMBERS)


def test_an_own_role_without_its_set_allows_only_the_own_account() -> None:
    assert Actor(1, 2, Role.OWN).permissions == {Action.OWN_ACCOUNT}


def test_another_role_takes_its_set_along() -> None:
    assert replace(Actor(1, 2, Role.OWNER), role=Role.VIEWER).permissions == PERMISSIONS[Role.VIEWER]


def test_a_limited_actor_may_do_less() -> None:
    actor = Actor(1, 2, Role.ADMIN, sees=Sees.TEAMS, seen_ids=(3,))
    assert actor.permissions == permissions_of(Role.ADMIN, is_limited=True)
    with pytest.raises(NotAllowed):
        require(actor, Action.READ_QUARANTINE)


def test_an_operator_may_do_no_more_in_an_organization_than_their_role() -> None:
    assert Actor(1, 2, Role.VIEWER, is_operator=True).permissions == PERMISSIONS[Role.VIEWER]


def test_the_system_may_do_everything_and_is_limited_by_nothing() -> None:
    system = Actor.system(1)
    assert all(system.may(action) for action in Action)
    assert (system.sees, system.is_operator) == (Sees.ALL, False)
