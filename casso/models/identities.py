"""Accounts of other providers that a person signs in with."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from casso.models.classification import ACCOUNT_ROW, column
from casso.models.types import UtcDateTime


class LinkedIdentity(SQLModel, table=True):
    """A provider's account tied to ours by its `subject`; the address is only shown, never matched."""

    __tablename__ = "linked_identity"
    __table_args__ = (UniqueConstraint("provider", "subject", name="uq_linked_identity_subject"),)

    id: int | None = column(ACCOUNT_ROW, default=None, primary_key=True)
    account_id: int = column(ACCOUNT_ROW, foreign_key="account.id", index=True)
    provider: str = column(ACCOUNT_ROW)
    subject: str = column(ACCOUNT_ROW)
    email: str = column(ACCOUNT_ROW, default="")
    name: str = column(ACCOUNT_ROW, default="")
    created_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
    last_used_at: datetime | None = column(ACCOUNT_ROW, default=None, sa_type=UtcDateTime)
