"""What runs behind the screen: mail on its way out, changes to tell, and marks of work done."""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import SQLModel

from casso.enums import Delivery
from casso.models.classification import (
    CUSTOMER,
    CUSTOMER_CONTENT,
    PLAIN,
    column,
)
from casso.models.types import UtcDateTime


class Outgoing(SQLModel, table=True):
    """One message on its way to one recipient, frozen when the agent pressed Send.

    A row found in `sending` after its lease ran out has an unknown outcome: it becomes
    `uncertain` and is never sent again by itself.
    """

    __tablename__ = "outgoing"
    __table_args__ = (
        UniqueConstraint("organization_id", "message_id", "recipient", name="uq_outgoing_recipient"),
        Index("ix_outgoing_due", "state", "due_at"),
    )

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    message_id: int = column(PLAIN, foreign_key="message.id")
    recipient: str = column(CUSTOMER)
    state: str = column(PLAIN, default=Delivery.QUEUED)
    due_at: datetime = column(PLAIN, sa_type=UtcDateTime)
    attempts: int = column(PLAIN, default=0)
    lease_until: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    lease_owner: str = column(PLAIN, default="")
    error: str = column(CUSTOMER, default="")
    sent_at: datetime | None = column(PLAIN, default=None, sa_type=UtcDateTime)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime)


class Change(SQLModel, table=True):
    """One committed change that open screens of the organization want to know of; kept for a day."""

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_organization", "organization_id", "id"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    kind: str = column(PLAIN)
    ticket_id: int | None = column(PLAIN, default=None)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime, index=True)


class Intent(SQLModel, table=True):
    """The id a screen made for one act; unique, so that a double click writes once."""

    __tablename__ = "intent"
    __table_args__ = (UniqueConstraint("organization_id", "key", name="uq_intent_key"),)

    id: int | None = column(PLAIN, default=None, primary_key=True)
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    key: str = column(PLAIN)
    created_at: datetime = column(PLAIN, sa_type=UtcDateTime, index=True)


class Heartbeat(SQLModel, table=True):
    """When a process or a job was last alive; `/readyz` and `doctor` read it."""

    __tablename__ = "heartbeat"

    name: str = column(PLAIN, primary_key=True)
    at: datetime = column(PLAIN, sa_type=UtcDateTime)
    detail: str = column(PLAIN, default="")


class SearchDocument(SQLModel, table=True):
    """The searchable terms of one message, made by rules/search_terms.py.

    Each term begins with the organization's number, so one organization's terms
    lie apart in the index. The full-text index over `terms` follows by itself
    (triggers on SQLite, a generated column on PostgreSQL; see alembic/).
    """

    __tablename__ = "search_document"
    __table_args__ = (Index("ix_search_document_ticket", "organization_id", "ticket_id"),)

    message_id: int = column(PLAIN, primary_key=True, foreign_key="message.id")
    organization_id: int = column(PLAIN, foreign_key="organization.id")
    ticket_id: int = column(PLAIN, foreign_key="ticket.id")
    terms: str = column(CUSTOMER_CONTENT, sa_type=Text)
