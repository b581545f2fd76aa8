"""Runs the migrations on the configured database: settings of casso.config, tables of casso.models."""

from sqlalchemy import Connection, event
from sqlmodel import SQLModel

import casso.models
from alembic import context
from casso import db
from casso.rows_wall import ACTS_FOR
from casso.statement_wall import SCHEMA_WORK

assert casso.models.OWNED


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text index is made by hand (0001) and is not a table of ours."""
    return not (kind == "table" and str(name).startswith("search_index")) and not (
        kind == "column" and name == "vector"
    )


def act_for_all(connection: Connection) -> None:
    """A migration changes the rows of every organization; each has its own transaction."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT set_config('{ACTS_FOR}', '*', true)")


with db.engine().connect() as connection:
    connection = connection.execution_options(casso_write=True, **{SCHEMA_WORK: True})
    event.listen(connection, "begin", act_for_all)
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        transaction_per_migration=True,
        include_name=include_name,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.in_transaction():
        connection.commit()
