"""Mail kept aside as its list shows it: who wrote, about what, why it waits.

Only the top of each mail is read, by the reader that intake uses, so a list of large
mails costs little and its words are those that the ticket would have.
"""

from sqlalchemy import select
from sqlmodel import col

from casso.access import Actor, require
from casso.db import reading
from casso.enums import SpoolState
from casso.errors import GatewayError
from casso.gateways import spool
from casso.gateways.mime import read_heads
from casso.models import SpooledMail
from casso.queries.rows import QuarantineRow
from casso.queries.shown import iso
from casso.rules.addresses import plain_text
from casso.rules.permissions import Action
from casso.values.mail import MailAddress

MOST_QUARANTINED = 100
SHOWN_LENGTH = 200


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
