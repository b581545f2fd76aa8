"""Erasing, shortening and pruning take what they should, and the chain still verifies."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from casso.db import reading, transaction
from casso.models import Organization, TrailCheckpoint, TrailDetail, TrailEntry
from casso.services import trail_keeping
from casso.services.trail import record, record_access
from casso.services.trail_checking import check_all, note_checks
from casso.services.trail_keeping import erase_person, erase_ticket, keep_to_rules, prune, shorten_addresses
from tests.desks import Desk
from tests.services.test_trail_checking import tamper, verdict
from tests.trails import trail_of


def come(desk: Desk, ip: str = "192.0.2.77") -> None:
    with transaction(desk.mine.organization_id) as session:
        here, who = desk.mine.organization_id, desk.owner.account_id
        record_access(session, here, who, "session.started", ip=ip, browser="curl/8.5", name="Olga Example")


def act(desk: Desk, *, ticket_id: int = 1, after: str = "open") -> None:
    with transaction(desk.mine.organization_id) as session:
        record(session, desk.owner, "ticket.status", ticket_id=ticket_id, before="new", after=after)


def holds() -> bool:
    return [found.problem for found in check_all()] == ["", ""]


def stored(desk: Desk, table: type) -> list:
    here = desk.mine.organization_id
    with reading(here) as session:
        return list(session.execute(select(table).where(col(table.organization_id) == here)).scalars())


def test_old_addresses_are_cut_to_their_network_and_new_ones_stay(desk: Desk) -> None:
    come(desk, "192.0.2.77")
    come(desk, "2001:db8:1:2::3")
    border = desk.clock.tick(days=1)
    come(desk, "198.51.100.4")
    assert shorten_addresses(desk.system, before=border) == 2
    lines = trail_of(desk.mine.organization_id, "session.%")
    assert [line.ip for line in lines] == ["192.0.2.0/24", "2001:db8:1::/48", "198.51.100.4"]
    assert {(line.actor_name, line.browser) for line in lines} == {("Olga Example", "curl 8")}
    assert shorten_addresses(desk.system, before=border) == 0
    assert holds()


def test_a_shortened_address_cannot_be_found_again_by_trying(desk: Desk) -> None:
    come(desk)
    shorten_addresses(desk.system, before=desk.clock.tick(days=1))
    assert [row.who_salt for row in stored(desk, TrailDetail) if row.ip] == [""]


def test_the_address_of_an_unshortened_entry_is_still_vouched_for(desk: Desk) -> None:
    come(desk)
    border = desk.clock.tick(days=1)
    come(desk)
    shorten_addresses(desk.system, before=border)
    tamper(desk, "UPDATE trail_detail SET ip = '203.0.113.9' WHERE organization_id = :here AND number = 3")
    assert verdict(desk) == ("detail", 3)


def test_erasing_a_person_takes_name_address_and_browser_and_leaves_what_was_done(desk: Desk) -> None:
    come(desk)
    act(desk)
    with transaction(desk.mine.organization_id) as session:
        me = desk.owner
        assert erase_person(session, desk.system, me.account_id or 0) == 2
    assert "Olga" not in str(stored(desk, TrailDetail))
    assert "192.0.2" not in str(stored(desk, TrailDetail))
    line = trail_of(desk.mine.organization_id, "ticket.status")[0]
    assert (line.account_id, line.before, line.after) == (desk.owner.account_id, "new", "open")
    assert holds()


def test_erasing_a_person_takes_an_address_that_was_shortened_before(desk: Desk) -> None:
    come(desk)
    shorten_addresses(desk.system, before=desk.clock.tick(days=1))
    with transaction(desk.mine.organization_id) as session:
        erase_person(session, desk.system, desk.owner.account_id or 0)
    assert "192.0.2" not in str(stored(desk, TrailDetail))
    assert "Olga" not in str(stored(desk, TrailDetail))
    assert holds()


def test_erasing_a_person_takes_what_others_entries_say_of_them(desk: Desk) -> None:
    act(desk, after="Ben 100%_Berg <ben@example.test>")
    act(desk, after="Ben 100xxBerg")
    with transaction(desk.mine.organization_id) as session:
        assert erase_person(session, desk.system, 77, mentions=("Ben 100%_Berg", "")) == 1
    lines = trail_of(desk.mine.organization_id, "ticket.status")
    assert [(line.before, line.after) for line in lines] == [("", ""), ("new", "Ben 100xxBerg")]
    assert holds()


def test_erasing_a_ticket_takes_its_values_and_leaves_who_did_it(desk: Desk) -> None:
    act(desk, ticket_id=5, after="the subject")
    act(desk, ticket_id=6, after="another")
    with transaction(desk.mine.organization_id) as session:
        assert erase_ticket(session, desk.system, 5) == 1
    lines = trail_of(desk.mine.organization_id, "ticket.status")
    assert [(line.after, line.actor_name) for line in lines] == [
        ("", "Olga Example"),
        ("another", "Olga Example"),
    ]
    assert holds()


def test_erasing_never_reaches_another_organization(desk: Desk) -> None:
    with transaction(desk.other.organization_id) as session:
        record(session, desk.other.owner, "ticket.status", ticket_id=5, after="Olga Example")
    act(desk, ticket_id=5)
    with transaction(desk.mine.organization_id) as session:
        erase_ticket(session, desk.system, 5)
        erase_person(session, desk.system, desk.other.owner.account_id or 0, mentions=("Olga",))
    line = trail_of(desk.other.organization_id, "ticket.status")[0]
    assert (line.after, line.actor_name) == ("Olga Example", "Olga Other")


def test_pruning_leaves_a_signed_checkpoint_and_the_rest_verifies(desk: Desk) -> None:
    for _ in range(4):
        act(desk)
    border = desk.clock.tick(days=1)
    act(desk)
    assert prune(desk.system, before=border) == 5
    assert [line.number for line in trail_of(desk.mine.organization_id)] == [6]
    assert [row.number for row in stored(desk, TrailDetail)] == [6]
    (checkpoint,) = stored(desk, TrailCheckpoint)
    assert (checkpoint.number, len(checkpoint.signature)) == (5, 64)
    assert holds()
    assert prune(desk.system, before=border) == 0


def test_the_chain_goes_on_after_everything_was_pruned(desk: Desk) -> None:
    act(desk)
    assert prune(desk.system, before=desk.clock.tick(days=1)) == 2
    assert trail_of(desk.mine.organization_id) == []
    assert holds()
    act(desk)
    assert [line.number for line in trail_of(desk.mine.organization_id)] == [3]
    assert holds()


def test_pruning_is_never_early_when_times_are_out_of_order(desk: Desk) -> None:
    """A young entry keeps what comes after it, however old that says it is."""
    act(desk)
    desk.clock.tick(days=10)
    act(desk)
    desk.clock.tick(days=-10)
    act(desk)
    assert prune(desk.system, before=desk.clock.tick(days=5)) == 2
    assert [line.number for line in trail_of(desk.mine.organization_id)] == [3, 4]
    assert holds()


def test_pruning_goes_on_where_a_crash_stopped_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail_keeping, "AT_ONCE", 3)
    for _ in range(7):
        act(desk)
    border = desk.clock.tick(days=1)
    pieces = iter([None, RuntimeError()])
    sign = trail_keeping.sign

    def crash(purpose: str, text: str) -> str:
        if error := next(pieces):
            raise error
        return sign(purpose, text)

    with monkeypatch.context() as patch:
        patch.setattr(trail_keeping, "sign", crash)
        with pytest.raises(RuntimeError):
            prune(desk.system, before=border)
    assert [line.number for line in trail_of(desk.mine.organization_id)] == [4, 5, 6, 7, 8]
    assert holds()
    assert prune(desk.system, before=border) == 5
    assert holds()


def test_the_rules_of_each_organization_decide(desk: Desk) -> None:
    come(desk)
    with transaction(desk.mine.organization_id) as session:
        organization = session.get(Organization, desk.mine.organization_id)
        assert organization is not None
        assert (organization.address_days, organization.trail_days) == (90, 730)
        organization.address_days, organization.trail_days = 10, 40
    desk.clock.tick(days=9)
    assert keep_to_rules() == 0
    desk.clock.tick(days=2)
    assert keep_to_rules() == 1
    assert trail_of(desk.mine.organization_id, "session.%")[0].ip == "192.0.2.0/24"
    desk.clock.tick(days=30)
    assert keep_to_rules() == 2
    assert trail_of(desk.mine.organization_id) == []
    assert len(trail_of(desk.other.organization_id)) == 1
    assert holds()


def test_erased_shortened_and_pruned_together_the_chain_verifies(desk: Desk) -> None:
    come(desk)
    act(desk, ticket_id=9)
    border = desk.clock.tick(days=1)
    come(desk)
    act(desk, ticket_id=9)
    note_checks()
    with transaction(desk.mine.organization_id) as session:
        erase_person(session, desk.system, desk.owner.account_id or 0, mentions=("Olga",))
        erase_ticket(session, desk.system, 9)
    shorten_addresses(desk.system, before=desk.clock.tick(days=1))
    assert prune(desk.system, before=border) == 3
    assert (note_checks(), holds()) == (0, True)
    desk.clock.tick(days=30)
    assert prune(desk.system, before=desk.clock.moment + timedelta(days=1)) == 2
    assert (note_checks(), holds()) == (0, True)


def test_what_is_left_after_pruning_is_still_guarded(desk: Desk) -> None:
    for _ in range(3):
        act(desk)
    border = desk.clock.tick(days=1)
    act(desk)
    act(desk)
    prune(desk.system, before=border)
    tamper(desk, "UPDATE trail_entry SET action = 'x' WHERE organization_id = :here AND number = 5")
    assert verdict(desk) == ("changed", 5)


@pytest.mark.parametrize("change", ["number = 3", "seal = 'x'", "created_at = '2020-01-01 00:00:00.000000'"])
def test_a_checkpoint_changed_afterwards_is_found(desk: Desk, change: str) -> None:
    for _ in range(3):
        act(desk)
    prune(desk.system, before=desk.clock.tick(days=1))
    act(desk)
    tamper(desk, f"UPDATE trail_checkpoint SET {change} WHERE organization_id = :here")
    assert verdict(desk)[0] == "checkpoint"


def test_a_removed_checkpoint_is_found(desk: Desk) -> None:
    for _ in range(3):
        act(desk)
    prune(desk.system, before=desk.clock.tick(days=1))
    act(desk)
    tamper(desk, "DELETE FROM trail_checkpoint WHERE organization_id = :here")
    assert verdict(desk) == ("missing", 1)


def test_an_entry_put_back_below_the_checkpoint_is_found(desk: Desk) -> None:
    for _ in range(3):
        act(desk)
    prune(desk.system, before=desk.clock.tick(days=1))
    act(desk)
    columns = "ticket_id, account_id, action, digest, seal, created_at"
    tamper(
        desk,
        f"INSERT INTO trail_entry (organization_id, number, {columns}) "
        f"SELECT organization_id, 2, {columns} FROM trail_entry WHERE organization_id = :here AND number = 5",
    )
    assert verdict(desk) == ("added", 2)
    assert len(stored(desk, TrailEntry)) == 2
