"""Customers, tickets and what is said in them.

`Ticket.last_activity_at`, `last_message_id` and `preview` repeat what the newest
message says, so that a queue of 50 rows is read from one index and one table.
"""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import SQLModel

from casso.enums import AuthResult, Delivery, Priority, Status, WorkType
from casso.models.classification import (
    ACCOUNT_LINK,
    ACCOUNT_ROW,
    CUSTOMER,
    CUSTOMER_CONTENT,
    CUSTOMER_LINK,
    PLAIN,
    RAW_MAIL,
    SETTING,
    column,
)
from casso.models.types import TextList, UtcDateTime


class Customer(SQLModel, table=True):
    """A person who writes in; `email` in lower case."""

    __tablename__ = "customer"
    __table_args__ = (UniqueConstraint("organization_id", "email", name="uq_customer_email"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    email: str = column(CUSTOMER)
    name: str = column(CUSTOMER, default="")
    phone: str = column(CUSTOMER, default="")
    time_zone: str = column(CUSTOMER, default="")
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class Ticket(SQLModel, table=True):
    """One matter of one customer. `version` grows with every write; a stale write is a Conflict.

    `reply_token` is the secret of the signed reply address; it is stored, never derived.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("organization_id", "number", name="uq_ticket_number"),
        Index("ix_ticket_queue", "organization_id", "is_open", "last_activity_at", "id"),
        Index("ix_ticket_assignee", "organization_id", "is_open", "assignee_id", "last_activity_at", "id"),
        Index(
            "ix_ticket_team",
            *("organization_id", "is_open", "team_id", "last_activity_at", "id"),
            postgresql_where=text("team_id IS NOT NULL"),
            sqlite_where=text("team_id IS NOT NULL"),
        ),
        Index("ix_ticket_mailbox", "organization_id", "is_open", "mailbox_id", "last_activity_at", "id"),
        Index("ix_ticket_status", "organization_id", "is_open", "status", "assignee_id"),
        Index("ix_ticket_customer", "organization_id", "customer_id", "id"),
        Index("ix_ticket_reply_token", "reply_token", unique=True),
    )

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    number: int = column(PLAIN)
    subject: str = column(CUSTOMER_CONTENT, default="")
    status: str = column(PLAIN, default=Status.NEW)
    is_open: bool = column(PLAIN, default=True)
    priority: str = column(PLAIN, default=Priority.NORMAL)
    work_type: str = column(PLAIN, default=WorkType.QUESTION)
    category: str = column(SETTING, default="")
    assignee_id: int | None = column(ACCOUNT_LINK, default=None, foreign_key="account.id")
    team_id: int | None = column(PLAIN, default=None, foreign_key="team.id")
    mailbox_id: int | None = column(PLAIN, default=None, foreign_key="mailbox.id")
    customer_id: int = column(CUSTOMER_LINK, foreign_key="customer.id")
    may_belong_to_id: int | None = column(PLAIN, default=None)
    reply_token: str = column(PLAIN)
    preview: str = column(CUSTOMER_CONTENT, default="")
    last_author: str = column(CUSTOMER, default="")
    last_message_id: int = column(PLAIN, default=0)
    last_activity_at: datetime = column(PLAIN, sa_type=UtcDateTime)
    attachment_count: int = column(PLAIN, default=0)
    closed_at: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)
    version: int = column(PLAIN, default=1)


class TicketTag(SQLModel, table=True):
    """A tag on a ticket."""

    __tablename__ = "ticket_tag"
    __table_args__ = (
        UniqueConstraint("organization_id", "ticket_id", "name", name="uq_ticket_tag"),
        Index("ix_ticket_tag_name", "organization_id", "name", "ticket_id"),
    )

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    ticket_id: int = column(PLAIN, foreign_key="ticket.id")
    name: str = column(SETTING)


class ReadMark(SQLModel, table=True):
    """How far one person has read one ticket."""

    __tablename__ = "read_mark"
    __table_args__ = (UniqueConstraint("organization_id", "account_id", "ticket_id", name="uq_read_mark"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    account_id: int = column(ACCOUNT_ROW, foreign_key="account.id")
    ticket_id: int = column(PLAIN, foreign_key="ticket.id")
    last_message_id: int = column(PLAIN, default=0)


class Message(SQLModel, table=True):
    """One mail, reply or internal note. `text` is what was newly written, `full_text` all of it.

    `mail_key` is the Message-ID (or "sha256:…" for a mail without one); with the mailbox and
    the digest it decides whether a mail is a repeat. `html` was sanitised before it was stored.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_ticket", "organization_id", "ticket_id", "id"),
        Index("ix_message_mail_key", "organization_id", "mail_key"),
        Index(
            "ix_message_raw_key",
            *("organization_id", "raw_key"),
            postgresql_where=text("raw_key != ''"),
            sqlite_where=text("raw_key != ''"),
        ),
    )

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    ticket_id: int = column(PLAIN, foreign_key="ticket.id")
    mailbox_id: int | None = column(PLAIN, default=None)
    kind: str = column(PLAIN)
    account_id: int | None = column(ACCOUNT_LINK, default=None, foreign_key="account.id")
    customer_id: int | None = column(CUSTOMER_LINK, default=None, foreign_key="customer.id")
    from_email: str = column(CUSTOMER, default="")
    from_name: str = column(CUSTOMER, default="")
    to_addresses: tuple[str, ...] = column(CUSTOMER, default=(), sa_type=TextList)
    cc_addresses: tuple[str, ...] = column(CUSTOMER, default=(), sa_type=TextList)
    subject: str = column(CUSTOMER_CONTENT, default="")
    text: str = column(CUSTOMER_CONTENT, default="", sa_type=Text)
    full_text: str = column(CUSTOMER_CONTENT, default="", sa_type=Text)
    html: str = column(CUSTOMER_CONTENT, default="", sa_type=Text)
    has_remote_images: bool = column(PLAIN, default=False)
    mail_key: str = column(RAW_MAIL, default="")
    digest: str = column(RAW_MAIL, default="")
    reference_ids: tuple[str, ...] = column(RAW_MAIL, default=(), sa_type=TextList)
    raw_key: str = column(RAW_MAIL, default="", names_file=True)
    thread_reason: str = column(PLAIN, default="")
    auth_result: str = column(PLAIN, default=AuthResult.UNKNOWN)
    is_automatic: bool = column(PLAIN, default=False)
    is_unverified: bool = column(PLAIN, default=False)
    is_repeat_id: bool = column(PLAIN, default=False)
    delivery: str = column(PLAIN, default=Delivery.NONE)
    delivery_error: str = column(CUSTOMER_CONTENT, default="")
    sent_at: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class Attachment(SQLModel, table=True):
    """A file of a message, or (without one) an upload that waits to be sent.

    `public_id` is what addresses name; `storage_key` is random and never leaves the server.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_message", "organization_id", "message_id"),
        Index("ix_attachment_public", "public_id", unique=True),
        Index("ix_attachment_storage_key", "organization_id", "storage_key"),
    )

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    public_id: str = column(PLAIN)
    message_id: int | None = column(PLAIN, default=None, foreign_key="message.id")
    account_id: int | None = column(ACCOUNT_LINK, default=None, foreign_key="account.id")
    storage_key: str = column(CUSTOMER_CONTENT, names_file=True)
    filename: str = column(CUSTOMER_CONTENT)
    content_type: str = column(PLAIN)
    size: int = column(PLAIN)
    sha256: str = column(CUSTOMER_CONTENT)
    content_id: str = column(PLAIN, default="")
    is_inline: bool = column(PLAIN, default=False)
    may_show: bool = column(PLAIN, default=False)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)
