"""Answers and notes. An answer is frozen when it is sent: text, recipients, subject, thread and Message-ID.

It leaves after the organization's undo time. What can be done with it afterwards
(taking it back, sending it again) is in sent_replies.py.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from casso.access import Actor
from casso.clock import now
from casso.config import settings
from casso.db import transaction
from casso.enums import ChangeKind, Delivery, MessageKind, Status
from casso.errors import Invalid
from casso.models import Attachment, Customer, Mailbox, Message, Organization, Outgoing, Ticket
from casso.rules.addresses import own_message_id
from casso.rules.outgoing_text import references_for, reply_subject
from casso.services import search_index
from casso.services.intake_writing import preview_of
from casso.services.recipients import checked_cc
from casso.services.sent_replies import send_again, undo_send
from casso.services.ticket_writing import mark_read_up_to, move_to, open_for_writing
from casso.services.trail import announce, record

TEXT_LIMIT = 200_000
MOST_FILES = 20
LOOKED_BACK = 20

__all__ = ["add_note", "send_again", "send_reply", "undo_send"]


def send_reply(
    actor: Actor,
    number: int,
    *,
    text: str,
    cc: tuple[str, ...] = (),
    upload_ids: tuple[str, ...] = (),
    status_after: str = "",
    intent: str = "",
) -> int:
    """Answer the customer (and `cc`) after the undo time; returns the message's id.

    Without `status_after` a new ticket becomes open. Raises NotFound, NotAllowed,
    AlreadyDone, and Invalid for an empty text, a wrong address or an upload that is gone.
    """
    body = _checked_text(text)
    moment = now()
    with transaction(actor.organization_id) as session:
        ticket = open_for_writing(session, actor, number, intent=intent)
        customer, mailbox, organization = _correspondents(session, actor, ticket)
        copies = checked_cc(session, actor, cc, without=customer.email)
        message = _add_message(session, actor, ticket, MessageKind.REPLY, body, moment)
        message.mailbox_id = mailbox.id
        message.from_email, message.from_name = mailbox.address, mailbox.name or organization.name
        message.to_addresses, message.cc_addresses = (customer.email,), copies
        message.subject = reply_subject(ticket.subject, ticket.number)
        message.reference_ids = _thread(session, actor, message)
        message.delivery = Delivery.QUEUED
        _add_outgoing(session, message, moment, due_at=moment + timedelta(seconds=organization.undo_seconds))
        _take_uploads(session, actor, ticket, message, upload_ids)
        _show_in_queue(ticket, body, actor)
        _finish(session, actor, ticket, message, customer)
        wanted = Status(status_after) if status_after in tuple(Status) else None
        if wanted is None and ticket.status == Status.NEW:
            wanted = Status.OPEN
        if wanted is not None:
            move_to(session, actor, ticket, wanted, at=moment)
        return _id_of(message)


def add_note(
    actor: Actor, number: int, *, text: str, upload_ids: tuple[str, ...] = (), intent: str = ""
) -> int:
    """Write an internal note, which never leaves the organization; returns its id. Raises as send_reply."""
    body = _checked_text(text)
    with transaction(actor.organization_id) as session:
        ticket = open_for_writing(session, actor, number, intent=intent)
        customer, _, _ = _correspondents(session, actor, ticket)
        message = _add_message(session, actor, ticket, MessageKind.NOTE, body, now())
        _take_uploads(session, actor, ticket, message, upload_ids)
        _finish(session, actor, ticket, message, customer)
        return _id_of(message)


def _checked_text(text: str) -> str:
    cleaned = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not cleaned:
        raise Invalid("error.reply_empty")
    if len(cleaned) > TEXT_LIMIT:
        raise Invalid("error.reply_too_long")
    return cleaned.encode("utf-8", "replace").decode()


def _correspondents(session: Session, actor: Actor, ticket: Ticket) -> tuple[Customer, Mailbox, Organization]:
    """Customer, the mailbox to answer from (the first when the ticket's is gone), and the organization."""
    here = actor.organization_id
    customer = session.execute(
        select(Customer).where(col(Customer.organization_id) == here, col(Customer.id) == ticket.customer_id)
    ).scalar_one()
    mailbox = session.execute(
        select(Mailbox)
        .where(col(Mailbox.organization_id) == here)
        .order_by((col(Mailbox.id) == ticket.mailbox_id).desc(), col(Mailbox.id))
        .limit(1)
    ).scalar()
    organization = session.get(Organization, here)
    if mailbox is None or organization is None:
        raise Invalid("error.no_mailbox")
    return customer, mailbox, organization


def _add_message(
    session: Session, actor: Actor, ticket: Ticket, kind: MessageKind, body: str, moment: datetime
) -> Message:
    """A message with an id, and the Message-ID that carries it."""
    assert ticket.id is not None
    message = Message(
        organization_id=actor.organization_id,
        ticket_id=ticket.id,
        kind=kind,
        account_id=actor.account_id,
        text=body,
        full_text=body,
        created_at=moment,
    )
    session.add(message)
    session.flush()
    if kind is MessageKind.REPLY:
        found = settings()
        message.mail_key = own_message_id(
            ticket.id, _id_of(message), host=found.mail_host, keys=found.secret_keys
        )
    return message


def _thread(session: Session, actor: Actor, message: Message) -> tuple[str, ...]:
    """What the answer refers to: the thread before it, newest last."""
    rows = session.execute(
        select(col(Message.reference_ids), col(Message.mail_key))
        .where(
            col(Message.organization_id) == actor.organization_id,
            col(Message.ticket_id) == message.ticket_id,
            col(Message.id) < message.id,
            col(Message.kind) != MessageKind.NOTE,
            col(Message.delivery) != Delivery.CANCELED,
        )
        .order_by(col(Message.id).desc())
        .limit(LOOKED_BACK)
    ).all()
    chain: list[str] = [*rows[-1].reference_ids] if rows else []
    return references_for((*chain, *(key for _, key in reversed(rows) if key)))


def _add_outgoing(session: Session, message: Message, moment: datetime, *, due_at: datetime) -> None:
    for recipient in (*message.to_addresses, *message.cc_addresses):
        session.add(
            Outgoing(
                organization_id=message.organization_id,
                message_id=_id_of(message),
                recipient=recipient,
                due_at=due_at,
                created_at=moment,
            )
        )


def _take_uploads(
    session: Session, actor: Actor, ticket: Ticket, message: Message, upload_ids: tuple[str, ...]
) -> None:
    """Bind the actor's own waiting uploads to the message. Raises Invalid when one is gone."""
    wanted = set(upload_ids)
    if not wanted:
        return
    if len(wanted) > MOST_FILES:
        raise Invalid("error.too_many_files", n=MOST_FILES)
    taken = session.execute(
        update(Attachment)
        .where(
            col(Attachment.organization_id) == actor.organization_id,
            col(Attachment.public_id).in_(wanted),
            col(Attachment.account_id) == actor.account_id,
            col(Attachment.message_id).is_(None),
        )
        .values(message_id=message.id)
    ).rowcount  # type: ignore[attr-defined]
    if taken != len(wanted):
        raise Invalid("error.upload_gone")
    ticket.attachment_count += taken


def _show_in_queue(ticket: Ticket, body: str, actor: Actor) -> None:
    ticket.preview = preview_of(body)
    ticket.last_author = (actor.name.split() or [actor.email.partition("@")[0]])[0]


def _finish(session: Session, actor: Actor, ticket: Ticket, message: Message, customer: Customer) -> None:
    """What every new message of ours does to its ticket, the search and the open screens."""
    ticket.last_message_id = _id_of(message)
    ticket.last_activity_at = message.created_at
    ticket.version += 1
    session.flush()
    search_index.put(
        session,
        actor,
        message_id=_id_of(message),
        ticket_id=message.ticket_id,
        number=ticket.number,
        subject=ticket.subject,
        customer=f"{customer.name} {customer.email}",
        body=message.text,
    )
    record(session, actor, f"message.{message.kind}", ticket_id=ticket.id)
    announce(session, actor, ChangeKind.MESSAGE_ADDED, ticket_id=ticket.id)
    if actor.account_id is not None:
        mark_read_up_to(session, actor, ticket)


def _id_of(message: Message) -> int:
    assert message.id is not None
    return message.id
