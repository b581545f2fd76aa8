"""The engine, and the two ways to use it: `reading()` and `transaction()`.

`transaction()` is the only place that commits. A statement on a table that
belongs to an organization raises UnscopedQuery unless it names the
organization, or the session was opened by access.across_organizations().
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy import create_engine as sqlalchemy_engine
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session

from casso.config import settings
from casso.scoping import unscoped_tables

BUSY_SECONDS = 10.0
REMEMBERED = 2000
_verdicts: dict[Any, frozenset[str]] = {}


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
    missing = _checked_before(state.statement)
    if missing:
        raise UnscopedQuery(f"no organization criterion on {', '.join(sorted(missing))}")


def _checked_before(statement: Any) -> frozenset[str]:
    """The verdict on a statement, remembered by its shape: reading it off takes longer than running it."""
    shape = statement._generate_cache_key()
    if shape is None:
        return frozenset(unscoped_tables(statement))
    if shape.key not in _verdicts:
        if len(_verdicts) >= REMEMBERED:
            _verdicts.clear()
        _verdicts[shape.key] = frozenset(unscoped_tables(statement))
    return _verdicts[shape.key]
