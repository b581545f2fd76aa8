"""The people of a desk: who is signed in, and who and which team a ticket can be given to."""

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from casso.access import Actor, require
from casso.db import reading
from casso.enums import Sees
from casso.errors import NotFound
from casso.models import Account, MailboxAccess, Membership, Organization, Team, TeamMember
from casso.queries.rows import AccountChoice, MeRow, TeamChoice
from casso.queries.shown import full_name, initials, picture
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
        is_operator=actor.is_operator,
        picture=picture(account.id, account.picture_key),
    )


def list_accounts(actor: Actor) -> tuple[AccountChoice, ...]:
    """The people this person can give a ticket to, by name."""
    require(actor, Action.READ_TICKETS)
    with reading(actor.organization_id) as session:
        found = session.execute(
            select(Account)
            .join(Membership, col(Membership.account_id) == col(Account.id))
            .where(colleagues(actor), col(Account.disabled_at).is_(None))
            .limit(MOST_CHOICES)
        ).scalars()
        named = [(full_name(one.first_name, one.last_name, one.email), one.id or 0) for one in found]
    ordered = sorted(named, key=lambda pair: pair[0].casefold())
    return tuple(AccountChoice(id=id_, name=name, initials=initials(name)) for name, id_ in ordered)


def list_teams(actor: Actor) -> tuple[TeamChoice, ...]:
    """The teams this person can give a ticket to, by name."""
    require(actor, Action.READ_TICKETS)
    with reading(actor.organization_id) as session:
        found = session.execute(
            select(col(Team.id), col(Team.name))
            .where(reachable_teams(actor))
            .order_by(col(Team.name))
            .limit(MOST_CHOICES)
        ).all()
    return tuple(TeamChoice(id=id_ or 0, name=name) for id_, name in found)


def colleagues(actor: Actor) -> ColumnElement[bool]:
    """The memberships that this person can give tickets to; services check the same.

    A limited person hands over to whoever sees everything, or shares one of the teams or mailboxes.
    """
    here = col(Membership.organization_id) == actor.organization_id
    if actor.sees is Sees.ALL:
        return here
    shared: type[TeamMember | MailboxAccess]
    shared, what = (
        (TeamMember, col(TeamMember.team_id))
        if actor.sees is Sees.TEAMS
        else (MailboxAccess, col(MailboxAccess.mailbox_id))
    )
    sharing = select(col(shared.account_id)).where(
        col(shared.organization_id) == actor.organization_id, what.in_(actor.seen_ids)
    )
    is_reachable = or_(
        col(Membership.sees) == Sees.ALL,
        col(Membership.account_id) == actor.account_id,
        col(Membership.account_id).in_(sharing),
    )
    return and_(here, is_reachable)


def reachable_teams(actor: Actor) -> ColumnElement[bool]:
    """The teams that this person can give tickets to: their own, when they see their teams' tickets only."""
    here = col(Team.organization_id) == actor.organization_id
    return and_(here, col(Team.id).in_(actor.seen_ids)) if actor.sees is Sees.TEAMS else here
