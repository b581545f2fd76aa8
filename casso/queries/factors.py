"""A person's second factor and passkeys, as their settings show them: never a secret, a code or a key."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select

from casso.access import Actor, require
from casso.db import reading
from casso.gateways import passkeys
from casso.models import Authenticator, Passkey, RecoveryCode
from casso.queries.shown import iso
from casso.rules.permissions import Action

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class FactorRow:
    """Whether an authenticator is asked for, how many spare codes are left, whether passkeys work here."""

    is_on: bool
    spare_left: int
    passkeys_possible: bool


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """One passkey."""

    id: int
    name: str
    added_iso: str
    used_iso: str


def get_factor(actor: Actor) -> FactorRow:
    """How the signed-in person's second factor stands."""
    require(actor, Action.OWN_ACCOUNT)
    with reading(actor.organization_id) as session:
        confirmed = session.exec(
            select(Authenticator.confirmed_at).where(Authenticator.account_id == actor.account_id)
        ).first()
        left = session.exec(
            select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == actor.account_id)
        ).one()
    return FactorRow(confirmed is not None, left, passkeys.are_possible())


def list_passkeys(actor: Actor) -> tuple[PasskeyRow, ...]:
    """The signed-in person's passkeys, oldest first."""
    require(actor, Action.OWN_ACCOUNT)
    with reading(actor.organization_id) as session:
        found = session.exec(
            select(Passkey)
            .where(Passkey.account_id == actor.account_id)
            .order_by(col(Passkey.id))
            .limit(MOST_SHOWN)
        ).all()
    return tuple(
        PasskeyRow(row.id or 0, row.name, iso(row.created_at), iso(row.last_used_at)) for row in found
    )
