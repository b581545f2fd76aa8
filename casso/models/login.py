"""What stands around a sign-in: tries that failed, links sent by mail, browsers seen before.

None of it belongs to one organization: a person signs in first, and the
organization follows. Keys and tokens lie here only as hashes.
"""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from casso.models.classification import ACCOUNT_ROW, PLAIN, column
from casso.models.types import UtcDateTime


class Throttle(SQLModel, table=True):
    """Tries of one thing by one subject or network; `key` is a keyed hash, so no address lies here.

    `trusted_at`: the subject once succeeded from that network, which has its own count since.
    """

    __tablename__ = "throttle"

    key: str = column(PLAIN, primary_key=True)
    tries: int = column(PLAIN, default=0)
    window_started_at: datetime = column(PLAIN, sa_type=UtcDateTime)
    blocked_until: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    trusted_at: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    updated_at: datetime = column(PLAIN, sa_type=UtcDateTime, index=True)


class LinkToken(SQLModel, table=True):
    """One secret link or half-done act. The token has 256 random bits; here lies only its SHA-256.

    `detail` is what the purpose needs to remember, sealed by whoever made it when it is secret.
    """

    __tablename__ = "link_token"
    __table_args__ = (Index("ix_link_token_account", "account_id", "purpose"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    token_hash: str = column(ACCOUNT_ROW, unique=True)
    purpose: str = column(PLAIN)
    account_id: int | None = column(ACCOUNT_ROW, default=None, foreign_key="account.id")
    detail: str = column(ACCOUNT_ROW, default="")
    created_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
    expires_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime, index=True)


class MailChange(SQLModel, table=True):
    """An account on its way to another address; it counts once both addresses were confirmed.

    `sign_in_id`: the session that asked, which stays signed in.
    """

    __tablename__ = "mail_change"

    id: int | None = column(PLAIN, default=None, primary_key=True)
    account_id: int = column(ACCOUNT_ROW, foreign_key="account.id", unique=True)
    new_email: str = column(ACCOUNT_ROW)
    sign_in_id: int | None = column(ACCOUNT_ROW, default=None)
    old_confirmed_at: datetime | None = column(ACCOUNT_ROW, default=None, sa_type=UtcDateTime)
    new_confirmed_at: datetime | None = column(ACCOUNT_ROW, default=None, sa_type=UtcDateTime)
    created_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
    expires_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime, index=True)


class KnownDevice(SQLModel, table=True):
    """A browser and network that an account signed in from; only a keyed hash of both is kept."""

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("account_id", "fingerprint", name="uq_known_device_fingerprint"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    account_id: int = column(ACCOUNT_ROW, foreign_key="account.id")
    fingerprint: str = column(ACCOUNT_ROW)
    created_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
    last_seen_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime, index=True)
