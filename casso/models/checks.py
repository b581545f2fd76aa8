"""What the desk found when it looked at itself; of the installation, not of an organization."""

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlmodel import SQLModel

from casso.models.classification import ACCOUNT_LINK, PLAIN, column
from casso.models.types import UtcDateTime


class CheckRun(SQLModel, table=True):
    """One look: asked for, begun, ended. Of a kind only one is not ended, so none runs twice at once.

    `counts` and `findings` are JSON, in codes of the catalogue (`check.…`) and their values.
    """

    __tablename__ = "check_run"
    __table_args__ = (
        Index(
            "uq_check_run_open", "kind", unique=True,
            sqlite_where=text("finished_at IS NULL"), postgresql_where=text("finished_at IS NULL"),
        ),
        Index("ix_check_run_kind", "kind", "finished_at"),
    )  # fmt: skip

    id: int | None = column(PLAIN, default=None, primary_key=True)
    kind: str = column(PLAIN)
    asked_by_id: int | None = column(ACCOUNT_LINK, default=None)
    asked_at: datetime = column(PLAIN, sa_type=UtcDateTime)
    started_at: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    counts: str = column(PLAIN, default="{}", sa_type=Text)
    findings: str = column(PLAIN, default="[]", sa_type=Text)
