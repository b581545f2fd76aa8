"""What people use, where they agreed to have it counted. Never an id, a text or an address."""

from datetime import date

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from casso.models.classification import PLAIN, USAGE, column


class UsageEvent(SQLModel, table=True):
    """So often did this person use one page or feature (`enums.Use`) on one day; gone after a few weeks."""

    __tablename__ = "usage_event"
    __table_args__ = (
        UniqueConstraint("organization_id", "account_id", "on_day", "used", name="uq_usage_event"),
        Index("ix_usage_event_day", "on_day"),
    )

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    account_id: int = column(USAGE, foreign_key="account.id")
    on_day: date = column(USAGE)
    used: str = column(USAGE)
    times: int = column(USAGE)
