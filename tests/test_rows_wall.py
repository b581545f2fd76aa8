"""PostgreSQL keeps the organizations apart by itself, also from statements that forgot to."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from casso import db, rows_wall
from casso.models import OWNED
from casso.services import doctor
from casso.services.doctor_findings import Finding
from tests import desks
from tests.architecture import ROOT, imports_of, product_files, relative
from tests.bare import run_bare
from tests.desks import Desk
from tests.queries.test_search import add_ticket
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.postgres


@pytest.fixture
def walled(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Two organizations with a ticket each."""
    with desks.postgres_desk(tmp_path, monkeypatch, postgres) as desk:
        add_ticket(desk.mine, 1, "lamp", subject="Mine")
        add_ticket(desk.other, 1, "lamp", subject="Theirs")
        yield desk


@contextmanager
def raw(acts_for: str) -> Iterator[psycopg.Cursor]:
    """The driver itself, as the product's role: none of our own checks stands between."""
    connection = db.engine().raw_connection()
    cursor = connection.cursor()
    try:
        cursor.execute(f"SELECT set_config('{rows_wall.ACTS_FOR}', %s, true)", (acts_for,))
        yield cursor  # type: ignore[misc]
    finally:
        connection.rollback()
        connection.close()


def asked(acts_for: str, sql: str) -> list[object]:
    """The first column of what a statement without any criterion finds."""
    with raw(acts_for) as cursor:
        return [row[0] for row in cursor.execute(sql)]  # type: ignore[call-overload]


def open_tables() -> list[str]:
    with db.engine().connect() as connection:
        return rows_wall.open_tables(connection)


def test_every_table_of_an_organization_has_its_wall(walled: Desk) -> None:
    assert open_tables() == [], "call rows_wall.raise_walls in the migration that makes the table"
    with raw("*") as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'wall'")
        found = {row[0] for row in cursor}
    assert found == {table.__tablename__ for table in OWNED}


def test_every_wall_is_the_same_wall(walled: Desk) -> None:
    with raw("*") as cursor:
        cursor.execute(
            "SELECT DISTINCT qual, with_check, roles, cmd FROM pg_policies WHERE policyname = 'wall'"
        )
        ((qual, with_check, roles, command),) = cursor.fetchall()
    assert qual == with_check
    assert "organization_id = " in qual
    assert rows_wall.ACTS_FOR in qual
    assert (roles, command) == (["public"], "ALL")


@pytest.mark.parametrize(
    "hole",
    [
        "DROP POLICY wall ON ticket",
        "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE ticket NO FORCE ROW LEVEL SECURITY",
        "CREATE POLICY window_ ON ticket USING (true)",
        "DROP POLICY wall ON ticket; CREATE POLICY wall ON ticket FOR SELECT USING (true)",
    ],
)
def test_a_wall_with_a_hole_is_named(walled: Desk, hole: str) -> None:
    run_bare(hole)
    assert open_tables() == ["ticket"]


def test_a_new_table_without_a_wall_is_named(walled: Desk) -> None:
    run_bare("CREATE TABLE survey (id integer PRIMARY KEY, organization_id integer NOT NULL)")
    assert open_tables() == ["survey"]
    with db.engine().begin() as connection:
        rows_wall.raise_walls(connection, "survey")
    assert open_tables() == []


def test_a_table_without_a_wall_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in rows_wall.OPEN_TABLES.values())


@pytest.mark.parametrize("table", ["ticket", "message", "search_document", "mailbox", "membership"])
def test_a_statement_without_criterion_finds_ones_own_rows_alone(walled: Desk, table: str) -> None:
    mine, other = walled.mine.organization_id, walled.other.organization_id
    sql = f"SELECT organization_id FROM {table}"
    assert set(asked(str(mine), sql)) == {mine}
    assert set(asked(str(other), sql)) == {other}
    assert set(asked("*", sql)) == {mine, other}


def test_who_acts_for_nobody_finds_nothing(walled: Desk) -> None:
    assert asked("", "SELECT id FROM ticket") == []


def test_joins_and_counts_do_not_see_behind_the_wall(walled: Desk) -> None:
    here = str(walled.mine.organization_id)
    assert asked(here, "SELECT count(*) FROM ticket") == [1]
    sql = "SELECT t.subject FROM message AS m JOIN ticket AS t ON t.id = m.ticket_id"
    assert asked(here, sql) == ["Mine"]
    assert asked(here, "SELECT id FROM ticket WHERE subject = 'Theirs'") == []


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO team (organization_id, name, created_at) VALUES (%(other)s, 'x', now())",
        "UPDATE ticket SET organization_id = %(other)s",
    ],
)
def test_a_row_of_another_organization_is_refused(walled: Desk, sql: str) -> None:
    with (
        raw(str(walled.mine.organization_id)) as cursor,
        pytest.raises(InsufficientPrivilege, match="security"),
    ):
        cursor.execute(sql, {"other": walled.other.organization_id})  # type: ignore[call-overload]


@pytest.mark.parametrize("sql", ["UPDATE ticket SET subject = 'x'", "DELETE FROM search_document"])
def test_changing_everything_changes_ones_own_alone(walled: Desk, sql: str) -> None:
    with raw(str(walled.mine.organization_id)) as cursor:
        assert cursor.execute(sql).rowcount == 1  # type: ignore[call-overload]
    with raw(str(walled.mine.organization_id)) as cursor:
        where = f" WHERE organization_id = {walled.other.organization_id}"
        assert cursor.execute(sql + where).rowcount == 0  # type: ignore[call-overload]


def test_nonsense_for_an_organization_is_an_error_and_opens_nothing(walled: Desk) -> None:
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        asked("1 or true", "SELECT id FROM ticket")


def test_the_product_acts_as_a_role_that_meets_the_walls(walled: Desk, postgres: Postgres) -> None:
    with db.engine().connect() as connection:
        assert not rows_wall.passes_walls(connection)
    with psycopg.connect(postgres.admin_of(str(db.engine().url.database))) as connection:
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (2,)


def examined() -> Finding:
    return next(finding for finding in doctor.examine().findings if finding.name == "walls")


def test_the_doctor_is_content_with_an_ordinary_role(walled: Desk) -> None:
    assert (examined().is_fine, examined().values) == (True, {"role": "casso"})


def test_the_doctor_warns_of_a_role_that_walks_through(
    walled: Desk, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.admin_of(str(db.engine().url.database))
    monkeypatch.setenv("CASSO_DATABASE_URL", url)
    desks.forget()
    assert not examined().is_fine
    assert "ALTER ROLE root NOSUPERUSER NOBYPASSRLS" in examined().text
    assert "docs/hosting.md" in examined().text


def test_the_doctor_names_a_table_without_its_wall(walled: Desk) -> None:
    run_bare("ALTER TABLE mailbox DISABLE ROW LEVEL SECURITY")
    assert not examined().is_fine
    assert "mailbox" in examined().text


def test_the_setting_for_all_is_given_by_two_places_only() -> None:
    """`db.unscoped`, behind access.across_organizations, and the migrations."""
    takers = {
        found.path for path in product_files() for found in imports_of(path) if found.name == "ACTS_FOR"
    }
    namers = {relative(path) for path in product_files() if "casso.organization" in path.read_text()}
    users = {relative(path) for path in product_files() if "rows_wall.ACTS_FOR" in path.read_text()}
    assert takers == set()
    assert namers == {"casso/rows_wall.py"}
    assert users == {"casso/db.py"}
    assert "ACTS_FOR" in (ROOT / "alembic" / "env.py").read_text()


def test_the_documented_dump_holds_every_row_and_can_be_restored(walled: Desk, postgres: Postgres) -> None:
    """`pg_dump` as the product's own role, which must ask for all rows to get any."""
    source = str(db.engine().url.database)
    dump = [*postgres.client("pg_dump"), "--enable-row-security", "--no-owner", source]
    settings = {"PGOPTIONS": f"-c {rows_wall.ACTS_FOR}=*"}
    plain = subprocess.run(dump, env=settings, capture_output=True, text=True, check=True).stdout
    target = f"{source}_restored"
    postgres.create(target)
    restore = [*postgres.client("psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-d", target]
    subprocess.run(restore, input=plain, capture_output=True, text=True, check=True)
    with psycopg.connect(postgres.admin_of(target)) as connection:
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (2,)
    with psycopg.connect(postgres.url_of(target)) as connection:
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (0,)
    postgres.drop(target)
