"""Inserts below the object layer: for what must be quick, and for what may race.

Both databases speak ON CONFLICT, each through its own dialect.
"""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def table_of(model: type[SQLModel]) -> Table:
    """The table itself; an insert on it skips the object layer and costs a third."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def insert_into(session: Session, table: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of the session's database that can say ON CONFLICT."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
