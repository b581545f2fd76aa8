"""SQL past every check of our own: what somebody with the database's password could run.

On PostgreSQL the product's role still meets the walls between organizations, so it says
whom it acts for; `desk.admin_url` is the way of a superuser, who meets none.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, NullPool, create_engine

from casso.config import settings
from casso.rows_wall import ACTS_FOR


@contextmanager
def bare(acts_for: str = "*", *, url: str = "") -> Iterator[Connection]:
    """A connection of its own, in a transaction that is committed at the end."""
    engine = create_engine(url or settings().database_url, poolclass=NullPool)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT set_config('{ACTS_FOR}', %s, true)", (acts_for,))
        yield connection


def run_bare(*statements: str, acts_for: str = "*", url: str = "") -> None:
    """Run statements as they stand; a per cent sign or a colon means nothing."""
    with bare(acts_for, url=url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
