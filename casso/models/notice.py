"""Mail from Casso itself to a person: reset links, news about their account, invitations."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import SQLModel

from casso.enums import Delivery
from casso.models.classification import ACCOUNT_ROW, PLAIN, column
from casso.models.types import UtcDateTime


class Notice(SQLModel, table=True):
    """One mail on its way. `sealed` holds what fills its text, encrypted, and is emptied once it left.

    Sending twice is harmless here (the same Message-ID), so a row whose sender vanished is tried again.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_due", "state", "due_at"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    account_id: int | None = column(ACCOUNT_ROW, default=None, foreign_key="account.id", index=True)
    recipient: str = column(ACCOUNT_ROW)
    kind: str = column(PLAIN)
    locale: str = column(PLAIN)
    sealed: str = column(ACCOUNT_ROW, default="", sa_type=Text)
    mail_key: str = column(PLAIN, unique=True)
    state: str = column(PLAIN, default=Delivery.QUEUED)
    due_at: datetime = column(PLAIN, sa_type=UtcDateTime)
    give_up_at: datetime = column(PLAIN, sa_type=UtcDateTime)
    attempts: int = column(PLAIN, default=0)
    lease_until: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    lease_owner: str = column(PLAIN, default="")
    error: str = column(ACCOUNT_ROW, default="")
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime, index=True)
