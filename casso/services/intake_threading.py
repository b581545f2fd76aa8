"""Looks up the ticket that a mail's signs point to; rules/threads.py decides what follows.

A mail without any sign costs no query. Stored Message-IDs count only within
the same mailbox; our own ids and tokens only within the same organization.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, and_, bindparam, exists, or_, select
from sqlmodel import Session, col

from casso.access import Actor
from casso.config import settings
from casso.enums import AuthResult, MessageKind, Status
from casso.models import Customer, Message, Outgoing, Ticket
from casso.rules.addresses import read_own_message_id, reply_token_of
from casso.rules.threads import (
    Candidate,
    Placement,
    Reason,
    place,
    referenced_ids,
    subject_number,
    token_is_alive,
)
from casso.services.intake_values import Arrival, Home

# Made once: building a statement takes longer than running it.
_here: BindParameter[int] = bindparam("here")
_its_customer = and_(
    col(Customer.organization_id) == col(Ticket.organization_id), col(Customer.id) == col(Ticket.customer_id)
)
_TICKETS = (
    select(col(Ticket.id), col(Ticket.status), col(Ticket.closed_at), col(Customer.email))
    .join(Customer, _its_customer)
    .where(col(Ticket.organization_id) == _here)
)
_BY_ID = _TICKETS.where(col(Ticket.id) == bindparam("its_id"))
_BY_NUMBER = _TICKETS.where(col(Ticket.number) == bindparam("number"))
_BY_TOKEN = _TICKETS.where(col(Ticket.reply_token).in_(bindparam("tokens", expanding=True)))
_STORED_IDS = select(col(Message.mail_key), col(Message.ticket_id)).where(
    col(Message.organization_id) == _here,
    col(Message.mail_key).in_(bindparam("ids", expanding=True)),
    col(Message.mailbox_id) == bindparam("mailbox_id"),
)
_in_ticket = and_(col(Message.organization_id) == _here, col(Message.ticket_id) == bindparam("its_id"))
_HAS_PART = select(
    or_(
        exists().where(
            _in_ticket,
            col(Message.kind) == MessageKind.INCOMING,
            col(Message.from_email) == bindparam("sender"),
            col(Message.is_unverified).is_(False),
        ),
        exists().where(
            _in_ticket,
            col(Outgoing.organization_id) == _here,
            col(Outgoing.message_id) == col(Message.id),
            col(Outgoing.recipient) == bindparam("sender"),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A ticket that a sign points to."""

    ticket_id: int
    status: Status
    closed_at: datetime | None
    customer_email: str
    reason: Reason


def find_place(
    session: Session, actor: Actor, arrival: Arrival, home: Home, *, sender: str, auth: AuthResult
) -> Placement:
    """The place of this mail in the actor's organization."""
    found = (
        _by_token(session, actor, arrival, home)
        or _by_reference(session, actor, arrival, home)
        or _by_subject(session, actor, arrival)
    )
    return place(
        _candidate(session, actor, found, sender) if found else None,
        auth=auth,
        is_automatic=arrival.read.is_automatic and arrival.ordered_by is None,
        reopen_days=home.reopen_days,
        moment=home.moment,
    )


def _by_token(session: Session, actor: Actor, arrival: Arrival, home: Home) -> _Found | None:
    mail = arrival.mail
    addresses = [arrival.envelope.recipient, *mail.delivered_to]
    addresses += [one.email for one in (*mail.to, *mail.cc)]
    tokens = {token for token in map(reply_token_of, addresses) if token}
    if not tokens:
        return None
    rows = session.execute(_BY_TOKEN, {"here": actor.organization_id, "tokens": list(tokens)})
    alive = [row for row in rows if token_is_alive(row.closed_at, home.moment)]
    return _Found(*_plain(alive[0]), Reason.SIGNED_ADDRESS) if alive else None


def _by_reference(session: Session, actor: Actor, arrival: Arrival, home: Home) -> _Found | None:
    wanted = referenced_ids(arrival.mail.in_reply_to, arrival.mail.references)
    if not wanted:
        return None
    here, keys = actor.organization_id, settings().secret_keys
    ids = [one for _, one in wanted]
    stored = session.execute(_STORED_IDS, {"here": here, "ids": ids, "mailbox_id": home.mailbox_id})
    tickets = {mail_key: ticket_id for mail_key, ticket_id in stored}  # noqa: C416 (rows are no pairs to mypy)
    for reason, one in wanted:
        own = read_own_message_id(one, keys)
        ticket_id = own.ticket_id if own else tickets.get(one)
        row = session.execute(_BY_ID, {"here": here, "its_id": ticket_id}).first() if ticket_id else None
        if row:
            return _Found(*_plain(row), reason)
    return None


def _by_subject(session: Session, actor: Actor, arrival: Arrival) -> _Found | None:
    number = subject_number(arrival.mail.subject)
    if number is None:
        return None
    row = session.execute(_BY_NUMBER, {"here": actor.organization_id, "number": number}).first()
    return _Found(*_plain(row), Reason.SUBJECT_TOKEN) if row else None


def _plain(row: Row[Any]) -> tuple[int, Status, datetime | None, str]:
    return int(row.id), Status(row.status), row.closed_at, row.email


def _candidate(session: Session, actor: Actor, found: _Found, sender: str) -> Candidate:
    return Candidate(
        ticket_id=found.ticket_id,
        reason=found.reason,
        status=found.status,
        closed_at=found.closed_at,
        is_participant=bool(sender) and _is_participant(session, actor, found, sender),
    )


def _is_participant(session: Session, actor: Actor, found: _Found, sender: str) -> bool:
    """Customer of the ticket, sender of a verified mail in it, or somebody we wrote to; never only CC."""
    if sender == found.customer_email:
        return True
    values = {"here": actor.organization_id, "its_id": found.ticket_id, "sender": sender}
    return bool(session.execute(_HAS_PART, values).scalar_one())
