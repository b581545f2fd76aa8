"""Who accepted which text, and when."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from casso.models.classification import ACCOUNT_ROW, PLAIN, column
from casso.models.types import UtcDateTime


class PolicyAcceptance(SQLModel, table=True):
    """A person agreed to this version of a text, and said to be 18 or older; written once, never changed."""

    __tablename__ = "policy_acceptance"
    __table_args__ = (Index("ix_policy_acceptance_account", "account_id", "policy"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    account_id: int = column(ACCOUNT_ROW, foreign_key="account.id")
    policy: str = column(ACCOUNT_ROW)
    version: str = column(ACCOUNT_ROW)
    is_adult: bool = column(ACCOUNT_ROW)
    ip: str = column(ACCOUNT_ROW, default="")
    accepted_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
