"""The schema comes up from nothing, again and after an interruption, and is what the models say."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete, inspect, text, update
from sqlmodel import SQLModel

from casso import db
from casso.models import SearchDocument
from casso.services import schema
from tests import desks
from tests.desks import Desk
from tests.queries.test_search import add_ticket, numbers
from tests.servers.postgres import Postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Settings that name an empty database of that kind."""
    if request.param == "sqlite":
        desks.point_settings_at(tmp_path, monkeypatch)
        yield request.param
        desks.forget()
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"empty_{secrets.token_hex(4)}"
    desks.point_settings_at(tmp_path, monkeypatch, CASSO_DATABASE_URL=server.create(name))
    yield request.param
    desks.forget()
    server.drop(name)


def test_an_empty_database_is_brought_up_and_a_second_time_changes_nothing(empty: str) -> None:
    assert schema.schema_state().current == ""
    first = schema.upgrade()
    assert first.is_current
    assert first.is_known
    before = set(inspect(db.engine()).get_table_names())
    assert schema.upgrade() == first
    assert set(inspect(db.engine()).get_table_names()) == before


def test_the_migrated_schema_is_what_the_models_say(empty: str) -> None:
    schema.upgrade()
    with db.engine().connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": _is_ours}
        )
        differences = compare_metadata(context, SQLModel.metadata)
    assert differences == []


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """What alembic/env.py leaves out: the full-text index, made by hand."""
    name = str(name)
    return not (kind == "table" and name.startswith("search_index")) and not (
        (kind == "column" and name == "vector") or (kind == "index" and name == "ix_search_document_vector")
    )


def test_the_index_follows_every_change_of_a_document(desk: Desk) -> None:
    here = desk.mine.organization_id
    add_ticket(desk.mine, 1, "a lamp")
    assert numbers(desk.owner, "lamp") == [1]
    mine = SearchDocument.organization_id == here
    with db.transaction(here) as session:
        session.execute(update(SearchDocument).where(mine).values(terms=f"{here}xbell"))  # type: ignore[arg-type]
    assert (numbers(desk.owner, "lamp"), numbers(desk.owner, "bell")) == ([], [1])
    with db.transaction(here) as session:
        session.execute(delete(SearchDocument).where(mine))  # type: ignore[arg-type]
    assert numbers(desk.owner, "bell") == []


def test_a_newer_schema_is_refused_and_left_alone(empty: str) -> None:
    schema.upgrade()
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.NewerSchema, match="9999"):
        schema.upgrade()
    assert schema.schema_state().current == "9999"


def test_an_interrupted_migration_leaves_nothing_and_runs_again(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last statement of the first revision fails, as when the power goes."""
    broken = tmp_path / "alembic"
    _copy_scripts(schema.ROOT / "alembic", broken)
    script = next((broken / "versions").glob("0001_*.py"))
    script.write_text(
        script.read_text().replace("    _create_search_index()\n", "    raise KeyboardInterrupt\n", 1)
    )
    config = schema._config()
    config.set_main_option("script_location", str(broken))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_config", lambda: config)
        with pytest.raises(KeyboardInterrupt):
            schema.upgrade()
    db.engine().dispose()
    assert set(inspect(db.engine()).get_table_names()) <= {"alembic_version"}
    assert schema.upgrade().is_current


def _copy_scripts(source: Path, target: Path) -> None:
    (target / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako"):
        (target / name).write_text((source / name).read_text())
    for path in (source / "versions").glob("*.py"):
        (target / "versions" / path.name).write_text(path.read_text())


def test_the_library_is_not_hidden_by_our_folder() -> None:
    assert not os.path.exists(schema.ROOT / "alembic" / "__init__.py")
