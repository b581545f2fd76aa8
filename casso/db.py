"""The engine, and the two ways to use it: `reading()` and `transaction()`.

`transaction()` is the only place that commits. A statement on a table that
belongs to an organization raises UnscopedQuery unless it names the
organization, or the session was opened by access.across_organizations().
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy import create_engine as sqlalchemy_engine
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, TextClause
from sqlmodel import Session

from casso.config import settings

BUSY_SECONDS = 10.0


class UnscopedQuery(Exception):
    """A statement would read or write several organizations' rows: a bug, never a person's mistake."""


@cache
def engine() -> Engine:
    """The engine of this process, made at first use."""
    return make_engine(settings().database_url)


def make_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, one writer at a time) or PostgreSQL."""
    if not url.startswith("sqlite"):
        return sqlalchemy_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10, pool_timeout=10)
    made = sqlalchemy_engine(url, pool_size=12, max_overflow=8, connect_args={"timeout": BUSY_SECONDS})
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    return made


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads; closing it drops whatever it changed, and its rows stay readable."""
    with Session(engine(), expire_on_commit=False) as session:
        yield session


@contextmanager
def transaction() -> Iterator[Session]:
    """A session whose work is committed as a whole when the block ends, or not at all."""
    with Session(engine(), expire_on_commit=False) as session:
        session.connection(execution_options={"casso_write": True})
        yield session
        session.commit()


@contextmanager
def unscoped(session: Session, reason: str) -> Iterator[Session]:
    """Lift the organization rule for a session; only access.across_organizations() may call this."""
    session.info["unscoped"] = reason
    try:
        yield session
    finally:
        session.info.pop("unscoped", None)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Per connection: we begin transactions ourselves; an acknowledged commit survives a power cut."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=FAST",
        "cache_size=-16000",
        "mmap_size=268435456",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its place in line at once, so that it never fails half-way with 'locked'."""
    is_writer = connection.get_execution_options().get("casso_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


@event.listens_for(Session, "do_orm_execute")
def _require_organization(state: ORMExecuteState) -> None:
    """Refuse a statement that names an organization's table without naming the organization."""
    if "unscoped" in state.session.info or state.is_column_load:
        return
    missing = unscoped_tables(state.statement)
    if missing:
        raise UnscopedQuery(f"no organization criterion on {', '.join(sorted(missing))}")


def unscoped_tables(statement: Any) -> set[str]:
    """Names of organization tables in a statement that no `organization_id =` criterion covers."""
    named: set[str] = set()
    covered: set[str] = set()
    for part in visitors.iterate(statement):
        if isinstance(part, TextClause) and "organization_id" not in part.text:
            named.add("(text)")
        elif isinstance(part, Table):
            if "organization_id" in part.c and part.name != "spooled_mail":
                named.add(part.name)
        elif isinstance(part, BinaryExpression) and part.operator in (operators.eq, operators.in_op):
            covered |= {
                getattr(side.table, "element", side.table).name
                for side in (part.left, part.right)
                if getattr(side, "name", "") == "organization_id" and getattr(side, "table", None) is not None
            }
    if statement.is_insert:
        return set()
    if statement.is_update or statement.is_delete:
        named.add(statement.table.name) if "organization_id" in statement.table.c else None
    return named - covered
