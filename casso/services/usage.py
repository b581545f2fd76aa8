"""Own usage counts: off until a person agrees, by day and name alone, short-lived, theirs to delete.

note() only remembers, in this process; keep_noted() writes what came together. It looks at the
agreement again, and counts noted under one that ended are dropped: taking it back deletes what
is there, and nothing comes after. No other service is told, and nobody else can read it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from casso.access import Actor, across_organizations, require
from casso.clock import now
from casso.config import settings
from casso.db import transaction
from casso.enums import Use
from casso.errors import Invalid, NotFound
from casso.models import Membership, Organization, UsageEvent
from casso.rules.permissions import Action
from casso.services.trail import record
from casso.services.upsert import insert_into

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Noted:
    """Who used what, under which agreement."""

    account_id: int
    agreed_at: datetime
    used: Use


_waiting: dict[int, Counter[_Noted]] = defaultdict(Counter)
_lock = Lock()


def note(actor: Actor, used: Use) -> None:
    """Remember one use, if the person agreed; writes nothing yet."""
    if actor.usage_agreed_at is None or actor.account_id is None or not settings().usage_days:
        return
    with _lock:
        _waiting[actor.organization_id][_Noted(actor.account_id, actor.usage_agreed_at, used)] += 1


def keep_noted() -> int:
    """Write what this process noted, one transaction an organization; returns how many rows were touched."""
    with _lock:
        taken = dict(_waiting)
        _waiting.clear()
    return sum(_keep(organization_id, noted) for organization_id, noted in taken.items())


def set_agreement(actor: Actor, *, is_given: bool) -> None:
    """Agree to the counting, or take that back and delete all of it. Saying it twice changes nothing.

    Raises Invalid where the desk counts nothing (CASSO_USAGE_DAYS=0).
    """
    require(actor, Action.OWN_ACCOUNT)
    if is_given and not settings().usage_days:
        raise Invalid("error.usage_off")
    with transaction(actor.organization_id) as session:
        membership = session.exec(_member(actor.organization_id, actor.account_id).with_for_update()).first()
        if membership is None:
            raise NotFound()
        had_agreed = membership.usage_agreed_at is not None
        if is_given is had_agreed:
            return
        membership.usage_agreed_at = now() if is_given else None
        session.add(membership)
        if not is_given:
            delete_usage(session, actor.organization_id, actor.account_id or 0)
        record(session, actor, "account.usage", before=_said(had_agreed), after=_said(is_given))


def delete_own_usage(actor: Actor) -> None:
    """Delete what is kept of the actor here; the agreement stays. What waits in this process goes too."""
    require(actor, Action.OWN_ACCOUNT)
    with _lock:
        noted = _waiting.get(actor.organization_id, Counter())
        for one in [one for one in noted if one.account_id == actor.account_id]:
            del noted[one]
    with transaction(actor.organization_id) as session:
        delete_usage(session, actor.organization_id, actor.account_id or 0)
        record(session, actor, "account.usage_deleted")


def delete_usage(session: Session, organization_id: int, account_id: int) -> None:
    """Delete what is kept of a person in one organization, as part of another act."""
    session.execute(
        delete(UsageEvent).where(
            col(UsageEvent.organization_id) == organization_id, col(UsageEvent.account_id) == account_id
        )
    )


def sweep_usage() -> int:
    """Delete counts that are older than the setting says, a few hundred a transaction; how many went."""
    oldest = (now() - timedelta(days=settings().usage_days)).date()
    count = 0
    while True:
        with transaction() as session, across_organizations(session, "sweep"):
            old = select(UsageEvent.id).where(col(UsageEvent.on_day) < oldest).limit(AT_ONCE)
            gone: int = session.execute(delete(UsageEvent).where(col(UsageEvent.id).in_(old))).rowcount  # type: ignore[attr-defined]
        count += gone
        if gone < AT_ONCE:
            return count


def _keep(organization_id: int, noted: Mapping[_Noted, int]) -> int:
    """Only for whoever still agrees, by the same agreement; the lock keeps a withdrawal from passing by."""
    ids = {one.account_id for one in noted}
    with transaction(organization_id) as session:
        members = session.exec(
            select(Membership)
            .where(Membership.organization_id == organization_id, col(Membership.account_id).in_(ids))
            .order_by(col(Membership.account_id))
            .with_for_update()
        ).all()
        agreed = {(one.account_id, one.usage_agreed_at) for one in members if one.usage_agreed_at is not None}
        home = session.get(Organization, organization_id)
        day = now().astimezone(ZoneInfo(home.time_zone if home else "UTC")).date()
        rows = [
            {
                "organization_id": organization_id,
                "account_id": one.account_id,
                "on_day": day,
                "used": one.used,
                "times": times,
            }
            for one, times in noted.items()
            if (one.account_id, one.agreed_at) in agreed
        ]
        if rows:
            _add(session, rows)
    return len(rows)


def _add(session: Session, rows: list[dict[str, object]]) -> None:
    fresh = insert_into(session, UsageEvent).values(rows)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=["organization_id", "account_id", "on_day", "used"],
            set_={"times": col(UsageEvent.times) + fresh.excluded.times},
        )
    )


def _member(organization_id: int, account_id: int | None) -> SelectOfScalar[Membership]:
    return select(Membership).where(
        Membership.organization_id == organization_id, Membership.account_id == account_id
    )


def _said(has_agreed: bool) -> str:
    return "on" if has_agreed else "off"
