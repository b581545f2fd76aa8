"""What the database does for a query: how many statements it runs, and by which index."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event

from casso import db

Statement = tuple[str, object]
TELLS = "set_config"  # what only tells PostgreSQL who asks, and what


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Every SELECT that runs inside, with its parameters; not those that tell PostgreSQL something."""
    found: list[Statement] = []
    with _everything() as seen:
        try:
            yield found
        finally:
            found += [one for one in seen if TELLS not in one[0]]


@contextmanager
def _everything() -> Iterator[list[Statement]]:
    found: list[Statement] = []

    def note(connection: object, cursor: object, sql: str, values: object, *rest: object) -> None:
        if sql.lstrip().upper().startswith("SELECT"):
            found.append((sql, values))

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)


def plans(act: Callable[[], object], *, through: object = None) -> list[str]:
    """The query plan, one text a statement, of everything that `act` reads; behind the walls it met.

    `through` is another connection to explain it on: a superuser's, who meets no walls.
    """
    with _everything() as found:
        act()
    explain = "EXPLAIN QUERY PLAN" if db.engine().dialect.name == "sqlite" else "EXPLAIN"
    made = []
    own = db.engine().raw_connection()
    try:
        cursor = (through or own).cursor()  # type: ignore[attr-defined]
        for sql, values in found:
            if TELLS in sql:
                cursor.execute(sql, values)
                continue
            cursor.execute(f"{explain} {sql}", values)
            made.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    finally:
        own.close()
    return made


def ways(plan: str) -> list[str]:
    """How PostgreSQL comes to its rows: the scans of a plan, with their index or table, in order."""
    return re.findall(
        r"((?:Bitmap Heap|Bitmap Index|Index Only|Index|Seq) Scan .*?)(?:  \(cost|$)", plan, re.M
    )
