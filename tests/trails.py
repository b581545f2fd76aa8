"""An organization's trail as tests look at it: each entry beside what it said."""

from dataclasses import dataclass

from sqlmodel import col, select

from casso.db import reading
from casso.models import TrailDetail, TrailEntry


@dataclass(frozen=True, slots=True)
class Told:
    """One entry with its detail; what was erased is empty."""

    number: int
    action: str
    account_id: int | None
    ticket_id: int | None
    actor_name: str
    ip: str
    browser: str
    before: str
    after: str


def trail_of(organization_id: int, like: str = "%") -> list[Told]:
    """All entries whose action fits the pattern, oldest first."""
    with reading(organization_id) as session:
        entries = session.exec(
            select(TrailEntry)
            .where(TrailEntry.organization_id == organization_id, col(TrailEntry.action).like(like))
            .order_by(col(TrailEntry.number))
        ).all()
        details = session.exec(
            select(TrailDetail).where(TrailDetail.organization_id == organization_id)
        ).all()
    said = {one.number: one for one in details}
    nothing = TrailDetail(organization_id=organization_id, number=0)
    return [_told(entry, said.get(entry.number, nothing)) for entry in entries]


def _told(entry: TrailEntry, detail: TrailDetail) -> Told:
    return Told(
        number=entry.number,
        action=entry.action,
        account_id=entry.account_id,
        ticket_id=entry.ticket_id,
        actor_name=detail.actor_name,
        ip=detail.ip,
        browser=detail.browser,
        before=detail.before,
        after=detail.after,
    )
