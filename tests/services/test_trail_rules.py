"""How long the trail stays is the organization's to say, within bounds, and told in the trail."""

from dataclasses import replace

import pytest

from casso.enums import Role
from casso.errors import AlreadyDone, Invalid, NotAllowed
from casso.queries.trail_state import get_trail_state, list_trail_choices
from casso.services.trail_checking import note_checks
from casso.services.trail_keeping import prune
from casso.services.trail_rules import note_export, set_trail_rules
from tests.desks import Desk
from tests.services.test_trail_checking import tamper
from tests.trails import trail_of


def test_the_rules_are_kept_and_told(desk: Desk) -> None:
    set_trail_rules(desk.owner, address_days=30, trail_days=365, intent="one")
    state = get_trail_state(desk.owner)
    assert (state.address_days, state.trail_days) == (30, 365)
    assert get_trail_state(desk.other.owner).trail_days == 730
    (line,) = trail_of(desk.mine.organization_id, "organization.trail")
    assert line.before == "addresses (days): 90, entries (days): 730"
    assert line.after == "addresses (days): 30, entries (days): 365"
    with pytest.raises(AlreadyDone):
        set_trail_rules(desk.owner, address_days=60, trail_days=365, intent="one")


@pytest.mark.parametrize(
    ("address_days", "trail_days", "key"),
    [
        (0, 365, "error.address_days"),
        (-1, 365, "error.address_days"),
        (731, 365, "error.address_days"),
        (30, 29, "error.trail_days"),
        (30, 0, "error.trail_days"),
        (30, 3651, "error.trail_days"),
    ],
)
def test_nobody_sets_them_to_nothing(sqlite_desk: Desk, address_days: int, trail_days: int, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        set_trail_rules(sqlite_desk.owner, address_days=address_days, trail_days=trail_days)
    assert caught.value.key == key
    assert get_trail_state(sqlite_desk.owner).trail_days == 730


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER])
def test_who_may_not_change_settings_changes_none(sqlite_desk: Desk, role: Role) -> None:
    actor = replace(sqlite_desk.owner, role=role)
    with pytest.raises(NotAllowed):
        set_trail_rules(actor, address_days=30, trail_days=365)
    with pytest.raises(NotAllowed):
        note_export(actor, what="csv")
    with pytest.raises(NotAllowed):
        get_trail_state(actor)
    with pytest.raises(NotAllowed):
        list_trail_choices(actor)


def test_the_state_says_how_far_the_chain_was_checked(desk: Desk) -> None:
    fresh = get_trail_state(desk.owner)
    assert (fresh.newest_number, fresh.first_number, fresh.checked_number) == (1, 1, 0)
    assert (fresh.checked_iso, fresh.is_broken) == ("", False)
    note_checks()
    note_export(desk.owner, what="csv")
    state = get_trail_state(desk.owner)
    assert (state.newest_number, state.checked_number, state.is_broken) == (2, 1, False)
    assert state.checked_iso == state.held_iso == "2026-03-02T09:00:00.000Z"


def test_the_state_says_where_the_chain_broke_and_when_it_last_held(desk: Desk) -> None:
    note_checks()
    desk.clock.tick(days=1)
    tamper(desk, "UPDATE trail_entry SET action = 'x' WHERE organization_id = :here")
    note_checks()
    state = get_trail_state(desk.owner)
    assert (state.is_broken, state.broken_number, state.held_iso[:10]) == (True, 1, "2026-03-02")
    assert not get_trail_state(desk.other.owner).is_broken


def test_the_state_says_what_was_pruned(desk: Desk) -> None:
    prune(desk.system, before=desk.clock.tick(days=1))
    assert get_trail_state(desk.owner).first_number == 2


def test_people_and_kinds_to_choose_from_are_those_that_occur(desk: Desk) -> None:
    note_export(desk.owner, what="csv")
    people, kinds = list_trail_choices(replace(desk.owner, locale="de"))
    assert [(one.value, one.label) for one in people] == [(str(desk.owner.account_id), "Olga Example")]
    assert [(one.value, one.label) for one in kinds] == [
        ("trail", "Die Aktivität selbst"),
        ("organization", "Organisation"),
    ]
