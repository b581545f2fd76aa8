"""Own roles and teams as their settings pages show them, and the operators of the installation."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from casso.access import Actor, require
from casso.db import reading
from casso.enums import Role
from casso.errors import NotAllowed
from casso.models import Account, Membership, OwnRole, Team, TeamMember
from casso.queries.shown import full_name
from casso.rules.granting import Holder, may_grant
from casso.rules.permissions import Action


@dataclass(frozen=True, slots=True)
class OwnRoleRow:
    """An own role with its set; `may_change`: it holds no more than the actor has."""

    id: int
    name: str
    permissions: list[str]
    count: int
    may_change: bool


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team and who is in it."""

    id: int
    name: str
    account_ids: list[int]
    people: str


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """Who looks after the installation."""

    account_id: int
    name: str
    email: str
    is_me: bool


def list_own_roles(actor: Actor) -> tuple[OwnRoleRow, ...]:
    """The organization's own roles by name, with how many members hold each. Raises NotAllowed."""
    require(actor, Action.MANAGE_ROLES)
    here, giver = actor.organization_id, Holder(actor.role, actor.own_role)
    with reading(here) as session:
        held = session.execute(
            select(col(Membership.own_role_id), func.count())
            .where(col(Membership.organization_id) == here, col(Membership.own_role_id).is_not(None))
            .group_by(col(Membership.own_role_id))
        ).all()
        found = session.execute(
            select(OwnRole).where(col(OwnRole.organization_id) == here).order_by(col(OwnRole.name))
        ).scalars()
        return tuple(
            OwnRoleRow(
                id=role.id or 0,
                name=role.name,
                permissions=list(role.permissions),
                count=next((count for id_, count in held if id_ == role.id), 0),
                may_change=may_grant(giver, Holder(Role.OWN, role.permissions)),
            )
            for role in found
        )


def list_team_rows(actor: Actor) -> tuple[TeamRow, ...]:
    """The teams by name, with their members. Raises NotAllowed."""
    require(actor, Action.MANAGE_MEMBERS)
    here = actor.organization_id
    with reading(here) as session:
        teams = session.execute(
            select(col(Team.id), col(Team.name))
            .where(col(Team.organization_id) == here)
            .order_by(col(Team.name))
        ).all()
        people = session.execute(
            select(col(TeamMember.team_id), Account)
            .join(Account, col(Account.id) == col(TeamMember.account_id))
            .where(col(TeamMember.organization_id) == here)
        ).all()
    members: dict[int, list[tuple[str, int]]] = {}
    for team_id, one in people:
        shown = full_name(one.first_name, one.last_name, one.email)
        members.setdefault(team_id, []).append((shown, one.id or 0))
    return tuple(
        TeamRow(
            id=id_ or 0,
            name=name,
            account_ids=sorted(account_id for _, account_id in members.get(id_ or 0, [])),
            people=", ".join(sorted(shown for shown, _ in members.get(id_ or 0, []))),
        )
        for id_, name in teams
    )


def list_operators(actor: Actor) -> tuple[OperatorRow, ...]:
    """The operators of the installation. Raises NotAllowed for everybody else."""
    if not actor.is_operator:
        raise NotAllowed()
    with reading() as session:
        found = session.execute(
            select(Account).where(col(Account.is_operator).is_(True)).order_by(col(Account.email))
        ).scalars()
        return tuple(
            OperatorRow(
                account_id=one.id or 0,
                name=full_name(one.first_name, one.last_name, one.email),
                email=one.email,
                is_me=one.id == actor.account_id,
            )
            for one in found
        )
