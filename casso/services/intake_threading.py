"""Looks up the ticket that a mail's signs point to; rules/threads.py decides what follows.

A mail without any sign costs no query. Stored Message-IDs count only within
the same mailbox; our own ids and tokens only within the same organization.
"""

from sqlalchemy import exists
from sqlmodel import Session, col, or_, select

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
        _candidate(session, actor, found[0], found[1], sender) if found else None,
        auth=auth,
        is_automatic=arrival.read.is_automatic,
        reopen_days=home.reopen_days,
        moment=home.moment,
    )


def _by_token(session: Session, actor: Actor, arrival: Arrival, home: Home) -> tuple[Ticket, Reason] | None:
    mail = arrival.mail
    addresses = [arrival.envelope.recipient, *mail.delivered_to]
    addresses += [one.email for one in (*mail.to, *mail.cc)]
    tokens = {token for token in map(reply_token_of, addresses) if token}
    if not tokens:
        return None
    tickets = session.exec(
        select(Ticket).where(
            Ticket.organization_id == actor.organization_id, col(Ticket.reply_token).in_(tokens)
        )
    )
    for ticket in tickets:
        if token_is_alive(ticket.closed_at, home.moment):
            return ticket, Reason.SIGNED_ADDRESS
    return None


def _by_reference(
    session: Session, actor: Actor, arrival: Arrival, home: Home
) -> tuple[Ticket, Reason] | None:
    wanted = referenced_ids(arrival.mail.in_reply_to, arrival.mail.references)
    if not wanted:
        return None
    keys = settings().secret_keys
    tickets = _tickets_of_stored_ids(session, actor, home, [one for _, one in wanted])
    for reason, one in wanted:
        own = read_own_message_id(one, keys)
        ticket_id = own.ticket_id if own else tickets.get(one)
        ticket = _ticket(session, actor, ticket_id) if ticket_id else None
        if ticket:
            return ticket, reason
    return None


def _by_subject(session: Session, actor: Actor, arrival: Arrival) -> tuple[Ticket, Reason] | None:
    number = subject_number(arrival.mail.subject)
    if number is None:
        return None
    ticket = session.exec(
        select(Ticket).where(Ticket.organization_id == actor.organization_id, Ticket.number == number)
    ).first()
    return (ticket, Reason.SUBJECT_TOKEN) if ticket else None


def _tickets_of_stored_ids(session: Session, actor: Actor, home: Home, ids: list[str]) -> dict[str, int]:
    found = session.exec(
        select(Message.mail_key, Message.ticket_id).where(
            Message.organization_id == actor.organization_id,
            col(Message.mail_key).in_(ids),
            Message.mailbox_id == home.mailbox_id,
        )
    )
    return dict(found.all())


def _ticket(session: Session, actor: Actor, ticket_id: int) -> Ticket | None:
    return session.exec(
        select(Ticket).where(Ticket.organization_id == actor.organization_id, Ticket.id == ticket_id)
    ).first()


def _candidate(session: Session, actor: Actor, ticket: Ticket, reason: Reason, sender: str) -> Candidate:
    assert ticket.id is not None
    return Candidate(
        ticket_id=ticket.id,
        reason=reason,
        status=Status(ticket.status),
        closed_at=ticket.closed_at,
        is_participant=bool(sender) and _is_participant(session, actor, ticket, sender),
    )


def _is_participant(session: Session, actor: Actor, ticket: Ticket, sender: str) -> bool:
    """Customer of the ticket, sender of a verified mail in it, or somebody we wrote to; never only CC."""
    organization_id = actor.organization_id
    in_ticket = (col(Message.organization_id) == organization_id) & (col(Message.ticket_id) == ticket.id)
    is_customer = exists().where(
        col(Customer.organization_id) == organization_id,
        col(Customer.id) == ticket.customer_id,
        col(Customer.email) == sender,
    )
    has_written = exists().where(
        in_ticket,
        col(Message.kind) == MessageKind.INCOMING,
        col(Message.from_email) == sender,
        col(Message.is_unverified).is_(False),
    )
    was_written_to = exists().where(
        in_ticket,
        col(Outgoing.organization_id) == organization_id,
        col(Outgoing.message_id) == col(Message.id),
        col(Outgoing.recipient) == sender,
    )
    return bool(session.exec(select(or_(is_customer, has_written, was_written_to))).one())
