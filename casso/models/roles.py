"""What an organization decides about its people: own roles, who sees which mailbox, who is invited."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from casso.enums import Sees
from casso.models.classification import ACCOUNT_LINK, ACCOUNT_ROW, PLAIN, SETTING, column
from casso.models.types import TextList, UtcDateTime


class OwnRole(SQLModel, table=True):
    """A role that the organization put together: a name and the values of rules/permissions.Action."""

    __tablename__ = "own_role"
    __table_args__ = (UniqueConstraint("organization_id", "name", name="uq_own_role_name"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    name: str = column(SETTING)
    permissions: tuple[str, ...] = column(SETTING, default=(), sa_type=TextList)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class MailboxAccess(SQLModel, table=True):
    """A mailbox whose tickets a member sees who sees some mailboxes only."""

    __tablename__ = "mailbox_access"
    __table_args__ = (
        UniqueConstraint("organization_id", "account_id", "mailbox_id", name="uq_mailbox_access"),
    )

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    account_id: int = column(ACCOUNT_ROW, foreign_key="account.id")
    mailbox_id: int = column(PLAIN, foreign_key="mailbox.id")


class Invitation(SQLModel, table=True):
    """Somebody asked to join, until they do: accepting or revoking deletes the row, and with it the link.

    The link holds 256 random bits; here lies only their SHA-256. `seen_ids` are the teams to join or
    the mailboxes to see, as text. `inviter_id` answers for it: what they may no longer grant is void.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("organization_id", "email", name="uq_invitation_email"),
        Index("ix_invitation_expires_at", "expires_at"),
    )

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    token_hash: str = column(ACCOUNT_ROW, unique=True)
    email: str = column(ACCOUNT_ROW)
    role: str = column(SETTING)
    own_role_id: int | None = column(SETTING, default=None, foreign_key="own_role.id")
    sees: str = column(SETTING, default=Sees.ALL)
    seen_ids: tuple[str, ...] = column(SETTING, default=(), sa_type=TextList)
    inviter_id: int = column(ACCOUNT_LINK, foreign_key="account.id")
    created_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
    expires_at: datetime = column(ACCOUNT_ROW, sa_type=UtcDateTime)
