"""What is kept of one's own usage: read by its person alone, there is no look-up for anybody else."""

from dataclasses import dataclass

from sqlmodel import col, select

from casso.access import Actor, require
from casso.config import settings
from casso.db import reading
from casso.models import Membership, UsageEvent
from casso.rules.permissions import Action
from casso.words import word
from casso.words.formats import format_date

SHOWN = 200


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One page or feature on one day."""

    used: str
    day: str
    times: int


@dataclass(frozen=True, slots=True)
class OwnUsage:
    """Whether the person agreed, for how many days it is kept (0: the desk counts nothing), and all of it."""

    has_agreed: bool
    days: int
    rows: tuple[UsageRow, ...]


def get_own_usage(actor: Actor) -> OwnUsage:
    """The newest days first, in the reader's words."""
    require(actor, Action.OWN_ACCOUNT)
    here, me = actor.organization_id, actor.account_id
    with reading(here) as session:
        agreed_at = session.exec(
            select(Membership.usage_agreed_at).where(
                Membership.organization_id == here, Membership.account_id == me
            )
        ).first()
        found = session.exec(
            select(UsageEvent)
            .where(UsageEvent.organization_id == here, UsageEvent.account_id == me)
            .order_by(col(UsageEvent.on_day).desc(), col(UsageEvent.used))
            .limit(SHOWN)
        ).all()
    rows = tuple(_row(actor.locale, one) for one in found)
    return OwnUsage(agreed_at is not None, settings().usage_days, rows)


def _row(locale: str, found: UsageEvent) -> UsageRow:
    return UsageRow(word(locale, f"web.use.{found.used}"), format_date(locale, found.on_day), found.times)
