"""The desk itself as its settings show it: the organization and its mailboxes."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Select, and_, select
from sqlmodel import col

from casso.access import Actor, require
from casso.config import settings
from casso.db import reading
from casso.enums import Sees
from casso.errors import NotFound
from casso.gateways.outgoing import may_be_overheard
from casso.models import ImapAccount, Mailbox, Organization
from casso.queries.rows import MailboxRow, OrganizationCard
from casso.queries.shown import iso
from casso.rules.permissions import Action
from casso.values.reach import LOOPBACK_NAMES

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
        may_be_overheard=may_be_overheard(),
    )


def list_mailboxes(actor: Actor) -> tuple[MailboxRow, ...]:
    """The mailboxes whose tickets this person may see, the default one first; no password travels.

    How a mailbox is fetched and read is for those who may manage it; others get its name and address.
    """
    require(actor, Action.READ_TICKETS)
    with reading(actor.organization_id) as session:
        if actor.may(Action.MANAGE_MAILBOXES):
            pairs = session.execute(_with_imap(actor.organization_id)).all()
            found = tuple(_mailbox_row(mailbox, imap) for mailbox, imap in pairs)
        else:
            pairs = session.execute(_names(actor.organization_id)).all()
            found = tuple(MailboxRow(id_ or 0, address, name) for id_, address, name in pairs)
    rows = (replace(row, is_default=place == 0) for place, row in enumerate(found))
    return tuple(row for row in rows if actor.sees is not Sees.MAILBOXES or row.id in actor.seen_ids)


def _with_imap(here: int) -> Select[Any]:
    its_imap = and_(col(ImapAccount.organization_id) == here, col(ImapAccount.mailbox_id) == col(Mailbox.id))
    return _of(here, Mailbox, ImapAccount).join(ImapAccount, its_imap, isouter=True)


def _names(here: int) -> Select[Any]:
    return _of(here, col(Mailbox.id), col(Mailbox.address), col(Mailbox.name))


def _of(here: int, *what: Any) -> Select[Any]:
    mine = select(*what).where(col(Mailbox.organization_id) == here)
    return mine.select_from(Mailbox).order_by(col(Mailbox.id)).limit(MOST_MAILBOXES)


def _mailbox_row(mailbox: Mailbox, imap: ImapAccount | None) -> MailboxRow:
    return MailboxRow(
        id=mailbox.id or 0,
        address=mailbox.address,
        name=mailbox.name,
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
        is_in_clear=bool(imap and imap.is_enabled and _is_in_clear(imap)),
    )


def _is_in_clear(imap: ImapAccount) -> bool:
    """Whether password and mail cross a network unencrypted."""
    return imap.security == "none" and imap.host not in LOOPBACK_NAMES
