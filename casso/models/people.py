"""Organizations, the people who sign in, and their sessions.

An account may belong to several organizations; what it may do is a matter of
the membership, never of the account.
"""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import SQLModel

from casso.enums import Sees
from casso.models.classification import ACCOUNT, ACCOUNT_LINK, ACCOUNT_ROW, PLAIN, SETTING, column
from casso.models.types import UtcDateTime


class Instance(SQLModel, table=True):
    """One row, made with the first owner: its presence closes the set-up page for ever.

    `key_sealed` is a known word under the secret key: what cannot open it is another desk's key.
    """

    __tablename__ = "instance"

    id: int = column(PLAIN, primary_key=True)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)
    key_sealed: str = column(PLAIN, default="")


class Organization(SQLModel, table=True):
    """A team that answers customers. `last_ticket_number` hands out ticket numbers."""

    __tablename__ = "organization"

    id: int | None = column(PLAIN, default=None, primary_key=True)
    name: str = column(SETTING)
    slug: str = column(SETTING, unique=True)
    time_zone: str = column(SETTING, default="UTC")
    locale: str = column(SETTING, default="en")
    undo_seconds: int = column(SETTING, default=10)
    reopen_days: int = column(SETTING, default=30)
    address_days: int = column(SETTING, default=90)
    trail_days: int = column(SETTING, default=730)
    requires_second_factor: bool = column(SETTING, default=False)
    last_ticket_number: int = column(PLAIN, default=0)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class Account(SQLModel, table=True):
    """A person who signs in; `email` in lower case. Locale and zone empty: the organization's.

    `picture_key` lies among the files of the organization in which it was uploaded.
    """

    __tablename__ = "account"
    __table_args__ = (
        Index(
            "ix_account_picture_key",
            "picture_key",
            sqlite_where=text("picture_key != ''"),
            postgresql_where=text("picture_key != ''"),
        ),
    )

    id: int | None = column(PLAIN, default=None, primary_key=True)
    email: str = column(ACCOUNT, unique=True)
    first_name: str = column(ACCOUNT, default="")
    last_name: str = column(ACCOUNT, default="")
    phone: str = column(ACCOUNT, default="", sa_column_kwargs={"server_default": ""})
    picture_key: str = column(ACCOUNT, default="", names_file=True, sa_column_kwargs={"server_default": ""})
    password_hash: str = column(ACCOUNT, default="")
    locale: str = column(ACCOUNT, default="")
    time_zone: str = column(ACCOUNT, default="")
    theme: str = column(ACCOUNT, default="system")
    is_operator: bool = column(PLAIN, default=False)
    disabled_at: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class Membership(SQLModel, table=True):
    """An account in an organization: its role there, and how much of the tickets it sees.

    `usage_agreed_at`: since when the person lets their own usage be counted here; empty: not at all.
    """

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("organization_id", "account_id", name="uq_membership_account"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    account_id: int = column(ACCOUNT_ROW, foreign_key="account.id", index=True)
    role: str = column(SETTING)
    own_role_id: int | None = column(SETTING, default=None, foreign_key="own_role.id", index=True)
    sees: str = column(SETTING, default=Sees.ALL, sa_column_kwargs={"server_default": Sees.ALL.value})
    last_seen_at: datetime | None = column(ACCOUNT_ROW, default=None, sa_type=UtcDateTime)
    usage_agreed_at: datetime | None = column(ACCOUNT_ROW, default=None, sa_type=UtcDateTime)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class SignIn(SQLModel, table=True):
    """One browser signed in. The cookie holds 256 random bits; here lies only their SHA-256.

    `proved_at`: when the person last gave a password or a second factor.
    """

    __tablename__ = "sign_in"

    id: int | None = column(PLAIN, default=None, primary_key=True)
    token_hash: str = column(ACCOUNT_ROW, unique=True)
    account_id: int = column(ACCOUNT_ROW, foreign_key="account.id", index=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    created_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
    last_seen_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
    expires_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
    ip: str = column(ACCOUNT_ROW, default="")
    browser: str = column(ACCOUNT_ROW, default="")
    strength: str = column(PLAIN, default="password")
    proved_at: datetime | None = column(ACCOUNT_ROW, default=None, sa_type=UtcDateTime)


class Team(SQLModel, table=True):
    """A group of agents that tickets can be given to."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("organization_id", "name", name="uq_team_name"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    name: str = column(SETTING)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class TeamMember(SQLModel, table=True):
    """An account in a team."""

    __tablename__ = "team_member"
    __table_args__ = (
        UniqueConstraint("organization_id", "team_id", "account_id", name="uq_team_member"),
        Index("ix_team_member_account", "organization_id", "account_id"),
    )

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    team_id: int = column(PLAIN, foreign_key="team.id")
    account_id: int = column(ACCOUNT_LINK, foreign_key="account.id")
