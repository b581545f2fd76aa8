"""What stands around the trail on its page: whether the chain holds, how long it stays, what to choose."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from casso.access import Actor, require
from casso.db import reading
from casso.errors import NotFound
from casso.models import Account, Organization, TrailCheck, TrailCheckpoint, TrailHead
from casso.queries.shown import full_name, iso
from casso.queries.trail import actions_in_use, people_in_use
from casso.queries.trail_words import kind_name, kind_of
from casso.rules.permissions import Action

MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class TrailState:
    """The chain as the daily check last saw it; `checked_number` 0: not yet. `first_number`: what is kept."""

    newest_number: int
    first_number: int
    checked_number: int
    checked_iso: str
    held_iso: str
    is_broken: bool
    broken_number: int
    address_days: int
    trail_days: int


@dataclass(frozen=True, slots=True)
class TrailChoice:
    """Something to filter by."""

    value: str
    label: str


def get_trail_state(actor: Actor) -> TrailState:
    """The chain's state and the rules it is kept by. Raises NotAllowed."""
    require(actor, Action.READ_TRAIL)
    here = actor.organization_id
    with reading(here) as session:
        organization = session.get(Organization, here)
        head, check, checkpoint = (
            session.execute(select(table).where(col(table.organization_id) == here)).scalar()
            for table in (TrailHead, TrailCheck, TrailCheckpoint)
        )
    if organization is None:
        raise NotFound()
    return TrailState(
        newest_number=head.number if head else 0,
        first_number=checkpoint.number + 1 if checkpoint else 1,
        checked_number=check.number if check else 0,
        checked_iso=iso(check.checked_at) if check else "",
        held_iso=iso(check.held_at) if check and check.number else "",
        is_broken=bool(check and check.problem),
        broken_number=check.broken_number if check else 0,
        address_days=organization.address_days,
        trail_days=organization.trail_days,
    )


def list_trail_choices(actor: Actor) -> tuple[tuple[TrailChoice, ...], tuple[TrailChoice, ...]]:
    """The people who did something, by name, and the kinds of things they did. Raises NotAllowed."""
    require(actor, Action.READ_TRAIL)
    with reading(actor.organization_id) as session:
        kinds = {kind_of(action) for action in actions_in_use(session, actor)}
        people = _named(session, people_in_use(session, actor)[:MOST_PEOPLE])
    named = [TrailChoice(value=kind, label=kind_name(actor.locale, kind)) for kind in kinds]
    return (
        tuple(sorted(people, key=lambda one: one.label.casefold())),
        tuple(sorted(named, key=lambda one: one.label.casefold())),
    )


def _named(session: Session, account_ids: list[int]) -> list[TrailChoice]:
    """Accounts by name; one that was deleted by its number."""
    found = session.execute(
        select(col(Account.id), col(Account.first_name), col(Account.last_name), col(Account.email)).where(
            col(Account.id).in_(account_ids)
        )
    ).all()
    names = {row.id: full_name(row.first_name, row.last_name, row.email) for row in found}
    return [TrailChoice(str(one), names.get(one) or f"#{one}") for one in account_ids]
