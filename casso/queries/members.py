"""The people of an organization as its settings show them: members, invitations, teams, own roles.

Each row says whether the actor may change it, by the same comparison that the services make;
what a page hides is refused there all the same.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, exists, select
from sqlmodel import Session, col

from casso.access import Actor, require
from casso.clock import now
from casso.db import reading
from casso.enums import Role, Sees
from casso.models import (
    Account,
    Authenticator,
    Invitation,
    Mailbox,
    MailboxAccess,
    Membership,
    OwnRole,
    Passkey,
    Team,
    TeamMember,
)
from casso.queries.shown import full_name, initials, iso, picture
from casso.rules.granting import BUILT_IN, Holder, may_grant
from casso.rules.permissions import Action, permissions_of

MOST_MEMBERS = 1000


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member; `role` is a built-in one or `own:3`, `seen` what a limited view holds, by name."""

    account_id: int
    name: str
    initials: str
    email: str
    role: str
    role_name: str
    sees: str
    team_ids: list[int]
    mailbox_ids: list[int]
    teams: str
    seen: str
    has_second_factor: bool
    is_disabled: bool
    last_seen_iso: str
    is_me: bool
    may_change: bool
    picture: str


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """Somebody invited; `is_over`: expired; `is_void`: whoever invited may not grant it any more."""

    id: int
    email: str
    role: str
    role_name: str
    inviter: str
    expires_iso: str
    is_over: bool
    is_void: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the teams or mailboxes a view can be limited to, or of the own roles that can be given."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class People:
    """Everything the members page shows. `grantable` are the built-in roles the actor may give."""

    members: tuple[MemberRow, ...]
    invitations: tuple[InvitationRow, ...]
    teams: tuple[Choice, ...]
    mailboxes: tuple[Choice, ...]
    own_roles: tuple[Choice, ...]
    grantable: tuple[str, ...]


def list_people(actor: Actor) -> People:
    """Members by name, pending invitations, and what can be chosen. Raises NotAllowed."""
    require(actor, Action.MANAGE_MEMBERS)
    here, giver = actor.organization_id, Holder(actor.role, actor.own_role)
    with reading(here) as session:
        roles = {one.id or 0: one for one in session.execute(_own_roles(here)).scalars()}
        teams = _choices(session, here, Team, col(Team.name))
        mailboxes = _choices(session, here, Mailbox, col(Mailbox.address))
        in_teams = _links(session, here, TeamMember, col(TeamMember.team_id))
        in_mailboxes = _links(session, here, MailboxAccess, col(MailboxAccess.mailbox_id))
        members = session.execute(_members(here)).all()
        invited = session.execute(_invitations(here)).all()
    names = {Sees.TEAMS: dict(_pairs(teams)), Sees.MAILBOXES: dict(_pairs(mailboxes))}
    rows = [_member(one, roles, in_teams, in_mailboxes, names, actor) for one in members]
    return People(
        members=tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.account_id))),
        invitations=tuple(_invitation(one, roles) for one in invited),
        teams=teams,
        mailboxes=mailboxes,
        own_roles=tuple(
            Choice(id_, role.name)
            for id_, role in roles.items()
            if may_grant(giver, Holder(Role.OWN, role.permissions))
        ),
        grantable=tuple(role for role in BUILT_IN if may_grant(giver, Holder(role))),
    )


def _own_roles(here: int) -> Any:
    return select(OwnRole).where(col(OwnRole.organization_id) == here).order_by(col(OwnRole.name))


def _choices(session: Session, here: int, table: type[Team | Mailbox], name: Any) -> tuple[Choice, ...]:
    found = session.execute(
        select(col(table.id), name).where(col(table.organization_id) == here).order_by(name)
    )
    return tuple(Choice(id_ or 0, shown) for id_, shown in found)


def _pairs(choices: tuple[Choice, ...]) -> list[tuple[int, str]]:
    return [(one.id, one.name) for one in choices]


def _links(
    session: Session, here: int, table: type[TeamMember | MailboxAccess], what: Any
) -> dict[int, list[int]]:
    """By account, the teams they are in or the mailboxes given to them."""
    found: dict[int, list[int]] = {}
    rows = session.execute(select(col(table.account_id), what).where(col(table.organization_id) == here))
    for account_id, one in rows:
        found.setdefault(account_id, []).append(one)
    return found


def _members(here: int) -> Any:
    has_app = exists().where(
        col(Authenticator.account_id) == col(Account.id), col(Authenticator.confirmed_at).is_not(None)
    )
    has_passkey = exists().where(col(Passkey.account_id) == col(Account.id))
    return (
        select(
            col(Account.id), col(Account.first_name), col(Account.last_name), col(Account.email),
            col(Account.picture_key), col(Account.disabled_at),
            col(Membership.role), col(Membership.own_role_id),
            col(Membership.sees), col(Membership.last_seen_at),
            case((has_app | has_passkey, 1), else_=0).label("has_second_factor"),
        )
        .join(Account, col(Account.id) == col(Membership.account_id))
        .where(col(Membership.organization_id) == here)
        .limit(MOST_MEMBERS)
    )  # fmt: skip


def _invitations(here: int) -> Any:
    inviter_here = and_(
        col(Membership.account_id) == col(Invitation.inviter_id), col(Membership.organization_id) == here
    )
    return (
        select(Invitation, Account, col(Membership.role), col(Membership.own_role_id), col(Membership.sees))
        .join(Account, col(Account.id) == col(Invitation.inviter_id))
        .join(Membership, inviter_here, isouter=True)
        .where(col(Invitation.organization_id) == here)
        .order_by(col(Invitation.id).desc())
    )


def _holder(role: str, own_role_id: int | None, roles: dict[int, OwnRole]) -> Holder:
    own = roles.get(own_role_id or 0)
    return Holder(Role(role), own.permissions if own and role == Role.OWN else ())


def _shown_role(role: str, own_role_id: int | None, roles: dict[int, OwnRole]) -> tuple[str, str]:
    """The role as a form names it, and the name of an own one."""
    own = roles.get(own_role_id or 0)
    return (f"own:{own_role_id}", own.name) if own and role == Role.OWN else (role, "")


def _member(
    found: Any,
    roles: dict[int, OwnRole],
    in_teams: dict[int, list[int]],
    in_mailboxes: dict[int, list[int]],
    names: dict[Sees, dict[int, str]],
    actor: Actor,
) -> MemberRow:
    name = full_name(found.first_name, found.last_name, found.email)
    role, role_name = _shown_role(found.role, found.own_role_id, roles)
    team_ids, mailbox_ids = sorted(in_teams.get(found.id, [])), sorted(in_mailboxes.get(found.id, []))
    teams = _joined(team_ids, names[Sees.TEAMS])
    seen = {Sees.TEAMS: teams, Sees.MAILBOXES: _joined(mailbox_ids, names[Sees.MAILBOXES])}
    giver, held = Holder(actor.role, actor.own_role), _holder(found.role, found.own_role_id, roles)
    return MemberRow(
        account_id=found.id,
        name=name,
        initials=initials(name),
        email=found.email,
        role=role,
        role_name=role_name,
        sees=found.sees,
        team_ids=team_ids,
        mailbox_ids=mailbox_ids,
        teams=teams,
        seen=seen.get(found.sees, ""),
        has_second_factor=bool(found.has_second_factor),
        is_disabled=found.disabled_at is not None,
        last_seen_iso=iso(found.last_seen_at),
        is_me=found.id == actor.account_id,
        may_change=may_grant(giver, held),
        picture=picture(found.id, found.picture_key),
    )


def _joined(ids: list[int], names: dict[int, str]) -> str:
    return ", ".join(sorted(names[one] for one in ids if one in names))


def _invitation(found: Any, roles: dict[int, OwnRole]) -> InvitationRow:
    invitation, inviter, inviter_role, inviter_own, inviter_sees = found
    role, role_name = _shown_role(invitation.role, invitation.own_role_id, roles)
    wanted = _holder(invitation.role, invitation.own_role_id, roles)
    may = inviter_role is not None and not inviter.disabled_at
    if may:
        held = _holder(inviter_role, inviter_own, roles)
        allowed = permissions_of(held.role, own=held.own, is_limited=inviter_sees != Sees.ALL)
        may = Action.MANAGE_MEMBERS in allowed and may_grant(held, wanted)
    return InvitationRow(
        id=invitation.id,
        email=invitation.email,
        role=role,
        role_name=role_name,
        inviter=full_name(inviter.first_name, inviter.last_name, inviter.email),
        expires_iso=iso(invitation.expires_at),
        is_over=invitation.expires_at <= now(),
        is_void=not may,
    )
