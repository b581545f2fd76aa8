"""Writes the rows of a mail: customer, ticket, message, files, search terms, trail and change."""

import secrets
from dataclasses import dataclass

from sqlalchemy import insert, update
from sqlmodel import Session, col

from casso.access import Actor
from casso.enums import AuthResult, ChangeKind, MessageKind, Status
from casso.models import Attachment, Message, Organization, Ticket
from casso.rules.addresses import new_reply_token
from casso.rules.sanitize import clean_html
from casso.rules.threads import Placement
from casso.services import customers, search_index
from casso.services.intake_files import Files
from casso.services.intake_values import Arrival, Home, storable
from casso.services.trail import announce, record
from casso.values.mail import MailAddress

SUBJECT_LIMIT = 500
PREVIEW_LIMIT = 120
PREVIEW_SOURCE = 2_000
TEXT_LIMIT = 1_000_000
ADDRESS_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that was decided about a mail before the first row is written."""

    sender: MailAddress
    auth: AuthResult
    placement: Placement
    is_repeat_id: bool
    files: Files


def write(session: Session, actor: Actor, arrival: Arrival, home: Home, judged: Judgement) -> tuple[int, int]:
    """Write everything; returns the ids of ticket and message."""
    customer_id = customers.find_or_create(session, actor, email=judged.sender.email, name=judged.sender.name)
    is_new = judged.placement.ticket_id is None
    if is_new:
        ticket_id, number = _open_ticket(session, actor, arrival, home, judged, customer_id)
    else:
        ticket_id, number = _join_ticket(session, actor, arrival, home, judged)
    message_id = _add_message(session, actor, arrival, home, judged, ticket_id, customer_id)
    session.execute(
        update(Ticket)
        .where(col(Ticket.organization_id) == actor.organization_id, col(Ticket.id) == ticket_id)
        .values(last_message_id=message_id)
    )
    _add_files(session, actor, judged.files, message_id, home)
    search_index.put(
        session,
        actor,
        message_id=message_id,
        ticket_id=ticket_id,
        number=number,
        subject=storable(arrival.mail.subject)[:SUBJECT_LIMIT],
        customer=f"{judged.sender.name} {judged.sender.email}",
        body=arrival.read.body_text,
    )
    kind = ChangeKind.TICKET_CREATED if is_new else ChangeKind.MESSAGE_ADDED
    announce(session, actor, kind, ticket_id=ticket_id)
    return ticket_id, message_id


def _open_ticket(
    session: Session, actor: Actor, arrival: Arrival, home: Home, judged: Judgement, customer_id: int
) -> tuple[int, int]:
    """A new ticket with the organization's next number."""
    number = session.execute(
        update(Organization)
        .where(col(Organization.id) == actor.organization_id)
        .values(last_ticket_number=Organization.last_ticket_number + 1)
        .returning(col(Organization.last_ticket_number))
    ).scalar_one()
    ticket_id = session.execute(
        insert(Ticket)
        .values(
            organization_id=actor.organization_id,
            number=number,
            subject=storable(arrival.mail.subject).strip()[:SUBJECT_LIMIT],
            mailbox_id=home.mailbox_id,
            customer_id=customer_id,
            may_belong_to_id=judged.placement.may_belong_to_id,
            reply_token=new_reply_token(),
            preview=preview_of(arrival.read.reply_text or arrival.read.body_text),
            last_activity_at=home.moment,
            attachment_count=_count_shown(judged.files),
            created_at=home.moment,
        )
        .returning(col(Ticket.id))
    ).scalar_one()
    assert ticket_id is not None
    record(session, actor, "ticket.created", ticket_id=ticket_id, after=str(number))
    return ticket_id, number


def _join_ticket(
    session: Session, actor: Actor, arrival: Arrival, home: Home, judged: Judgement
) -> tuple[int, int]:
    """The ticket grows by this message; an answer to a waiting or finished one opens it again."""
    ticket_id = judged.placement.ticket_id
    mine = (col(Ticket.organization_id) == actor.organization_id) & (col(Ticket.id) == ticket_id)
    if judged.placement.reopens:
        before = session.execute(
            update(Ticket).where(mine).values(is_open=True, closed_at=None).returning(col(Ticket.status))
        ).scalar_one()
        session.execute(update(Ticket).where(mine).values(status=Status.OPEN))
        record(session, actor, "ticket.status", ticket_id=ticket_id, before=before, after=Status.OPEN)
    number = session.execute(
        update(Ticket)
        .where(mine)
        .values(
            preview=preview_of(arrival.read.reply_text or arrival.read.body_text),
            last_author="",
            last_activity_at=home.moment,
            attachment_count=Ticket.attachment_count + _count_shown(judged.files),
            version=Ticket.version + 1,
        )
        .returning(col(Ticket.number))
    ).scalar_one()
    assert ticket_id is not None
    return ticket_id, number


def _add_message(
    session: Session,
    actor: Actor,
    arrival: Arrival,
    home: Home,
    judged: Judgement,
    ticket_id: int,
    customer_id: int,
) -> int:
    mail = arrival.mail
    html = clean_html(storable(mail.html)) if mail.html else None
    message_id = session.execute(
        insert(Message)
        .values(
            organization_id=actor.organization_id,
            ticket_id=ticket_id,
            mailbox_id=home.mailbox_id,
            kind=MessageKind.INCOMING,
            customer_id=customer_id,
            from_email=judged.sender.email,
            from_name=judged.sender.name,
            to_addresses=_emails(mail.to),
            cc_addresses=_emails(mail.cc),
            subject=storable(mail.subject)[:SUBJECT_LIMIT],
            text=storable(arrival.read.reply_text)[:TEXT_LIMIT],
            full_text=storable(arrival.read.body_text)[:TEXT_LIMIT],
            html=html.html if html else "",
            has_remote_images=html.has_remote_images if html else False,
            mail_key=arrival.mail_key,
            digest=arrival.digest,
            reference_ids=tuple(
                storable(one)[:500] for one in (*mail.references[-20:], *mail.in_reply_to[:5])
            ),
            raw_key=judged.files.raw_key,
            thread_reason=judged.placement.reason,
            auth_result=judged.auth,
            is_automatic=arrival.read.is_automatic,
            is_unverified=judged.placement.is_unverified,
            is_repeat_id=judged.is_repeat_id,
            created_at=home.moment,
        )
        .returning(col(Message.id))
    ).scalar_one()
    return int(message_id or 0)


def _add_files(session: Session, actor: Actor, files: Files, message_id: int, home: Home) -> None:
    if not files.attachments:
        return
    rows = [
        {
            "organization_id": actor.organization_id,
            "public_id": secrets.token_urlsafe(16),
            "message_id": message_id,
            "storage_key": file.storage_key,
            "filename": file.filename,
            "content_type": file.content_type,
            "size": file.size,
            "sha256": file.sha256,
            "content_id": file.content_id,
            "is_inline": file.is_inline,
            "may_show": file.may_show,
            "created_at": home.moment,
        }
        for file in files.attachments
    ]
    session.execute(insert(Attachment), rows)


def preview_of(text: str) -> str:
    """The beginning of a text on one line, for the queue."""
    return " ".join(storable(text[:PREVIEW_SOURCE]).split())[:PREVIEW_LIMIT]


def _count_shown(files: Files) -> int:
    """Attachments a reader would count: an image inside the text is none."""
    return sum(not file.is_inline for file in files.attachments)


def _emails(addresses: tuple[MailAddress, ...]) -> tuple[str, ...]:
    return tuple(storable(one.email)[:320] for one in addresses[:ADDRESS_LIMIT] if one.email)
