"""Signs of life in the database: `/readyz` and `doctor` read how long ago a process or job was well."""

from datetime import datetime

from casso.db import transaction
from casso.models import Heartbeat
from casso.services.upsert import insert_into


def beat(signs: dict[str, tuple[datetime, str]]) -> None:
    """Write when each name was last alive, and a short detail (a pid, an error's name)."""
    rows = [{"name": name, "at": at, "detail": detail} for name, (at, detail) in signs.items()]
    with transaction() as session:
        statement = insert_into(session, Heartbeat).values(rows)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["name"],
                set_={"at": statement.excluded["at"], "detail": statement.excluded["detail"]},
            )
        )
