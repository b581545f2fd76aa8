"""The desk itself as its settings show it: the organization, its mailboxes, and mail kept aside."""

from sqlalchemy import and_, select
from sqlmodel import col

from casso.access import Actor, require
from casso.config import settings
from casso.db import reading
from casso.enums import SpoolState
from casso.errors import GatewayError, NotFound
from casso.gateways import spool
from casso.gateways.mime.headers import cut_headers, decode_value
from casso.models import ImapAccount, Mailbox, Organization, SpooledMail
from casso.queries.rows import MailboxRow, OrganizationCard, QuarantineRow
from casso.queries.shown import iso
from casso.rules.permissions import Action

MOST_MAILBOXES = 500
MOST_QUARANTINED = 100
_HEADERS_SEEN = 20_000


def get_organization(actor: Actor) -> OrganizationCard:
    """The general settings. Raises NotFound."""
    require(actor, Action.READ_TICKETS)
    with reading(actor.organization_id) as session:
        found = session.get(Organization, actor.organization_id)
    if found is None:
        raise NotFound()
    return OrganizationCard(
        name=found.name,
        zone=found.time_zone,
        locale=found.locale,
        smtp_address=settings().smtp_listen,
        version=0,
    )


def list_mailboxes(actor: Actor) -> tuple[MailboxRow, ...]:
    """The organization's mailboxes, the first one (the default) first; no password travels."""
    require(actor, Action.READ_TICKETS)
    here = actor.organization_id
    its_imap = and_(col(ImapAccount.organization_id) == here, col(ImapAccount.mailbox_id) == col(Mailbox.id))
    with reading(actor.organization_id) as session:
        found = session.execute(
            select(Mailbox, ImapAccount)
            .join(ImapAccount, its_imap, isouter=True)
            .where(col(Mailbox.organization_id) == here)
            .order_by(col(Mailbox.id))
            .limit(MOST_MAILBOXES)
        ).all()
    return tuple(
        _mailbox_row(mailbox, imap, is_default=place == 0) for place, (mailbox, imap) in enumerate(found)
    )


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


def _mailbox_row(mailbox: Mailbox, imap: ImapAccount | None, *, is_default: bool) -> MailboxRow:
    return MailboxRow(
        id=mailbox.id or 0,
        address=mailbox.address,
        name=mailbox.name,
        is_default=is_default,
        is_imap_on=bool(imap and imap.is_enabled),
        imap_host=imap.host if imap else "",
        imap_port=imap.port if imap else 993,
        imap_security=imap.security if imap else "tls",
        imap_login=imap.username if imap else "",
        imap_folder=imap.folder if imap else "INBOX",
        last_checked_iso=iso(imap.checked_at) if imap else "",
        last_error=imap.error_code if imap else "",
        uses_reply_to=mailbox.uses_reply_to,
        trusted_receiver=mailbox.trusted_receiver,
        unfolds_forwards=mailbox.unfolds_forwards,
    )


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
    """Sender, subject and size read straight off the raw mail; whatever cannot be read stays empty."""
    try:
        envelope, raw = spool.read(spool_id, spool.QUARANTINE)
    except GatewayError:
        return "", "", 0
    fields, _, _ = cut_headers(raw, 0, min(len(raw), _HEADERS_SEEN))
    found = {name.lower(): decode_value(value) for name, value in reversed(fields)}
    sender, subject = found.get("from") or envelope.sender, found.get("subject", "")
    return " ".join(sender.split())[:200], " ".join(subject.split())[:200], len(raw)
