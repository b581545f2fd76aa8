"""Runs the migrations on the configured database: settings of casso.config, tables of casso.models."""

from sqlmodel import SQLModel

import casso.models
from alembic import context
from casso import db

assert casso.models.OWNED


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text index is made by hand (0001) and is not a table of ours."""
    return not (kind == "table" and str(name).startswith("search_index")) and not (
        kind == "column" and name == "vector"
    )


with db.engine().connect() as connection:
    connection = connection.execution_options(casso_write=True)
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
