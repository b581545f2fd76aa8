"""A stored answer as a letter ready to be built: addresses, thread, files; headers are cleaned here."""

from dataclasses import replace

from sqlalchemy import select
from sqlmodel import Session, col

from casso.access import Actor
from casso.config import settings
from casso.gateways import compose, storage
from casso.models import Attachment, Customer, Message, Outgoing, Ticket
from casso.rules.addresses import bounce_address, reply_address
from casso.rules.headers import clean_header
from casso.rules.outgoing_text import text_to_html
from casso.values.letter import Letter
from casso.values.mail import MailAddress, MailAttachment, OutgoingMail


def read_letter(session: Session, actor: Actor, row: Outgoing) -> tuple[Letter, tuple[Attachment, ...]]:
    """What the row's message says, and the files whose bytes are still to be fetched."""
    here = actor.organization_id
    message, ticket, customer = session.execute(
        select(Message, Ticket, Customer).where(
            col(Message.organization_id) == here,
            col(Message.id) == row.message_id,
            col(Ticket.organization_id) == here,
            col(Ticket.id) == col(Message.ticket_id),
            col(Customer.organization_id) == here,
            col(Customer.id) == col(Ticket.customer_id),
        )
    ).one()
    files = session.execute(
        select(Attachment)
        .where(col(Attachment.organization_id) == here, col(Attachment.message_id) == row.message_id)
        .order_by(col(Attachment.id))
    ).scalars()
    names = {customer.email: customer.name}
    letter = Letter(
        sender=_address(message.from_email, message.from_name),
        to=tuple(_address(one, names.get(one, "")) for one in message.to_addresses),
        cc=tuple(_address(one, "") for one in message.cc_addresses),
        reply_to=clean_header(reply_address(message.from_email, ticket.reply_token)),
        subject=clean_header(message.subject),
        message_id=message.mail_key,
        references=message.reference_ids,
        date=message.created_at,
        text=message.text,
        html=text_to_html(message.text),
        loop_mark=clean_header(message.from_email),
    )
    return letter, tuple(files)


def build_mail(letter: Letter, files: tuple[Attachment, ...], row: Outgoing) -> OutgoingMail:
    """The bytes for one recipient. Raises GatewayError: a file cannot be fetched, or nothing can be built."""
    fetched = tuple(
        MailAttachment(
            filename=clean_header(one.filename) or "file",
            content_type=one.content_type,
            data=storage.get(one.storage_key, sha256=one.sha256),
        )
        for one in files
    )
    whole = replace(letter, attachments=fetched)
    return OutgoingMail(
        sender=bounce_address(letter.sender.email, row.message_id, settings().secret_keys),
        recipient=row.recipient,
        raw=compose.build(whole),
        message_id=letter.message_id,
    )


def _address(email: str, name: str) -> MailAddress:
    return MailAddress(clean_header(email), clean_header(name))
