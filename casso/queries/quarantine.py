"""Mail kept aside as its lists show it: who wrote, about what, why it waits; to the operator much less.

Only the top of each mail is read, by the reader that intake uses, so a list of large
mails costs little and its words are those that the ticket would have.
"""

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from casso.access import Actor, require, require_operator
from casso.db import reading
from casso.enums import SpoolState
from casso.errors import GatewayError
from casso.gateways import spool
from casso.gateways.mime import read_heads
from casso.models import SpooledMail
from casso.queries.shown import iso
from casso.rules.addresses import plain_text
from casso.rules.permissions import Action
from casso.values.mail import MailAddress, ParsedMail

MOST_QUARANTINED = 100
SHOWN_LENGTH = 200
RECIPIENTS_SHOWN = 3
# Reasons that say nothing can be made of the mail: running it again is all that helps.
UNREADABLE = frozenset({"parse", "crash"})


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A mail that could not become a ticket; `reason` is a catalogue suffix (`quarantine.reason.…`).

    `may_take`: a person may take it as a ticket all the same.
    """

    id: int
    received_iso: str
    source: str
    sender: str
    subject: str
    reason: str
    size: int
    attempts: int
    may_take: bool


@dataclass(frozen=True, slots=True)
class UnroutedRow:
    """A mail of no organization, for the operator: from which domain, to whom, nothing of what it says."""

    id: int
    received_iso: str
    recipient: str
    sender_domain: str
    reason: str
    size: int


@dataclass(frozen=True, slots=True)
class UnroutedPage:
    """The newest such mails, and how many there are."""

    rows: tuple[UnroutedRow, ...]
    count: int


def list_quarantine(actor: Actor) -> tuple[QuarantineRow, ...]:
    """Mail of the organization that could not become a ticket, newest first. Raises NotAllowed."""
    require(actor, Action.READ_QUARANTINE)
    with reading(actor.organization_id) as session:
        found = session.execute(
            select(SpooledMail)
            .where(
                col(SpooledMail.organization_id) == actor.organization_id,
                col(SpooledMail.state) == SpoolState.QUARANTINED,
            )
            .order_by(col(SpooledMail.id).desc())
            .limit(MOST_QUARANTINED)
        ).scalars().all()  # fmt: skip
    return tuple(_quarantine_row(one) for one in found)


def list_unrouted(actor: Actor) -> UnroutedPage:
    """Mail that belongs to no organization, newest first, for the operator. Raises NotAllowed."""
    require_operator(actor)
    nobodys = (
        col(SpooledMail.organization_id).is_(None),
        col(SpooledMail.state).in_([SpoolState.UNROUTED, SpoolState.QUARANTINED]),
    )
    with reading() as session:
        count = session.execute(select(func.count()).select_from(SpooledMail).where(*nobodys)).scalar_one()
        found = session.execute(
            select(SpooledMail).where(*nobodys).order_by(col(SpooledMail.id).desc()).limit(MOST_QUARANTINED)
        ).scalars().all()  # fmt: skip
    return UnroutedPage(rows=tuple(_unrouted_row(one) for one in found), count=count)


def _unrouted_row(found: SpooledMail) -> UnroutedRow:
    """Addresses come from the envelope, else from the headers; the mail's words stay where they are."""
    folder = spool.UNROUTED if found.state == SpoolState.UNROUTED else spool.QUARANTINE
    recipient, sender, size = found.recipient, "", 0
    with suppress(GatewayError):
        envelope, top, size = spool.peek(found.spool_id, folder)
        mail = read_heads(top)
        sender = mail.sender.email or envelope.sender
        recipient = recipient or envelope.recipient or ", ".join(_named_recipients(mail))
    return UnroutedRow(
        id=found.id or 0,
        received_iso=iso(found.received_at),
        recipient=_short(recipient),
        sender_domain=_short(sender.rpartition("@")[2] if "@" in sender else ""),
        reason=found.error,
        size=size,
    )


def _named_recipients(mail: ParsedMail) -> tuple[str, ...]:
    return (mail.delivered_to or tuple(one.email for one in (*mail.to, *mail.cc)))[:RECIPIENTS_SHOWN]


def _quarantine_row(found: SpooledMail) -> QuarantineRow:
    sender, subject, size = _first_look(found.spool_id)
    return QuarantineRow(
        id=found.id or 0,
        received_iso=iso(found.received_at),
        source=found.source,
        sender=sender,
        subject=subject,
        reason=found.error,
        size=size,
        attempts=found.attempts,
        may_take=found.error not in UNREADABLE,
    )


def _first_look(spool_id: str) -> tuple[str, str, int]:
    """Sender, subject and size of a raw mail; whatever cannot be read stays empty."""
    try:
        envelope, top, size = spool.peek(spool_id, spool.QUARANTINE)
    except GatewayError:
        return "", "", 0
    mail = read_heads(top)
    return _short(_named(mail.sender) or envelope.sender), _short(mail.subject), size


def _named(one: MailAddress) -> str:
    return f"{one.name} <{one.email}>" if one.name and one.email else one.email or one.name


def _short(text: str) -> str:
    """One line that any frame can carry: no half of a surrogate pair, no tag of a signed address."""
    line = " ".join(text.split()).encode("utf-8", "replace").decode()
    return plain_text(line)[:SHOWN_LENGTH]
