"""The first wall, on both databases: a session touches rows of the one organization it acts for.

Whatever reaches the engine is judged just before it runs, and the values it names must be
the organization of its session; rows are looked at when they come in and before they go
out. SQL that nobody can judge, and a connection without a session, may not name an
organization's table at all. Only access.across_organizations() lifts this, and migrations,
which mark their connection.
"""

from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary, ref

from sqlalchemy import Connection, Engine, event, inspect
from sqlalchemy.orm import Mapper, SessionTransaction, UOWTransaction
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlmodel import Session

from casso.scoping import COLUMN, Judgement, organization_tables
from casso.scoping_text import mentioned

SCHEMA_WORK = "casso_schema"
ORGANIZATION, LIFTED, FLUSHING = "organization_id", "unscoped", "flushing"
REMEMBERED = 2000
_known: "WeakKeyDictionary[SQLCompiler, _Known]" = WeakKeyDictionary()
_naming: dict[str, str] = {}
_sessions: "WeakKeyDictionary[Connection, ref[AnySession]]" = WeakKeyDictionary()


class UnscopedQuery(Exception):
    """A statement would read or write several organizations' rows: a bug, never a person's mistake."""


class WalledSession(Session):
    """A session that knows when it writes its own objects: those were looked at one by one."""

    def flush(self, objects: Any = None) -> None:
        """Write what was changed."""
        self.info[FLUSHING] = True
        try:
            super().flush(objects)
        finally:
            self.info.pop(FLUSHING, None)


class _Known:
    """A judgement on every statement of one shape, and under which names their values are sent.

    A statement that loads columns of an object that is here already names its key alone: its
    row is looked at when it has come.
    """

    __slots__ = ("concerns", "from_parameters", "is_refresh", "missing", "names", "values")

    def __init__(self, compiled: SQLCompiler) -> None:
        found = Judgement(compiled.statement)
        self.missing = sorted(found.missing)
        self.values = found.values
        self.from_parameters = found.from_parameters
        self.concerns = bool(found.missing or found.binds or found.values or found.from_parameters)
        self.names = [_name_of(bind, compiled) for bind in found.binds]
        options = getattr(compiled.statement, "_compile_options", None)
        self.is_refresh = bool(getattr(options, "_for_refresh_state", False))

    def said(self, sets: list[Mapping[str, Any]]) -> list[object]:
        """Every organization that the statement names, with these sets of parameters."""
        found = [one[name] for name in self.names for one in sets]
        found += [one.get(COLUMN) for one in sets if self.from_parameters or COLUMN in one]
        return found + self.values


def _name_of(bind: BindParameter[Any], compiled: SQLCompiler) -> str:
    """Under which name its value is sent.

    Raises UnscopedQuery when it is not: a criterion that is always false makes the others vanish.
    """
    for one, name in compiled.bind_names.items():
        if one.key == bind.key:
            return name
    raise UnscopedQuery("the organization's criterion vanished beside one that is always false")


def guard(engine: Engine) -> None:
    """Let nothing run on this engine that was not judged."""
    event.listen(engine, "before_cursor_execute", _judge)


def _judge(
    connection: Connection, _cursor: object, sql: str, _values: object, context: Any, _many: bool
) -> None:
    """Refuse a statement that does not name the organization its session acts for, and that alone."""
    reference = _sessions.get(connection)
    session = reference() if reference else None
    if session is not None and LIFTED in session.info:
        return
    if not isinstance(context.compiled, SQLCompiler):
        _judge_unread(connection, sql)
        return
    known = _known.get(context.compiled)
    if known is None:
        known = _known[context.compiled] = _Known(context.compiled)
    if not known.concerns or SCHEMA_WORK in connection.get_execution_options():
        return
    if session is None:
        raise UnscopedQuery("a statement on an organization's table without a session")
    if FLUSHING in session.info or known.is_refresh:
        return
    if known.missing:
        raise UnscopedQuery(f"no organization criterion on {', '.join(known.missing)}")
    said, here = known.said(context.compiled_parameters), session.info.get(ORGANIZATION)
    if here is None or any(one != here for one in said):
        raise UnscopedQuery(f"a statement for organization {said} in a session of {here}")


def _judge_unread(connection: Connection, sql: str) -> None:
    """SQL as a string: it may not name an organization's table, whatever else it says."""
    table = _naming.get(sql)
    if table is None:
        if len(_naming) >= REMEMBERED:
            _naming.clear()
        named = () if sql.startswith("PRAGMA") else mentioned(sql, organization_tables())
        table = _naming[sql] = min(named, default="")
    if table and SCHEMA_WORK not in connection.get_execution_options():
        raise UnscopedQuery(f"a statement on {table} that cannot be judged")


@event.listens_for(AnySession, "after_begin")
def _note_connection(session: AnySession, _transaction: SessionTransaction, connection: Connection) -> None:
    _sessions[connection] = ref(session)


@event.listens_for(AnySession, "before_flush")
def _judge_changes(session: AnySession, _context: UOWTransaction, _instances: object) -> None:
    """Refuse to write an object of another organization, or to give one away."""
    if LIFTED not in session.info:
        for one in (*session.new, *session.dirty, *session.deleted):
            if _table_of(one.__class__):
                _judge_row(one, getattr(one, COLUMN), session.info.get(ORGANIZATION))


@event.listens_for(Mapper, "load")
def _judge_loaded(one: Any, context: Any) -> None:
    _judge_taken_in(one, context)


@event.listens_for(Mapper, "refresh")
def _judge_refreshed(one: Any, context: Any, _attributes: object) -> None:
    _judge_taken_in(one, context)


def _judge_taken_in(one: Any, context: Any) -> None:
    """Whatever the statement said: a row of another organization does not come in."""
    if context is None:  # values of our own UPDATE, set on objects that are in already
        return
    info = context.session.info
    if _table_of(one.__class__) and LIFTED not in info and COLUMN in one.__dict__:
        _judge_row(one, one.__dict__[COLUMN], info.get(ORGANIZATION))


def _judge_row(one: Any, its_organization_id: object, organization_id: int | None) -> None:
    if its_organization_id is None or its_organization_id != organization_id:
        table = _table_of(one.__class__)
        raise UnscopedQuery(f"a row of {table} is of {its_organization_id}, the session of {organization_id}")


@cache
def _table_of(kind: Hashable) -> str:
    """The organization's table that objects of this class are rows of, or nothing."""
    mapper: Any = inspect(kind)
    name = str(mapper.local_table.name)
    return name if name in organization_tables() else ""
