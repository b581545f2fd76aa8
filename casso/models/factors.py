"""What a person proves themselves with beside the password: an authenticator, spare codes, passkeys."""

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import SQLModel

from casso.models.classification import ACCOUNT_ROW, column
from casso.models.types import UtcDateTime


class Authenticator(SQLModel, table=True):
    """The secret of a person's authenticator app, sealed; it counts once `confirmed_at` is set.

    `last_step` is the newest time step whose code was used: each code counts once.
    """

    __tablename__ = "authenticator"

    account_id: int = column(ACCOUNT_ROW, primary_key=True, foreign_key="account.id")
    secret_sealed: str = column(ACCOUNT_ROW)
    last_step: int = column(ACCOUNT_ROW, default=0)
    created_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
    confirmed_at: datetime | None = column(ACCOUNT_ROW, default=None, sa_type=UtcDateTime)


class RecoveryCode(SQLModel, table=True):
    """One spare code for a lost authenticator: its keyed hash, gone once it was used."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_hash", name="uq_recovery_code"),)

    id: int | None = column(ACCOUNT_ROW, default=None, primary_key=True)
    account_id: int = column(ACCOUNT_ROW, foreign_key="account.id")
    code_hash: str = column(ACCOUNT_ROW)
    created_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)


class Passkey(SQLModel, table=True):
    """A passkey's public half (WebAuthn). `sign_count` only grows; one that falls is a copy at work."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("credential_id", name="uq_passkey_credential"),)

    id: int | None = column(ACCOUNT_ROW, default=None, primary_key=True)
    account_id: int = column(ACCOUNT_ROW, foreign_key="account.id", index=True)
    credential_id: str = column(ACCOUNT_ROW)
    public_key: bytes = column(ACCOUNT_ROW, sa_type=LargeBinary)
    sign_count: int = column(ACCOUNT_ROW, default=0)
    name: str = column(ACCOUNT_ROW)
    is_backed_up: bool = column(ACCOUNT_ROW, default=False)
    created_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
    last_used_at: datetime | None = column(ACCOUNT_ROW, default=None, sa_type=UtcDateTime)
