"""Nobody gives more than they have, whatever they have and whatever it is called."""

from itertools import product

import pytest

from casso.enums import Role
from casso.rules.granting import BUILT_IN, Holder, may_grant, may_write_role
from casso.rules.permissions import Action

OWNER, ADMIN, AGENT, VIEWER = (Holder(role) for role in BUILT_IN)
EVERYTHING = tuple(action.value for action in Action)
LEADER = Holder(Role.OWN, ("tickets.read", "tickets.write", "members.manage"))


@pytest.mark.parametrize(("giver", "wanted"), list(product((OWNER, ADMIN, AGENT, VIEWER), repeat=2)))
def test_of_the_built_in_roles_each_gives_itself_and_those_below(giver: Holder, wanted: Holder) -> None:
    assert may_grant(giver, wanted) is (BUILT_IN.index(giver.role) <= BUILT_IN.index(wanted.role))


def test_an_own_role_gives_what_stands_in_it_and_no_more() -> None:
    assert may_grant(LEADER, AGENT)
    assert may_grant(LEADER, Holder(Role.OWN, ("members.manage",)))
    assert not may_grant(LEADER, ADMIN)
    assert not may_grant(LEADER, Holder(Role.OWN, ("roles.manage",)))


def test_owners_are_made_by_owners_even_when_somebody_has_every_permission() -> None:
    everything = Holder(Role.OWN, EVERYTHING)
    assert everything.permissions == OWNER.permissions
    assert not may_grant(everything, OWNER)
    assert may_grant(OWNER, everything)


@pytest.mark.parametrize("giver", [OWNER, Holder(Role.OWN, EVERYTHING), Holder(Role.SYSTEM)])
def test_nobody_makes_a_person_the_system(giver: Holder) -> None:
    assert not may_grant(giver, Holder(Role.SYSTEM))


def test_a_role_holds_what_its_writer_may_do() -> None:
    assert may_write_role(ADMIN, ("tickets.read", "members.manage"))
    assert may_write_role(ADMIN, ())
    assert not may_write_role(ADMIN, ("billing.manage",))
    assert not may_write_role(LEADER, ("tickets.read", "trail.read"))


@pytest.mark.parametrize("name", ["everything", "", "Tickets.Read", "organization_id", "tickets.read "])
def test_a_permission_that_does_not_exist_is_never_written(name: str) -> None:
    assert not may_write_role(OWNER, ("tickets.read", name))
