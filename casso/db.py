"""The engine, and the two ways to use it: `reading()` and `transaction()`, each for one organization.

`transaction()` is the only place that commits. What a session does to rows of other
organizations raises UnscopedQuery (statement_wall.py), unless it looks across by
access.across_organizations(); on PostgreSQL the database is told, too (rows_wall.py).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy import create_engine as sqlalchemy_engine
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from casso import rows_wall
from casso.config import settings
from casso.statement_wall import LIFTED, ORGANIZATION, UnscopedQuery, WalledSession, guard

__all__ = ["UnscopedQuery"]

BUSY_SECONDS = 10.0
LAST_ACTS = "last_acts"


@cache
def engine() -> Engine:
    """The engine of this process, made at first use."""
    return make_engine(settings().database_url)


def make_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, one writer at a time) or PostgreSQL."""
    if url.startswith("sqlite"):
        made = sqlalchemy_engine(url, pool_size=12, max_overflow=8, connect_args={"timeout": BUSY_SECONDS})
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_sqlite)
    else:
        made = sqlalchemy_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10, pool_timeout=10)
    guard(made)
    return made


@contextmanager
def reading(organization_id: int | None = None) -> Iterator[Session]:
    """A session that only reads, for one organization; its rows stay readable after it is closed."""
    with _session(organization_id) as session:
        yield session


@contextmanager
def transaction(organization_id: int | None = None) -> Iterator[Session]:
    """A session of one organization whose work is committed as a whole when the block ends, or not at all."""
    with _session(organization_id) as session:
        session.connection(execution_options={"casso_write": True})
        yield session
        for act in session.info.pop(LAST_ACTS, ()):
            act(session)
        session.commit()


def before_commit(session: Session, act: Callable[[Session], None]) -> None:
    """Do this as the last thing of the transaction, in the order asked for; not at all if it fails."""
    session.info.setdefault(LAST_ACTS, []).append(act)


def confine(session: Session, organization_id: int) -> None:
    """Say whom a session acts for once that is known: an organization that it has just created."""
    if session.info[ORGANIZATION] is not None:
        raise ValueError("the session acts for an organization already")
    session.info[ORGANIZATION] = organization_id
    _tell(session)


@contextmanager
def unscoped(session: Session, reason: str) -> Iterator[Session]:
    """Lift the organization rule for a session; only access.across_organizations() may call this.

    Inside another lift it changes nothing when it ends.
    """
    before = session.info.get(LIFTED)
    session.info[LIFTED] = reason
    _tell(session)
    try:
        yield session
        session.flush()
    finally:
        if before is None:
            session.info.pop(LIFTED, None)
        else:
            session.info[LIFTED] = before
        # A transaction that broke runs nothing more, and the next one is told anew when it begins.
        with suppress(DBAPIError, PendingRollbackError):
            _tell(session)


def _session(organization_id: int | None) -> Session:
    return WalledSession(engine(), expire_on_commit=False, info={ORGANIZATION: organization_id})


def _tell(session: Session) -> None:
    """Tell a transaction that runs already; one that begins later is told then."""
    if session.in_transaction():
        _tell_postgres(session, session.connection())


def _tell_postgres(session: Session, connection: Connection) -> None:
    """Say in the transaction whom it acts for; it forgets by itself when it ends."""
    if connection.dialect.name != "postgresql":
        return
    connection.exec_driver_sql(f"SELECT set_config('{rows_wall.ACTS_FOR}', %s, true)", (_acts_for(session),))


def _acts_for(session: Session) -> str:
    return "*" if LIFTED in session.info else str(session.info.get(ORGANIZATION) or "")


@event.listens_for(Session, "after_begin")
def _tell_at_begin(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    if _acts_for(session):  # a new transaction remembers nobody by itself
        _tell_postgres(session, connection)


@event.listens_for(Session, "after_soft_rollback")
def _tell_after_savepoint(session: Session, before: SessionTransaction) -> None:
    """Going back to a savepoint also goes back to whom the transaction acted for then."""
    if before.nested and session.is_active:
        _tell(session)


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
