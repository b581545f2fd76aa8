"""The database itself keeps the trail append-only, and entries of the first revisions are carried over."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, delete, update

from alembic import command
from casso.access import Actor
from casso.db import reading, transaction
from casso.models import TrailEntry
from casso.services import schema
from casso.services.trail import record
from casso.services.trail_checking import check_all, check_chain
from tests.bare import bare, run_bare
from tests.desks import Desk
from tests.services.test_schema import empty
from tests.trails import trail_of

__all__ = ["empty"]
BEFORE = "0006"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE trail_entry SET action = 'x'",
        "UPDATE trail_entry SET account_id = NULL",
        "UPDATE trail_entry SET number = number + 100",
        "DELETE FROM trail_entry",
        "DELETE FROM trail_entry WHERE number = 1",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(desk: Desk, sql: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        run_bare(sql)
    assert [found.problem for found in check_all()] == ["", ""]


@pytest.mark.parametrize("verb", ["REPLACE INTO", "INSERT OR REPLACE INTO", "UPDATE OR REPLACE"])
def test_sqlite_refuses_to_put_another_entry_in_its_place(sqlite_desk: Desk, verb: str) -> None:
    """REPLACE deletes without asking the trigger for deletions."""
    columns = "organization_id, number, digest, seal, created_at"
    sql = f"{verb} trail_entry ({columns}, action) SELECT {columns}, 'x' FROM trail_entry"
    if verb.startswith("UPDATE"):
        sql = "UPDATE OR REPLACE trail_entry SET organization_id = 1, number = 1"
    with pytest.raises(DBAPIError, match="append-only"):
        run_bare(sql)
    assert [found.problem for found in check_all()] == ["", ""]


@pytest.mark.postgres
def test_postgres_refuses_to_empty_the_table(desk: Desk) -> None:
    if desk.kind == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DBAPIError, match="append-only"):
        run_bare("TRUNCATE trail_entry CASCADE")


def test_the_products_own_sessions_cannot_either(desk: Desk) -> None:
    here = desk.mine.organization_id
    mine = col(TrailEntry.organization_id) == here
    for statement in (update(TrailEntry).where(mine).values(action="x"), delete(TrailEntry).where(mine)):
        with pytest.raises(DBAPIError, match="append-only"), transaction(here) as session:
            session.execute(statement)


def test_a_checkpoint_opens_only_what_lies_below_it_and_only_its_organization(desk: Desk) -> None:
    here, other = desk.mine.organization_id, desk.other.organization_id
    for _ in range(3):
        with transaction(here) as session:
            record(session, desk.owner, "ticket.status")
    run_bare(
        "INSERT INTO trail_checkpoint (organization_id, number, seal, signature, created_at) "
        f"VALUES ({here}, 2, '', '', '2026-03-02 09:00:00')"
    )
    run_bare(f"DELETE FROM trail_detail WHERE organization_id = {here}")
    run_bare(f"DELETE FROM trail_entry WHERE organization_id = {here} AND number <= 2")
    for where in (f"organization_id = {here} AND number = 3", f"organization_id = {other}"):
        with pytest.raises(DBAPIError, match="append-only"):
            run_bare(f"DELETE FROM trail_entry WHERE {where}")


def test_old_entries_are_carried_over_into_a_chain_that_holds(empty: str) -> None:
    command.upgrade(schema._config(), BEFORE)
    _fill_before()
    schema.upgrade()
    assert [(found.number, found.problem) for found in check_all()] == [(5001, ""), (1, "")]
    first, second, *_, last = trail_of(1)
    assert (first.action, first.after, first.actor_name) == ("organization.created", "Example", "")
    assert (second.action, second.before, second.after, second.ticket_id) == (
        "ticket.status",
        "new",
        "ä'1",
        1,
    )
    assert (second.account_id, second.actor_name, last.number, last.after) == (
        1,
        "Olga Örtel",
        5001,
        "ä'5000",
    )
    with reading(1) as session:
        moments = session.exec(
            TrailEntry.__table__.select().where(TrailEntry.organization_id == 1)  # type: ignore[attr-defined]
        ).all()
    assert moments[1].created_at.isoformat() == "2026-01-02T03:04:05.000678+00:00"


def test_the_carried_over_chain_goes_on(empty: str) -> None:
    command.upgrade(schema._config(), BEFORE)
    _fill_before()
    schema.upgrade()
    with transaction(1) as session:
        record(session, Actor.system(1), "ticket.status", after="open")
    assert (check_chain(1).number, check_chain(1).problem) == (5002, "")


def _fill_before() -> None:
    """Two organizations of the revision before; the first has more entries than one piece holds."""
    with bare() as connection:
        for number, name in ((1, "Example"), (2, "Other")):
            connection.execute(text(_ORGANIZATION), {"id": number, "name": name, "slug": name})
        connection.execute(text(_ACCOUNT))
        created = {"action": "organization.created", "ticket_id": None, "account_id": 9, "before": ""}
        rows = [created | {"here": 1, "after": "Example"}, created | {"here": 2, "after": "Other"}]
        rows += [
            {"here": 1, "ticket_id": one, "account_id": 1, "before": "new", "after": f"ä'{one}"}
            | {"action": "ticket.status"}
            for one in range(1, 5001)
        ]
        connection.execute(text(_ENTRY), rows)


_ORGANIZATION = """INSERT INTO organization
    (id, name, slug, time_zone, locale, undo_seconds, reopen_days, last_ticket_number, created_at)
    VALUES (:id, :name, :slug, 'UTC', 'en', 10, 30, 0, '2026-01-01 00:00:00.000000')"""
_ACCOUNT = """INSERT INTO account
    (id, email, first_name, last_name, password_hash, locale, time_zone, theme, is_operator, created_at)
    VALUES (1, 'o@example.test', 'Olga', 'Örtel', '', '', '', 'system', false,
    '2026-01-01 00:00:00.000000')"""
_ENTRY = """INSERT INTO trail_entry
    (organization_id, ticket_id, account_id, action, before, after, created_at)
    VALUES (:here, :ticket_id, :account_id, :action, :before, :after, '2026-01-02 03:04:05.000678')"""
