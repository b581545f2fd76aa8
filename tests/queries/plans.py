"""What the database does for a query: how many statements it runs, and by which index."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event

from casso import db

Statement = tuple[str, object]


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Every SELECT that runs inside, with its parameters; not the one that tells PostgreSQL who asks."""
    found: list[Statement] = []

    def note(connection: object, cursor: object, sql: str, values: object, *rest: object) -> None:
        if sql.lstrip().upper().startswith("SELECT") and db.SETTING not in sql:
            found.append((sql, values))

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)


def plans(act: Callable[[], object]) -> list[str]:
    """The query plan, one text a statement, of everything that `act` reads (SQLite)."""
    with recorded() as found:
        act()
    made = []
    with db.engine().connect() as connection:
        for sql, values in found:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)  # type: ignore[arg-type]
            made.append("\n".join(str(row[3]) for row in rows))
    return made
