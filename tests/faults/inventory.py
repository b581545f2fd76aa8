"""What is on the desk after processes were killed, and everything that is wrong with it.

A checker, not asserts in the middle: `complaints` goes through database, file store and
spool once all is quiet, and says what was lost, doubled, changed or left half done.
"""

from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy

from sqlmodel import Session, col, select

from casso import db
from casso.access import across_organizations
from casso.enums import MessageKind, SpoolState
from casso.errors import GatewayError
from casso.gateways import spool, storage
from casso.models import Attachment, Message, SearchDocument, SpooledMail, Ticket, TrailEntry
from tests.faults.ledger import Ledger


def complaints(organization_id: int, ledger: Ledger) -> list[str]:
    """Everything that differs from: each mail handed over is there once, whole, and nothing else is."""
    with db.reading(organization_id) as session:
        incoming = session.exec(
            select(Message).where(
                Message.organization_id == organization_id, Message.kind == MessageKind.INCOMING
            )
        ).all()
        found = [*_of_mails(session, incoming, ledger), *_halves(session, organization_id)]
    return [*found, *_of_spool(ledger)]


def halves(organization_id: int) -> list[str]:
    """What is there in part only: tickets without message, messages nobody finds, files of nothing."""
    with db.reading(organization_id) as session:
        return list(_halves(session, organization_id))


def _of_mails(session: Session, incoming: list[Message], ledger: Ledger) -> Iterator[str]:
    """Each mail once, with its bytes and its files."""
    there = Counter(message.mail_key for message in incoming)
    for key, handed in ledger.mails.items():
        if not handed.is_acknowledged:
            yield f"{key} was never acknowledged: {handed.outcomes}"
        if there[key] != 1:
            yield f"{key} is there {there[key]} times: {handed.outcomes}"
    for message in incoming:
        if message.mail_key not in ledger.mails:
            yield f"{message.mail_key} was never handed over"
            continue
        raw = ledger.mails[message.mail_key].raw
        if _bytes_of(message.raw_key) != raw:
            yield f"{message.mail_key} has other bytes"
        if _files_there(session, message) != _files_sent(raw):
            yield f"{message.mail_key} has other files"


def _files_sent(raw: bytes) -> list[tuple[str, bytes]]:
    """Names and contents, read by Python's own parser and not by ours."""
    parts = message_from_bytes(raw, policy=policy.default).iter_attachments()
    return sorted((part.get_filename() or "", part.get_content()) for part in parts)


def _files_there(session: Session, message: Message) -> list[tuple[str, bytes]]:
    rows = session.exec(
        select(Attachment).where(
            Attachment.organization_id == message.organization_id, Attachment.message_id == message.id
        )
    ).all()
    return sorted((row.filename, _bytes_of(row.storage_key, row.sha256)) for row in rows)


def _bytes_of(key: str, sha256: str = "") -> bytes:
    """The stored bytes; what is missing or damaged is a complaint like any other."""
    try:
        return storage.get(key, sha256=sha256)
    except GatewayError as error:
        return f"({error.code})".encode()


def _halves(session: Session, here: int) -> Iterator[str]:
    tickets = {row.id: row for row in session.exec(select(Ticket).where(Ticket.organization_id == here))}
    messages = {row.id: row for row in session.exec(select(Message).where(Message.organization_id == here))}
    numbers = sorted(ticket.number for ticket in tickets.values())
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"ticket numbers have gaps or repeats: {numbers}"
    talked_in = {message.ticket_id for message in messages.values()}
    for ticket in tickets.values():
        last = messages.get(ticket.last_message_id)
        if ticket.id not in talked_in or last is None or last.ticket_id != ticket.id:
            yield f"ticket {ticket.number} has no (last) message"
    gone = talked_in - set(tickets)
    yield from (f"a message belongs to ticket {ticket_id}, which is not there" for ticket_id in gone)
    yield from _loose_rows(session, here, set(tickets), set(messages))


def _loose_rows(
    session: Session, here: int, tickets: set[int | None], messages: set[int | None]
) -> Iterator[str]:
    """Files, search documents and the trail belong to what is there, each exactly once."""
    files = session.exec(
        select(Attachment.id, Attachment.message_id).where(Attachment.organization_id == here)
    )
    yield from (f"file {file_id} has no message" for file_id, owner in files if owner not in messages)
    searchable = Counter(
        session.exec(select(SearchDocument.message_id).where(SearchDocument.organization_id == here))
    )
    if searchable != Counter(messages):
        yield f"search documents differ from messages: {set(searchable) ^ messages}"
    created = Counter(
        session.exec(
            select(TrailEntry.ticket_id).where(
                TrailEntry.organization_id == here, TrailEntry.action == "ticket.created"
            )
        )
    )
    if created != Counter(tickets):
        yield f"the trail tells of other tickets: {set(created) ^ tickets}"


def _of_spool(ledger: Ledger) -> Iterator[str]:
    """Nothing waits or lies aside; each mail has one row, however often it was handed over."""
    for folder in (spool.QUARANTINE, spool.UNROUTED):
        yield from (f"{spool_id} lies in {folder}" for spool_id in spool.kept_aside(folder))
    yield from (f"{spool_id} still waits" for spool_id in spool.waiting(10_000))
    with db.reading() as session, across_organizations(session, "tests"):
        rows = session.exec(select(SpooledMail.state, SpooledMail.digest).order_by(col(SpooledMail.id))).all()
    yield from (f"a spooled mail is {state}" for state, _ in rows if state != SpoolState.DONE)
    if len(rows) != len(ledger.mails):
        yield f"{len(rows)} spooled mails were made of {len(ledger.mails)}"
