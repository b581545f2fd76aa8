"""An account's way to another mail address, as its person sees it while it waits."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlmodel import col

from casso.access import Actor, require
from casso.clock import now
from casso.db import reading
from casso.models import LinkToken, MailChange
from casso.queries.shown import iso
from casso.rules.permissions import Action


@dataclass(frozen=True, slots=True)
class MailChangeRow:
    """What is waited for; `new_email` is empty when nothing is."""

    new_email: str = ""
    is_old_confirmed: bool = False
    is_new_confirmed: bool = False
    expires_iso: str = ""


def get_mail_change(actor: Actor) -> MailChangeRow:
    """The signed-in person's change. One whose links were revoked (a new password does) waits for nothing."""
    require(actor, Action.OWN_ACCOUNT)
    moment = now()
    has_links = exists().where(
        col(LinkToken.account_id) == col(MailChange.account_id),
        col(LinkToken.purpose) == "mail change",
        col(LinkToken.expires_at) > moment,
    )
    with reading(actor.organization_id) as session:
        found = session.execute(
            select(MailChange).where(
                col(MailChange.account_id) == actor.account_id, col(MailChange.expires_at) > moment, has_links
            )
        ).scalar()
    if found is None:
        return MailChangeRow()
    return MailChangeRow(
        new_email=found.new_email,
        is_old_confirmed=found.old_confirmed_at is not None,
        is_new_confirmed=found.new_confirmed_at is not None,
        expires_iso=iso(found.expires_at),
    )
