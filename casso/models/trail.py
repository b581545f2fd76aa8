"""Who did what: a chain of entries nobody can change, and beside it what may be shortened or erased.

The chain holds numbers, actions, times and digests. Names, addresses, browsers and
values lie in `trail_detail`, so that erasing a person never breaks the chain.
Triggers in the database refuse changes of entries (see alembic/).
"""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, Text, text
from sqlmodel import SQLModel

from casso.models.classification import ACCOUNT_LINK, PLAIN, TRAIL, column
from casso.models.types import UtcDateTime


class TrailEntry(SQLModel, table=True):
    """One act, numbered without gaps in its organization; `seal` covers it and the seal before."""

    __tablename__ = "trail_entry"
    __table_args__ = (
        Index("ix_trail_ticket", "organization_id", "ticket_id", "number"),
        Index("ix_trail_time", "organization_id", "created_at", "number"),
        Index("ix_trail_action", "organization_id", "action", "created_at", "number"),
        Index(
            "ix_trail_person", "organization_id", "account_id", "created_at", "number",
            sqlite_where=text("account_id IS NOT NULL"), postgresql_where=text("account_id IS NOT NULL"),
        ),
    )  # fmt: skip

    organization_id: int = column(PLAIN, primary_key=True, foreign_key="organization.id")
    number: int = column(PLAIN, primary_key=True)
    ticket_id: int | None = column(PLAIN, default=None)
    account_id: int | None = column(ACCOUNT_LINK, default=None)
    action: str = column(PLAIN)
    digest: str = column(PLAIN)
    seal: str = column(PLAIN)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class TrailDetail(SQLModel, table=True):
    """What an entry said, in two parts: who (name, address, browser) and what (before, after).

    A mark is the part's salted digest and stays; a part without its salt was shortened or erased.
    """

    __tablename__ = "trail_detail"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "number"],
            ["trail_entry.organization_id", "trail_entry.number"],
            name="fk_trail_detail_entry",
        ),
        Index(
            "ix_trail_detail_ip", "organization_id", "number",
            sqlite_where=text("ip <> '' AND who_salt <> ''"),
            postgresql_where=text("ip <> '' AND who_salt <> ''"),
        ),
    )  # fmt: skip

    organization_id: int = column(PLAIN, primary_key=True)
    number: int = column(PLAIN, primary_key=True)
    who_salt: str = column(PLAIN, default="")
    who_mark: str = column(PLAIN, default="")
    actor_name: str = column(TRAIL, default="")
    ip: str = column(TRAIL, default="")
    browser: str = column(TRAIL, default="")
    what_salt: str = column(PLAIN, default="")
    what_mark: str = column(PLAIN, default="")
    before: str = column(TRAIL, default="", sa_type=Text)
    after: str = column(TRAIL, default="", sa_type=Text)


class TrailHead(SQLModel, table=True):
    """The newest number and seal of an organization; whoever appends holds this row until the commit."""

    __tablename__ = "trail_head"

    organization_id: int = column(PLAIN, primary_key=True, foreign_key="organization.id")
    number: int = column(PLAIN, default=0)
    seal: str = column(PLAIN, default="")


class TrailCheckpoint(SQLModel, table=True):
    """Where an organization's chain begins after pruning: entries up to `number` are gone, signed by us."""

    __tablename__ = "trail_checkpoint"

    organization_id: int = column(PLAIN, primary_key=True, foreign_key="organization.id")
    number: int = column(PLAIN)
    seal: str = column(PLAIN)
    signature: str = column(PLAIN)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class TrailCheck(SQLModel, table=True):
    """The last daily verification: `problem` is empty or says what is wrong with `broken_number`.

    `number`, `seal` and `held_at` are of the last time it held, signed: a chain cut off or made
    anew since then is noticed.
    """

    __tablename__ = "trail_check"

    organization_id: int = column(PLAIN, primary_key=True, foreign_key="organization.id")
    number: int = column(PLAIN)
    seal: str = column(PLAIN)
    signature: str = column(PLAIN)
    held_at: datetime = column(PLAIN, sa_type=UtcDateTime)
    checked_at: datetime = column(PLAIN, sa_type=UtcDateTime)
    problem: str = column(PLAIN, default="")
    broken_number: int = column(PLAIN, default=0)
