"""One's own sessions, in every organization one belongs to: a list of browsers, never a token.

And these organizations themselves.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from casso.access import Actor, across_organizations, require
from casso.clock import now
from casso.db import reading
from casso.models import Account, Membership, Organization, SignIn
from casso.queries.shown import iso
from casso.rules.browsers import browser_name
from casso.rules.permissions import Action
from casso.rules.session_limits import IDLE_LIMIT

MOST = 200


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One browser signed in; `browser` may be empty, `organization` is where it is now."""

    id: int
    browser: str
    ip: str
    organization: str
    created_iso: str
    seen_iso: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class OrganizationChoice:
    """An organization that the person belongs to."""

    id: int
    name: str
    is_here: bool


def list_sessions(actor: Actor) -> tuple[SessionRow, ...]:
    """The actor's sessions that are not over: this one first, then the newest visit."""
    require(actor, Action.OWN_ACCOUNT)
    moment = now()
    with reading() as session, across_organizations(session, "own sessions in every organization"):
        found = session.execute(
            select(SignIn, col(Organization.name))
            .join(Organization, col(Organization.id) == col(SignIn.organization_id))
            .where(
                col(SignIn.account_id) == actor.account_id,
                col(SignIn.expires_at) > moment,
                col(SignIn.last_seen_at) > moment - IDLE_LIMIT,
            )
            .order_by(col(SignIn.id) != actor.sign_in_id, col(SignIn.last_seen_at).desc())
            .limit(MOST)
        ).all()
    return tuple(_row(one, name, actor) for one, name in found)


def has_password(actor: Actor) -> bool:
    """Whether the actor's account has a password; one that came in through a provider may have none."""
    require(actor, Action.OWN_ACCOUNT)
    with reading(actor.organization_id) as session:
        found = session.execute(
            select(col(Account.password_hash) != "").where(col(Account.id) == actor.account_id)
        ).scalar()
    return bool(found)


def _row(found: SignIn, organization: str, actor: Actor) -> SessionRow:
    return SessionRow(
        id=found.id or 0,
        browser=browser_name(found.browser),
        ip=found.ip,
        organization=organization,
        created_iso=iso(found.created_at),
        seen_iso=iso(found.last_seen_at),
        is_this=found.id == actor.sign_in_id,
    )


def list_my_organizations(actor: Actor) -> tuple[OrganizationChoice, ...]:
    """Where the signed-in account belongs, by name."""
    require(actor, Action.OWN_ACCOUNT)
    with reading() as session, across_organizations(session, "organizations of one's own account"):
        found = session.execute(
            select(col(Organization.id), col(Organization.name))
            .join(Membership, col(Membership.organization_id) == col(Organization.id))
            .where(col(Membership.account_id) == actor.account_id)
            .order_by(col(Organization.name), col(Organization.id))
        ).all()
    return tuple(OrganizationChoice(id_ or 0, name, id_ == actor.organization_id) for id_, name in found)
