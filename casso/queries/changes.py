"""What was committed since somebody last looked: read by the live watcher, a few times a second.

On PostgreSQL a smaller id may become visible after a larger one, so the watcher
reads a little before its mark again and skips what it has seen. SQLite has one
writer at a time, so its ids become visible in order.
"""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select

from casso.access import across_organizations
from casso.db import reading
from casso.models import Change

OVERLAP = 200
MOST = 1000


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One committed change; `ticket_id` is 0 when it concerns no single ticket."""

    id: int
    organization_id: int
    kind: str
    ticket_id: int


def newest_change() -> int:
    """The id of the newest change, 0 when there is none."""
    with reading() as session, across_organizations(session, "live watcher"):
        return session.exec(select(func.max(Change.id))).one() or 0


def list_changes(after: int) -> tuple[ChangeRow, ...]:
    """Changes with a larger id, oldest first, at most MOST."""
    with reading() as session, across_organizations(session, "live watcher"):
        found = session.exec(
            select(Change.id, Change.organization_id, Change.kind, Change.ticket_id)
            .where(col(Change.id) > after)
            .order_by(col(Change.id))
            .limit(MOST)
        ).all()
    return tuple(
        ChangeRow(id_ or 0, organization, kind, ticket or 0) for id_, organization, kind, ticket in found
    )
