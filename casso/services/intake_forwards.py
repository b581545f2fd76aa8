"""A forwarded mail opens the ticket of its original sender; what stood above it becomes an internal note.

Anybody can write "From: somebody" into a text, so this happens only for a person who may
answer here and whose From address the mailbox's own server vouched for, or where the
mailbox says that every forward counts. Nobody becomes the author of a note by From alone.
"""

from dataclasses import dataclass, replace

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, col

from casso.access import Actor
from casso.enums import AuthResult, MessageKind
from casso.errors import Invalid
from casso.models import Account, Membership, Message, Ticket
from casso.rules.addresses import forms_of
from casso.rules.forwards import without_forward_prefix
from casso.rules.permissions import Action, permissions_of
from casso.rules.threads import Reason
from casso.services import search_index
from casso.services.intake_files import Files
from casso.services.intake_values import Arrival, Home, storable
from casso.services.intake_writing import SUBJECT_LIMIT, TEXT_LIMIT, Judgement
from casso.services.rights import RIGHTS, Rights, rights_of
from casso.services.setup import checked_email
from casso.services.trail import record
from casso.services.upsert import table_of
from casso.values.mail import Forward, MailAddress

# Made once: building a statement takes longer than running it.
_tickets, _messages = table_of(Ticket), table_of(Message)
_INSERT_NOTE = insert(_messages).returning(_messages.c.id)
_SET_NEWEST = (
    update(_tickets)
    .where(_tickets.c.organization_id == bindparam("here"), _tickets.c.id == bindparam("its_id"))
    .values(last_message_id=bindparam("newest"))
    .returning(_tickets.c.number)
)
_MEMBERS = (
    select(col(Account.email), col(Account.id), col(Account.disabled_at), *RIGHTS)
    .join(Membership, col(Membership.account_id) == col(Account.id))
    .where(
        col(Membership.organization_id) == bindparam("here"),
        col(Account.email).in_(bindparam("addresses", expanding=True)),
    )
)


@dataclass(frozen=True, slots=True)
class _Members:
    """Which of the addresses in question are members, and the account that may act here."""

    addresses: frozenset[str]
    agent_id: int | None


@dataclass(frozen=True, slots=True)
class Unfolded:
    """The mail as its original sender's, and the note above it with who wrote that."""

    arrival: Arrival
    judged: Judgement
    text: str
    author: MailAddress
    account_id: int | None


def unfold(
    session: Session, actor: Actor, arrival: Arrival, home: Home, judged: Judgement
) -> Unfolded | None:
    """The forwarded mail in the forwarder's place, or None when the mail is to stay as it came."""
    forward = arrival.read.forward
    if forward is None or not _may_count(arrival, home, judged):
        return None
    original = _checked_sender(forward, home)
    author = arrival.mail.sender
    if not original or original in (author.email, judged.sender.email):
        return None
    members = _find_members(session, actor, author.email, original, judged.auth)
    if members.addresses.intersection(forms_of(original)):
        return None
    if members.agent_id is None and not home.unfolds_forwards:
        return None
    placement = replace(
        judged.placement,
        reason=Reason.FORWARDED,
        is_unverified=judged.placement.is_unverified and members.agent_id is None,
    )
    sender = MailAddress(original, storable(forward.sender.name)[:200])
    return Unfolded(
        arrival=_as_original(arrival, forward, home),
        judged=replace(
            judged,
            sender=sender,
            auth=AuthResult.UNKNOWN,
            placement=placement,
            files=_with_all_listed(judged.files),
        ),
        text=storable(forward.message).strip()[:TEXT_LIMIT],
        author=MailAddress(storable(author.email)[:320], storable(author.name)[:200]),
        account_id=members.agent_id,
    )


def note(session: Session, actor: Actor, unfolded: Unfolded, home: Home, ticket_id: int) -> None:
    """Write what stood above the forward; an agent's when the mailbox's server vouched for the address."""
    record(session, actor, "mail.forwarded", ticket_id=ticket_id)
    if not unfolded.text:
        return
    row = {
        "organization_id": actor.organization_id,
        "ticket_id": ticket_id,
        "mailbox_id": home.mailbox_id,
        "kind": MessageKind.NOTE,
        "account_id": unfolded.account_id,
        "from_email": unfolded.author.email,
        "from_name": unfolded.author.name,
        "text": unfolded.text,
        "full_text": unfolded.text,
        "created_at": home.moment,
    }
    message_id = int(session.execute(_INSERT_NOTE, row).scalar_one())
    its = {"here": actor.organization_id, "its_id": ticket_id}
    number = int(session.execute(_SET_NEWEST, its | {"newest": message_id}).scalar_one())
    search_index.put(
        session,
        actor,
        message_id=message_id,
        ticket_id=ticket_id,
        number=number,
        subject=storable(unfolded.arrival.mail.subject)[:SUBJECT_LIMIT],
        customer=f"{unfolded.judged.sender.name} {unfolded.judged.sender.email}",
        body=unfolded.text,
    )
    record(session, actor, "message.note", ticket_id=ticket_id)


def _may_count(arrival: Arrival, home: Home, judged: Judgement) -> bool:
    """Only what opens a ticket, was sent by a person, and whose sender is not known to be forged."""
    if judged.placement.ticket_id is not None or arrival.read.is_automatic:
        return False
    return judged.auth is AuthResult.PASS or (home.unfolds_forwards and judged.auth is not AuthResult.FAIL)


def _checked_sender(forward: Forward, home: Home) -> str:
    """The original sender's address when it can be written to and is none of our own; else empty."""
    try:
        email = checked_email(forward.sender.email[:320], "error.email")
    except Invalid:
        return ""
    return "" if home.own_addresses.intersection(forms_of(email)) else email


def _find_members(session: Session, actor: Actor, author: str, original: str, auth: AuthResult) -> _Members:
    """Who of the two is a member; the author may act only by a passed check and a role that answers."""
    wanted = [author, *forms_of(original)]
    rows = session.execute(_MEMBERS, {"here": actor.organization_id, "addresses": wanted}).all()
    able = [
        row.id
        for row in rows
        if row.email == author
        and row.disabled_at is None
        and auth is AuthResult.PASS
        and _may_answer(rights_of(row))
    ]
    return _Members(frozenset(row.email for row in rows), able[0] if able else None)


def _may_answer(rights: Rights) -> bool:
    return Action.WRITE_TICKETS in permissions_of(rights["role"], own=rights["own_role"])


def _as_original(arrival: Arrival, forward: Forward, home: Home) -> Arrival:
    """The mail with the original's subject and text alone.

    HTML and CC go: the one holds the note, the other names whom the forwarder told, not the customer.
    """
    subject = forward.subject.strip() or without_forward_prefix(arrival.mail.subject)
    mail = replace(arrival.mail, subject=subject, html="", to=(MailAddress(home.address),), cc=())
    read = replace(arrival.read, mail=mail, body_text=forward.body, reply_text=forward.body)
    return replace(arrival, read=read)


def _with_all_listed(files: Files) -> Files:
    """Without HTML nothing shows an inline picture, so it is listed like any other file."""
    return replace(files, attachments=tuple(replace(file, is_inline=False) for file in files.attachments))
