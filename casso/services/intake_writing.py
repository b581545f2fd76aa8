"""Writes the rows of a mail: customer, ticket, message, files, search terms, trail and change."""

import secrets
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session

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
from casso.services.upsert import table_of
from casso.values.mail import MailAddress

SUBJECT_LIMIT = 500
PREVIEW_LIMIT = 120
PREVIEW_SOURCE = 2_000
TEXT_LIMIT = 1_000_000
ADDRESS_LIMIT = 200

# Made once: building a statement takes longer than running it.
_tickets, _messages, _organizations = table_of(Ticket), table_of(Message), table_of(Organization)
_INSERT_TICKET = insert(_tickets).returning(_tickets.c.id)
_INSERT_MESSAGE = insert(_messages).returning(_messages.c.id)
_INSERT_FILES = insert(table_of(Attachment))
_NEXT_NUMBER = (
    update(_organizations)
    .where(_organizations.c.id == bindparam("here"))
    .values(last_ticket_number=_organizations.c.last_ticket_number + 1)
    .returning(_organizations.c.last_ticket_number)
)
_its_ticket = (_tickets.c.organization_id == bindparam("here"), _tickets.c.id == bindparam("its_id"))
_SET_TICKET = update(_tickets).where(*_its_ticket)
_JOIN_TICKET = (
    update(_tickets)
    .where(*_its_ticket)
    .values(
        attachment_count=_tickets.c.attachment_count + bindparam("more_files"),
        version=_tickets.c.version + 1,
    )
    .returning(_tickets.c.number, _tickets.c.status)
)


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
    placement = judged.placement
    if placement.ticket_id is None:
        ticket_id, number = _open_ticket(session, actor, arrival, home, judged, customer_id)
        kind = ChangeKind.TICKET_CREATED
    else:
        ticket_id, number = placement.ticket_id, _join_ticket(session, actor, arrival, home, judged)
        kind = ChangeKind.MESSAGE_ADDED
    row = _message_row(actor, arrival, home, judged) | {"ticket_id": ticket_id, "customer_id": customer_id}
    message_id = int(session.execute(_INSERT_MESSAGE, row).scalar_one())
    session.execute(
        _SET_TICKET, {"here": actor.organization_id, "its_id": ticket_id, "last_message_id": message_id}
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
    announce(session, actor, kind, ticket_id=ticket_id)
    return ticket_id, message_id


def _open_ticket(
    session: Session, actor: Actor, arrival: Arrival, home: Home, judged: Judgement, customer_id: int
) -> tuple[int, int]:
    """A new ticket with the organization's next number; returns its id and number."""
    number = int(session.execute(_NEXT_NUMBER, {"here": actor.organization_id}).scalar_one())
    row = {
        "organization_id": actor.organization_id,
        "number": number,
        "subject": storable(arrival.mail.subject).strip()[:SUBJECT_LIMIT],
        "mailbox_id": home.mailbox_id,
        "customer_id": customer_id,
        "may_belong_to_id": judged.placement.may_belong_to_id,
        "reply_token": new_reply_token(),
        "preview": preview_of(arrival.read.reply_text or arrival.read.body_text),
        "last_activity_at": home.moment,
        "attachment_count": _count_shown(judged.files),
        "created_at": home.moment,
    }
    ticket_id = int(session.execute(_INSERT_TICKET, row).scalar_one())
    record(session, actor, "ticket.created", ticket_id=ticket_id)
    return ticket_id, number


def _join_ticket(session: Session, actor: Actor, arrival: Arrival, home: Home, judged: Judgement) -> int:
    """The ticket grows by this message, and opens again if it waited or was done; returns its number."""
    ticket_id = judged.placement.ticket_id
    mine = {"here": actor.organization_id, "its_id": ticket_id}
    row = {
        "preview": preview_of(arrival.read.reply_text or arrival.read.body_text),
        "last_author": "",
        "last_activity_at": home.moment,
        "more_files": _count_shown(judged.files),
    }
    number, before = session.execute(_JOIN_TICKET, mine | row).one()
    if judged.placement.reopens:
        session.execute(_SET_TICKET, mine | {"status": Status.OPEN, "is_open": True, "closed_at": None})
        record(session, actor, "ticket.status", ticket_id=ticket_id, before=before, after=Status.OPEN)
    record(session, actor, "message.incoming", ticket_id=ticket_id)
    return int(number)


def _message_row(actor: Actor, arrival: Arrival, home: Home, judged: Judgement) -> dict[str, object]:
    mail = arrival.mail
    html = clean_html(storable(mail.html)) if mail.html else None
    references = (*mail.references[-20:], *mail.in_reply_to[:5])
    return {
        "organization_id": actor.organization_id,
        "mailbox_id": home.mailbox_id,
        "kind": MessageKind.INCOMING,
        "from_email": judged.sender.email,
        "from_name": judged.sender.name,
        "to_addresses": _emails(mail.to),
        "cc_addresses": _emails(mail.cc),
        "subject": storable(mail.subject)[:SUBJECT_LIMIT],
        "text": storable(arrival.read.reply_text)[:TEXT_LIMIT],
        "full_text": storable(_whole_text(arrival))[:TEXT_LIMIT],
        "html": html.html if html else "",
        "has_remote_images": html.has_remote_images if html else False,
        "mail_key": arrival.mail_key,
        "digest": arrival.digest,
        "reference_ids": tuple(storable(one)[:500] for one in references),
        "raw_key": judged.files.raw_key,
        "thread_reason": judged.placement.reason,
        "auth_result": judged.auth,
        "is_automatic": arrival.read.is_automatic,
        "is_unverified": judged.placement.is_unverified,
        "is_repeat_id": judged.is_repeat_id,
        "created_at": home.moment,
    }


def _whole_text(arrival: Arrival) -> str:
    """All of the text; exactly the new text when only white space differs, so that nothing looks folded."""
    new, whole = arrival.read.reply_text, arrival.read.body_text
    return new if new.split() == whole.split() else whole


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
    session.execute(_INSERT_FILES, rows)


def preview_of(text: str) -> str:
    """The beginning of a text on one line, for the queue."""
    return " ".join(storable(text[:PREVIEW_SOURCE]).split())[:PREVIEW_LIMIT]


def _count_shown(files: Files) -> int:
    """Attachments a reader would count: an image inside the text is none."""
    return sum(not file.is_inline for file in files.attachments)


def _emails(addresses: tuple[MailAddress, ...]) -> tuple[str, ...]:
    return tuple(storable(one.email)[:320] for one in addresses[:ADDRESS_LIMIT] if one.email)
