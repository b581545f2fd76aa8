"""The providers a person may sign in with, and which of them are linked to their account."""

from dataclasses import dataclass

from sqlmodel import col, select

from casso.access import Actor, require
from casso.db import reading
from casso.gateways.identity import list_providers
from casso.models import LinkedIdentity
from casso.queries.shown import iso
from casso.rules.permissions import Action

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """One linked account; `provider` is shown, `who` is the provider's own word about the person."""

    id: int
    provider: str
    who: str
    linked_iso: str
    used_iso: str


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider that is switched on."""

    name: str
    title: str


def list_linked(actor: Actor) -> tuple[LinkedRow, ...]:
    """The signed-in person's linked accounts, oldest first."""
    require(actor, Action.OWN_ACCOUNT)
    titles = {one.name: one.title for one in list_providers()}
    with reading(actor.organization_id) as session:
        found = session.exec(
            select(LinkedIdentity)
            .where(LinkedIdentity.account_id == actor.account_id)
            .order_by(col(LinkedIdentity.id))
            .limit(MOST_SHOWN)
        ).all()
    return tuple(
        LinkedRow(
            id=row.id or 0,
            provider=titles.get(row.provider, row.provider),
            who=row.email or row.name,
            linked_iso=iso(row.created_at),
            used_iso=iso(row.last_used_at),
        )
        for row in found
    )


def list_choices(actor: Actor) -> tuple[ProviderRow, ...]:
    """The providers whose accounts can be linked here."""
    require(actor, Action.OWN_ACCOUNT)
    return tuple(ProviderRow(one.name, one.title) for one in list_providers())
