"""The people of a desk: who is signed in, and who and which team a ticket can be given to."""

from sqlalchemy import select
from sqlmodel import col

from casso.access import Actor, require
from casso.db import reading
from casso.errors import NotFound
from casso.models import Account, Membership, Organization, Team
from casso.queries.rows import AccountChoice, MeRow, TeamChoice
from casso.queries.shown import full_name, initials
from casso.rules.permissions import Action

MOST_CHOICES = 500


def get_me(actor: Actor) -> MeRow:
    """The signed-in person and their organization. Raises NotFound when either is gone."""
    require(actor, Action.OWN_ACCOUNT)
    with reading(actor.organization_id) as session:
        found = session.execute(
            select(Account, Organization)
            .join(Membership, col(Membership.account_id) == col(Account.id))
            .join(Organization, col(Organization.id) == col(Membership.organization_id))
            .where(
                col(Membership.organization_id) == actor.organization_id, col(Account.id) == actor.account_id
            )
        ).first()
    if found is None:
        raise NotFound()
    account, organization = found
    name = full_name(account.first_name, account.last_name, account.email)
    return MeRow(
        account_id=account.id,
        name=name,
        initials=initials(name),
        email=account.email,
        role=actor.role,
        organization_name=organization.name,
        locale=account.locale or organization.locale,
        theme=account.theme,
        zone=account.time_zone or organization.time_zone,
    )


def list_accounts(actor: Actor) -> tuple[AccountChoice, ...]:
    """The people a ticket can be given to, by name."""
    require(actor, Action.READ_TICKETS)
    with reading(actor.organization_id) as session:
        found = session.execute(
            select(Account)
            .join(Membership, col(Membership.account_id) == col(Account.id))
            .where(
                col(Membership.organization_id) == actor.organization_id, col(Account.disabled_at).is_(None)
            )
            .limit(MOST_CHOICES)
        ).scalars()
        named = [(full_name(one.first_name, one.last_name, one.email), one.id or 0) for one in found]
    ordered = sorted(named, key=lambda pair: pair[0].casefold())
    return tuple(AccountChoice(id=id_, name=name, initials=initials(name)) for name, id_ in ordered)


def list_teams(actor: Actor) -> tuple[TeamChoice, ...]:
    """The organization's teams, by name."""
    require(actor, Action.READ_TICKETS)
    with reading(actor.organization_id) as session:
        found = session.execute(
            select(col(Team.id), col(Team.name))
            .where(col(Team.organization_id) == actor.organization_id)
            .order_by(col(Team.name))
            .limit(MOST_CHOICES)
        ).all()
    return tuple(TeamChoice(id=id_ or 0, name=name) for id_, name in found)
