"""Whoever changes the chain behind the desk's back is found: each covered column, gaps, swaps, forgeries."""

import re
import secrets

import pytest
from sqlalchemy import text

from casso import config, db
from casso.db import transaction
from casso.gateways.secrets import sign
from casso.rules.trail_seals import statement_of
from casso.services import trail_checking
from casso.services.trail import record, record_access
from casso.services.trail_checking import CHECKPOINT, WITNESS, Verdict, check_all, check_chain, note_checks
from tests.bare import bare
from tests.desks import SECRET_KEY, Desk

COUNT = 8


@pytest.fixture
def chain(desk: Desk) -> Desk:
    """A desk whose first organization has eight entries; the other one has its own few."""
    for number in range(2, COUNT):
        with transaction(desk.mine.organization_id) as session:
            record(session, desk.owner, "ticket.status", ticket_id=number, before="new", after="open")
    with transaction(desk.mine.organization_id) as session:
        here, who = desk.mine.organization_id, desk.owner.account_id
        record_access(session, here, who, "session.started", ip="192.0.2.77", browser="curl/8.5")
    assert check_chain(here) == Verdict(here, COUNT, check_chain(here).seal)
    return desk


def tamper(desk: Desk, *statements: str) -> None:
    """Run SQL as who owns the database and has taken the guards away; `:here` is the organization."""
    with bare(url=desk.admin_url) as connection:  # of its own, so that SQLite's foreign keys do not hold
        if desk.kind == "sqlite":
            names = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).scalars()
            for name in [found for found in names if found.startswith("trail_")]:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(re.sub(r":here\b", str(desk.mine.organization_id), statement))


def verdict(desk: Desk) -> tuple[str, int]:
    found = check_chain(desk.mine.organization_id)
    assert check_chain(desk.other.organization_id).problem == ""
    return found.problem, found.broken_number


@pytest.mark.parametrize(
    "change",
    [
        "action = 'ticket.subject'",
        "ticket_id = 99",
        "ticket_id = NULL",
        "account_id = 99",
        "account_id = NULL",
        "created_at = '2020-01-01 00:00:00.000000'",
        f"digest = '{'0' * 64}'",
        f"seal = '{'0' * 64}'",
    ],
)
def test_a_change_of_any_covered_column_is_found(chain: Desk, change: str) -> None:
    tamper(chain, f"UPDATE trail_entry SET {change} WHERE organization_id = :here AND number = 4")
    assert verdict(chain) == ("changed", 4)


@pytest.mark.parametrize("column", ["before", "after", "actor_name", "what_mark", "who_mark"])
def test_a_change_of_what_an_entry_said_is_found(chain: Desk, column: str) -> None:
    tamper(chain, f"UPDATE trail_detail SET {column} = 'x' WHERE organization_id = :here AND number = 4")
    assert verdict(chain) == ("detail", 4)


@pytest.mark.parametrize("column", ["ip", "browser"])
def test_a_change_of_where_somebody_came_from_is_found(chain: Desk, column: str) -> None:
    tamper(
        chain,
        f"UPDATE trail_detail SET {column} = '203.0.113.1' WHERE organization_id = :here AND number = 8",
    )
    assert verdict(chain) == ("detail", 8)


def test_an_entry_moved_to_another_organization_is_found_there(chain: Desk) -> None:
    other = chain.other.organization_id
    tamper(
        chain,
        f"UPDATE trail_entry SET organization_id = {other}, number = 2 "
        "WHERE organization_id = :here AND number = 8",
    )
    assert check_chain(chain.mine.organization_id).problem == "missing"
    assert (check_chain(other).problem, check_chain(other).broken_number) == ("head", 2)


def test_a_removed_entry_is_found(chain: Desk) -> None:
    tamper(chain, "DELETE FROM trail_entry WHERE organization_id = :here AND number = 4")
    assert verdict(chain) == ("missing", 4)


def test_a_removed_entry_is_found_when_the_others_close_the_gap(chain: Desk) -> None:
    tamper(
        chain,
        "DELETE FROM trail_entry WHERE organization_id = :here AND number = 4",
        "UPDATE trail_entry SET number = number - 1 WHERE organization_id = :here AND number = 5",
        "UPDATE trail_entry SET number = number - 1 WHERE organization_id = :here AND number = 6",
        "UPDATE trail_entry SET number = number - 1 WHERE organization_id = :here AND number = 7",
        "UPDATE trail_entry SET number = number - 1 WHERE organization_id = :here AND number = 8",
        "UPDATE trail_head SET number = 7 WHERE organization_id = :here",
    )
    assert verdict(chain) == ("changed", 4)


def test_a_removed_beginning_is_found(chain: Desk) -> None:
    tamper(chain, "DELETE FROM trail_entry WHERE organization_id = :here AND number <= 3")
    assert verdict(chain) == ("missing", 1)


@pytest.mark.parametrize("statement", ["", "UPDATE trail_head SET number = 6 WHERE organization_id = :here"])
def test_a_removed_end_is_found(chain: Desk, statement: str) -> None:
    removal = "DELETE FROM trail_entry WHERE organization_id = :here AND number > 6"
    tamper(chain, removal, *([statement] if statement else []))
    assert verdict(chain) == (("head", 6) if statement else ("missing", 7))


def test_two_swapped_entries_are_found(chain: Desk) -> None:
    tamper(
        chain,
        "UPDATE trail_entry SET number = 100 WHERE organization_id = :here AND number = 4",
        "UPDATE trail_entry SET number = 4 WHERE organization_id = :here AND number = 5",
        "UPDATE trail_entry SET number = 5 WHERE organization_id = :here AND number = 100",
    )
    assert verdict(chain) == ("changed", 4)


def test_an_added_entry_is_found(chain: Desk) -> None:
    columns = "ticket_id, account_id, action, digest, seal, created_at"
    tamper(
        chain,
        f"INSERT INTO trail_entry (organization_id, number, {columns}) "
        f"SELECT organization_id, 9, {columns} FROM trail_entry WHERE organization_id = :here AND number = 8",
    )
    assert verdict(chain) == ("head", 9)


def test_a_lost_head_is_found(chain: Desk) -> None:
    tamper(chain, "DELETE FROM trail_head WHERE organization_id = :here")
    assert verdict(chain) == ("head", 1)


def remake(desk: Desk, after: int, action: str) -> None:
    """Cut the chain and go on with something else, every seal right: all that hashes alone can do."""
    tamper(
        desk,
        f"DELETE FROM trail_entry WHERE organization_id = :here AND number > {after}",
        f"DELETE FROM trail_detail WHERE organization_id = :here AND number > {after}",
        f"UPDATE trail_head SET number = {after}, seal = (SELECT seal FROM trail_entry WHERE "
        f"organization_id = :here AND number = {after}) WHERE organization_id = :here",
    )
    for _ in range(after, COUNT):
        with transaction(desk.mine.organization_id) as session:
            record(session, desk.owner, action)


def test_a_chain_made_anew_after_a_daily_check_is_found(chain: Desk) -> None:
    assert note_checks() == 0
    remake(chain, 4, "nothing.happened")
    assert verdict(chain) == ("rewritten", COUNT)


def test_a_chain_cut_off_after_a_daily_check_is_found(chain: Desk) -> None:
    note_checks()
    remake(chain, 4, "nothing.happened")
    tamper(
        chain,
        "DELETE FROM trail_entry WHERE organization_id = :here AND number = 8",
        "UPDATE trail_head SET number = 7, seal = (SELECT seal FROM trail_entry WHERE "
        "organization_id = :here AND number = 7) WHERE organization_id = :here",
    )
    assert verdict(chain) == ("missing", 8)


@pytest.mark.parametrize("change", ["number = 2", f"seal = '{'0' * 64}'", "signature = ''"])
def test_a_forged_daily_check_is_found(chain: Desk, change: str) -> None:
    note_checks()
    tamper(chain, f"UPDATE trail_check SET {change} WHERE organization_id = :here")
    assert verdict(chain)[0] == "witness"


def forge_checkpoint(desk: Desk, signature: str) -> None:
    tamper(
        desk,
        "INSERT INTO trail_checkpoint (organization_id, number, seal, signature, created_at) "
        f"SELECT organization_id, number, seal, '{signature}', '2026-03-02 09:00:00.000000' "
        "FROM trail_entry WHERE organization_id = :here AND number = 5",
        "DELETE FROM trail_entry WHERE organization_id = :here AND number <= 5",
    )


def test_a_checkpoint_that_we_did_not_sign_is_found(chain: Desk) -> None:
    here = chain.mine.organization_id
    said = statement_of(here, 5, "of another seal", chain.clock.now())
    forge_checkpoint(chain, sign(CHECKPOINT, said))
    assert verdict(chain) == ("checkpoint", 5)


def test_a_signature_made_for_the_daily_check_makes_no_checkpoint(chain: Desk) -> None:
    here = chain.mine.organization_id
    with bare() as connection:
        sql = f"SELECT seal FROM trail_entry WHERE organization_id = {here} AND number = 5"
        seal = connection.exec_driver_sql(sql).scalar_one()
    forge_checkpoint(chain, sign(WITNESS, statement_of(here, 5, seal, chain.clock.moment)))
    assert verdict(chain) == ("checkpoint", 5)


def test_the_daily_check_keeps_what_it_found_and_what_last_held(chain: Desk) -> None:
    here = chain.mine.organization_id
    assert note_checks() == 0
    chain.clock.tick(days=1)
    tamper(chain, "UPDATE trail_entry SET action = 'x' WHERE organization_id = :here AND number = 3")
    assert note_checks() == 1
    with db.reading(here) as session:
        kept = trail_checking._row_of(session, trail_checking.TrailCheck, here)
    assert (kept.number, kept.problem, kept.broken_number) == (COUNT, "changed", 3)
    assert (kept.checked_at - kept.held_at).days == 1


def test_a_new_key_takes_over_and_the_old_one_can_be_retired(
    chain: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = secrets.token_hex(32)
    note_checks()
    for keys in (f"{new},{SECRET_KEY}", new):
        monkeypatch.setenv("CASSO_SECRET_KEY", keys)
        config.settings.cache_clear()
        assert verdict(chain) == ("", 0)
        assert note_checks() == 0


def test_a_long_chain_is_read_in_pieces(chain: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail_checking, "AT_ONCE", 3)
    assert verdict(chain) == ("", 0)
    assert [found.problem for found in check_all()] == ["", ""]
    tamper(chain, "UPDATE trail_entry SET action = 'x' WHERE organization_id = :here AND number = 7")
    assert verdict(chain) == ("changed", 7)
