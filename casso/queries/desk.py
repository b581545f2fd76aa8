"""The desk itself as its settings show it: the organization and its mailboxes."""

from sqlalchemy import and_, select
from sqlmodel import col

from casso.access import Actor, require
from casso.config import settings
from casso.db import reading
from casso.enums import Sees
from casso.errors import NotFound
from casso.models import ImapAccount, Mailbox, Organization
from casso.queries.rows import MailboxRow, OrganizationCard
from casso.queries.shown import iso
from casso.rules.permissions import Action

MOST_MAILBOXES = 500


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
        requires_second_factor=found.requires_second_factor,
    )


def list_mailboxes(actor: Actor) -> tuple[MailboxRow, ...]:
    """The mailboxes whose tickets this person may see, the default one first; no password travels."""
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
    rows = (_mailbox_row(mailbox, imap, is_default=place == 0) for place, (mailbox, imap) in enumerate(found))
    return tuple(row for row in rows if actor.sees is not Sees.MAILBOXES or row.id in actor.seen_ids)


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
