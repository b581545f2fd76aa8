"""Addresses that customers write to, the IMAP accounts behind them, and spooled mail."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import SQLModel

from casso.models.classification import ACCOUNT_LINK, CUSTOMER, PLAIN, RAW_MAIL, SETTING, column
from casso.models.types import UtcDateTime


class Mailbox(SQLModel, table=True):
    """An address of the organization; `address` in lower case and unique on the whole desk."""

    __tablename__ = "mailbox"
    __table_args__ = (Index("ix_mailbox_organization", "organization_id", "id"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    address: str = column(SETTING, unique=True)
    name: str = column(SETTING, default="")
    uses_reply_to: bool = column(SETTING, default=False)
    trusted_receiver: str = column(SETTING, default="")
    unfolds_forwards: bool = column(SETTING, default=False)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class ImapAccount(SQLModel, table=True):
    """Where a mailbox is fetched from. The cursor is UIDVALIDITY and the last UID, never the Seen flag.

    Mail that reached the server before `take_from` is not ours; both numbers may need 32 bits.
    """

    __tablename__ = "imap_account"
    __table_args__ = (Index("ix_imap_account_mailbox", "organization_id", "mailbox_id", unique=True),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    mailbox_id: int = column(PLAIN, foreign_key="mailbox.id")
    host: str = column(SETTING)
    port: int = column(SETTING, default=993)
    security: str = column(SETTING, default="tls")
    username: str = column(SETTING)
    password_sealed: str = column(SETTING)
    folder: str = column(SETTING, default="INBOX")
    is_enabled: bool = column(SETTING, default=True)
    take_from: datetime | None = column(SETTING, default=None, sa_type=UtcDateTime)
    uid_validity: int = column(PLAIN, default=0, sa_type=BigInteger)
    last_uid: int = column(PLAIN, default=0, sa_type=BigInteger)
    lease_until: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    lease_owner: str = column(PLAIN, default="")
    next_poll_at: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    checked_at: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    failures: int = column(PLAIN, default=0)
    error_code: str = column(PLAIN, default="")


class SpooledMail(SQLModel, table=True):
    """What became of one spooled mail. Instance-wide: the organization is known only after routing.

    The row of a finished mail stays, so that the same spool id never makes a second ticket.
    `ordered_by_id` is the account that took a kept mail as a ticket.
    """

    __tablename__ = "spooled_mail"
    __table_args__ = (
        Index("ix_spooled_mail_organization", "organization_id", "state", "id"),
        Index("ix_spooled_mail_state", "state", "next_try_at"),
    )

    id: int | None = column(PLAIN, default=None, primary_key=True)
    spool_id: str = column(PLAIN, unique=True)
    organization_id: int | None = column(PLAIN, default=None)
    source: str = column(PLAIN)
    recipient: str = column(CUSTOMER, default="")
    digest: str = column(RAW_MAIL, default="")
    state: str = column(PLAIN)
    attempts: int = column(PLAIN, default=0)
    lease_until: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    lease_owner: str = column(PLAIN, default="")
    next_try_at: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    error: str = column(PLAIN, default="")
    message_id: int | None = column(PLAIN, default=None)
    ordered_by_id: int | None = column(ACCOUNT_LINK, default=None)
    received_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class DomainHolder(SQLModel, table=True):
    """An organization that has or had an address in a domain; stays when the address is given up.

    Instance-wide: waiting mail comes back by itself only where nobody else ever had the domain.
    """

    __tablename__ = "domain_holder"
    __table_args__ = (UniqueConstraint("domain", "held_by", name="uq_domain_holder"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    domain: str = column(SETTING)
    held_by: int = column(PLAIN)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class WebhookReceipt(SQLModel, table=True):
    """A webhook token that was accepted once: the replay store, which survives restarts."""

    __tablename__ = "webhook_receipt"

    id: int | None = column(PLAIN, default=None, primary_key=True)
    token: str = column(PLAIN, unique=True)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime, index=True)
