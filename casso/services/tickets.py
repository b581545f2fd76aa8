"""Everything an agent sets on a ticket. Each act may name the version it was decided on; stale: Conflict.

All return the ticket's new version (the same one when nothing changed) and leave a
trail line with the value before and after. They raise NotFound, NotAllowed, AlreadyDone.
"""

from enum import StrEnum
from typing import TypeVar

from sqlalchemy import delete, select, true
from sqlmodel import Session, col

from casso.access import Actor, get_ticket, require
from casso.clock import now
from casso.db import transaction
from casso.enums import Priority, Status, WorkType
from casso.errors import Invalid, NotFound
from casso.models import Account, Membership, Team, Ticket, TicketTag
from casso.queries.people import colleagues, reachable_teams
from casso.queries.shown import is_id
from casso.rules.permissions import Action
from casso.services import search_index
from casso.services.ticket_writing import mark_read_up_to, move_to, note_change, open_for_writing

SUBJECT_LIMIT = 300
CATEGORY_LIMIT = 60
TAG_LIMIT = 40
MOST_TAGS = 20
Choice = TypeVar("Choice", bound=StrEnum)


def assign_ticket(
    actor: Actor, number: int, *, account_id: int | None, version: int | None = None, intent: str = ""
) -> int:
    """Give the ticket to a member of the organization, or (None or 0) to nobody."""
    with transaction(actor.organization_id) as session:
        ticket = open_for_writing(session, actor, number, intent=intent, version=version)
        if (ticket.assignee_id or 0) == (account_id or 0):
            return ticket.version
        before = _account_name(session, actor, ticket.assignee_id, must_reach=False)
        after = _account_name(session, actor, account_id, must_reach=True)
        ticket.assignee_id = account_id or None
        return note_change(session, actor, ticket, "assignee", before=before, after=after)


def assign_team(
    actor: Actor, number: int, *, team_id: int | None, version: int | None = None, intent: str = ""
) -> int:
    """Give the ticket to a team of the organization, or (None or 0) to none."""
    with transaction(actor.organization_id) as session:
        ticket = open_for_writing(session, actor, number, intent=intent, version=version)
        if (ticket.team_id or 0) == (team_id or 0):
            return ticket.version
        before = _team_name(session, actor, ticket.team_id, must_reach=False)
        after = _team_name(session, actor, team_id, must_reach=True)
        ticket.team_id = team_id or None
        return note_change(session, actor, ticket, "team", before=before, after=after)


def set_status(
    actor: Actor, number: int, *, status: str, version: int | None = None, intent: str = ""
) -> int:
    """Move the ticket to a status; solved and closed ones leave the open queues."""
    wanted = _choice(Status, status)
    with transaction(actor.organization_id) as session:
        ticket = open_for_writing(session, actor, number, intent=intent, version=version)
        return move_to(session, actor, ticket, wanted, at=now())


def set_priority(
    actor: Actor, number: int, *, priority: str, version: int | None = None, intent: str = ""
) -> int:
    """Say how soon the ticket needs an answer."""
    return _set(actor, number, "priority", _choice(Priority, priority), version, intent)


def set_work_type(
    actor: Actor, number: int, *, work_type: str, version: int | None = None, intent: str = ""
) -> int:
    """Say what kind of work the ticket is."""
    return _set(actor, number, "work_type", _choice(WorkType, work_type), version, intent)


def set_category(
    actor: Actor, number: int, *, category: str, version: int | None = None, intent: str = ""
) -> int:
    """Say what the ticket is about; empty for nothing in particular."""
    return _set(actor, number, "category", _one_line(category, CATEGORY_LIMIT), version, intent)


def set_subject(
    actor: Actor, number: int, *, subject: str, version: int | None = None, intent: str = ""
) -> int:
    """Rename the ticket. Raises Invalid for an empty subject."""
    wanted = _one_line(subject, SUBJECT_LIMIT)
    if not wanted:
        raise Invalid("error.subject_empty")
    with transaction(actor.organization_id) as session:
        ticket: Ticket = open_for_writing(session, actor, number, intent=intent, version=version)
        before = ticket.subject
        if before == wanted:
            return ticket.version
        ticket.subject = wanted
        search_index.renew(session, actor, ticket)
        return note_change(session, actor, ticket, "subject", before=before, after=wanted)


def set_tags(
    actor: Actor, number: int, *, tags: tuple[str, ...], version: int | None = None, intent: str = ""
) -> int:
    """Replace the ticket's tags; compared in lower case, at most MOST_TAGS."""
    wanted = {tag for one in tags if (tag := _one_line(one, TAG_LIMIT).lower())}
    if len(wanted) > MOST_TAGS:
        raise Invalid("error.too_many_tags", n=MOST_TAGS)
    with transaction(actor.organization_id) as session:
        ticket = open_for_writing(session, actor, number, intent=intent, version=version)
        assert ticket.id is not None
        mine = (col(TicketTag.organization_id) == actor.organization_id) & (
            col(TicketTag.ticket_id) == ticket.id
        )
        known = set(session.execute(select(col(TicketTag.name)).where(mine)).scalars())
        if known == wanted:
            return ticket.version
        session.execute(delete(TicketTag).where(mine, col(TicketTag.name).in_(known - wanted)))
        for name in sorted(wanted - known):
            session.add(TicketTag(organization_id=actor.organization_id, ticket_id=ticket.id, name=name))
        return note_change(
            session, actor, ticket, "tags", before=", ".join(sorted(known)), after=", ".join(sorted(wanted))
        )


def mark_read(actor: Actor, number: int) -> None:
    """Remember that this person has seen the ticket as it is now. Raises NotFound."""
    require(actor, Action.READ_TICKETS)
    if not is_id(number):
        raise NotFound("error.ticket_not_found", number=number)
    if actor.account_id is None:
        return
    with transaction(actor.organization_id) as session:
        mark_read_up_to(session, actor, get_ticket(session, actor, number))


def _set(actor: Actor, number: int, field: str, wanted: str, version: int | None, intent: str) -> int:
    """Set one plain column whose name is also the trail's word for it."""
    with transaction(actor.organization_id) as session:
        ticket: Ticket = open_for_writing(session, actor, number, intent=intent, version=version)
        before = str(getattr(ticket, field))
        if before == wanted:
            return ticket.version
        setattr(ticket, field, wanted)
        return note_change(session, actor, ticket, field, before=before, after=wanted)


def _choice(kind: type[Choice], value: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        raise Invalid() from None


def _one_line(text: str, limit: int) -> str:
    return " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())[
        :limit
    ]


def _account_name(session: Session, actor: Actor, account_id: int | None, *, must_reach: bool) -> str:
    """A member's name for the trail. Raises NotFound when they must be within reach and are not."""
    if not account_id:
        return ""
    if not is_id(account_id):
        raise NotFound()
    statement = (
        select(Account)
        .join(Membership, col(Membership.account_id) == col(Account.id))
        .where(
            col(Membership.organization_id) == actor.organization_id,
            col(Account.id) == account_id,
            colleagues(actor) if must_reach else true(),
        )
    )
    found = session.execute(statement).scalar()
    if found is None or (must_reach and found.disabled_at):
        if must_reach:
            raise NotFound()
        return ""
    return f"{found.first_name} {found.last_name}".strip() or found.email.partition("@")[0]


def _team_name(session: Session, actor: Actor, team_id: int | None, *, must_reach: bool) -> str:
    if not team_id:
        return ""
    if not is_id(team_id):
        raise NotFound()
    found = session.execute(
        select(col(Team.name)).where(
            col(Team.organization_id) == actor.organization_id,
            col(Team.id) == team_id,
            reachable_teams(actor) if must_reach else true(),
        )
    ).scalar()
    if found is None and must_reach:
        raise NotFound()
    return str(found or "")
