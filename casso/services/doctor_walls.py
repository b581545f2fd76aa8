"""Whether PostgreSQL really keeps the organizations apart: the role it serves, and every table's wall.

A superuser walks through every wall, so a desk that connects as one has only our own
checks left. SQLite has no walls of its own and is not asked.
"""

from sqlalchemy import text

from casso import db, rows_wall
from casso.services.doctor_findings import Finding, fine, wrong

NAME = "walls"


def check_walls() -> list[Finding]:
    """The role and the tables; nothing on SQLite."""
    if db.engine().dialect.name != "postgresql":
        return []
    with db.engine().connect() as connection:
        role = str(connection.execute(text("SELECT current_user")).scalar())
        is_passing = rows_wall.passes_walls(connection)
        missing = rows_wall.open_tables(connection)
    if is_passing:
        advice = (
            f"run `ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS` as another superuser, "
            "or connect as a role of its own as docs/hosting.md says"
        )
        return [wrong(NAME, f"the role {role} walks through the walls between organizations: {advice}")]
    if missing:
        tables = ", ".join(missing)
        return [
            wrong(NAME, f"these tables have none, or one with a hole: {tables}; restore them from a backup")
        ]
    return [fine(NAME, f"stand between the organizations, also for the role {role}", role=role)]
