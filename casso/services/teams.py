"""Teams: made, renamed, and who is in them.

For people who see their teams' tickets only, a team is a part of their view.
"""

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from casso.access import Actor, require
from casso.clock import now
from casso.db import transaction
from casso.enums import ChangeKind
from casso.errors import Invalid, NotFound
from casso.models import Membership, Team, TeamMember
from casso.queries.shown import is_id
from casso.rules.permissions import Action
from casso.services.trail import announce, once, record

NAME_LIMIT = 60


def create_team(actor: Actor, *, name: str, intent: str = "") -> int:
    """A new team without members; returns its id. Raises NotAllowed, and Invalid for the name."""
    require(actor, Action.MANAGE_MEMBERS)
    shown = _checked_name(name)
    made = Team(organization_id=actor.organization_id, name=shown, created_at=now())
    try:
        with transaction(actor.organization_id) as session:
            once(session, actor, intent)
            session.add(made)
            session.flush()
            _note(session, actor, "team.created", after=shown)
    except IntegrityError as error:
        raise Invalid("error.team_name_taken") from error
    return made.id or 0


def rename_team(actor: Actor, team_id: int, *, name: str, intent: str = "") -> None:
    """Another name. Raises NotFound, NotAllowed, and Invalid for the name."""
    require(actor, Action.MANAGE_MEMBERS)
    shown = _checked_name(name)
    try:
        with transaction(actor.organization_id) as session:
            once(session, actor, intent)
            found = _team(session, actor, team_id)
            before, found.name = found.name, shown
            session.flush()
            if before != shown:
                _note(session, actor, "team.renamed", before=before, after=shown)
    except IntegrityError as error:
        raise Invalid("error.team_name_taken") from error


def set_members(actor: Actor, team_id: int, *, account_ids: tuple[int, ...], intent: str = "") -> None:
    """Who is in the team from now on. Raises NotAllowed, and NotFound also for somebody who is no member."""
    require(actor, Action.MANAGE_MEMBERS)
    wanted = set(account_ids)
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        found = _team(session, actor, team_id)
        _require_members(session, actor, wanted)
        mine = (
            col(TeamMember.organization_id) == actor.organization_id,
            col(TeamMember.team_id) == team_id,
        )
        before = set(session.exec(select(TeamMember.account_id).where(*mine)).all())
        session.execute(delete(TeamMember).where(*mine, col(TeamMember.account_id).in_(before - wanted)))
        for account_id in sorted(wanted - before):
            session.add(
                TeamMember(organization_id=actor.organization_id, team_id=team_id, account_id=account_id)
            )
        if before != wanted:
            left, joined = len(before - wanted), len(wanted - before)
            _note(session, actor, "team.members", before=found.name, after=f"{found.name}: +{joined} -{left}")


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())[:NAME_LIMIT]
    if not shown:
        raise Invalid("error.team_name")
    return shown


def _team(session: Session, actor: Actor, team_id: int) -> Team:
    found = (
        session.exec(
            select(Team)
            .where(Team.organization_id == actor.organization_id, col(Team.id) == team_id)
            .with_for_update()
        ).first()
        if is_id(team_id)
        else None
    )
    if found is None:
        raise NotFound()
    return found


def _require_members(session: Session, actor: Actor, account_ids: set[int]) -> None:
    if not all(is_id(one) for one in account_ids):
        raise NotFound()
    found = session.exec(
        select(Membership.account_id).where(
            Membership.organization_id == actor.organization_id,
            col(Membership.account_id).in_(account_ids),
        )
    ).all()
    if len(found) != len(account_ids):
        raise NotFound()


def _note(session: Session, actor: Actor, action: str, *, before: str = "", after: str = "") -> None:
    record(session, actor, action, before=before, after=after)
    announce(session, actor, ChangeKind.PEOPLE)
