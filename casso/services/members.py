"""Members of an organization: their role, how much they see, and their leaving.

Whoever's role changes signs in again there: a session never carries on with other rights
under the same token. A smaller view holds from the next event on.
"""

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from casso.access import Actor
from casso.db import transaction
from casso.enums import ChangeKind, Role, Sees
from casso.errors import Invalid
from casso.models import MailboxAccess, Membership, ReadMark, TeamMember, Ticket, UsageEvent
from casso.rules.permissions import Action
from casso.services.member_views import set_seen
from casso.services.membership import (
    Member,
    begin_managing,
    checked_role,
    member_to_change,
    require_another_owner,
    role_name,
)
from casso.services.session_ending import end_sessions_in
from casso.services.ticket_writing import note_change
from casso.services.trail import announce, once, record
from casso.values.caller import Caller


def change_role(
    actor: Actor,
    account_id: int,
    *,
    role: str,
    own_role_id: int | None = None,
    caller: Caller,
    intent: str = "",
) -> None:
    """Give a member another role and end their sessions here; the same role again changes nothing.

    Raises NotFound, NotAllowed (the member or the role has more than the actor), Invalid for no
    role, and Conflict for the last owner. An owner sees everything, so a limit is lifted.
    """
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        giver = begin_managing(session, actor, Action.MANAGE_MEMBERS)
        member = member_to_change(session, actor, giver, account_id)
        wanted, own_role_id = checked_role(session, actor.organization_id, giver, role, own_role_id)
        if (member.holder.role, member.own_role_id) == (wanted.role, own_role_id):
            return
        if member.holder.role is Role.OWNER:
            require_another_owner(session, actor.organization_id, account_id)
        values: dict[str, object] = {"role": wanted.role, "own_role_id": own_role_id}
        if wanted.role is Role.OWNER:
            values["sees"] = Sees.ALL
        _update(session, actor, account_id, **values)
        here = actor.organization_id
        before = role_name(session, here, member.holder.role, member.own_role_id)
        after = role_name(session, here, wanted.role, own_role_id)
        _note(session, actor, "member.role", member, before=before, after=after)
        end_sessions_in(session, actor, account_id, caller)


def limit_view(
    actor: Actor, account_id: int, *, sees: str, seen_ids: tuple[int, ...] = (), intent: str = ""
) -> None:
    """Say how much a member sees: all, the tickets of these teams (which they then belong to), or mailboxes.

    Raises NotFound (also for a team or mailbox that is not ours), NotAllowed, and Invalid for an owner.
    """
    if sees not in tuple(Sees):
        raise Invalid()
    wanted = Sees(sees)
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        giver = begin_managing(session, actor, Action.MANAGE_MEMBERS)
        member = member_to_change(session, actor, giver, account_id)
        if member.holder.role is Role.OWNER and wanted is not Sees.ALL:
            raise Invalid("error.owner_sees_all")
        if member.sees is wanted is Sees.ALL:
            return
        _update(session, actor, account_id, sees=wanted)
        names = set_seen(session, actor.organization_id, account_id, sees=wanted, ids=seen_ids)
        _note(session, actor, "member.view", member, before=member.sees, after=", ".join((wanted, *names)))


def remove_member(actor: Actor, account_id: int, *, caller: Caller, intent: str = "") -> None:
    """Take a member out: their sessions here end and their open tickets are nobody's; what they wrote stays.

    Raises NotFound, NotAllowed for one who has more, and Conflict for the last owner.
    """
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        giver = begin_managing(session, actor, Action.MANAGE_MEMBERS)
        member = member_to_change(session, actor, giver, account_id)
        if member.holder.role is Role.OWNER:
            require_another_owner(session, actor.organization_id, account_id)
        end_sessions_in(session, actor, account_id, caller)
        _free_tickets(session, actor, member)
        for table in (TeamMember, MailboxAccess, ReadMark, UsageEvent, Membership):
            mine = (
                col(table.organization_id) == actor.organization_id,
                col(table.account_id) == account_id,
            )
            session.execute(delete(table).where(*mine))
        record(session, actor, "member.removed", before=member.email)
        announce(session, actor, ChangeKind.PEOPLE)


def _update(session: Session, actor: Actor, account_id: int, **values: object) -> None:
    session.execute(
        update(Membership)
        .where(
            col(Membership.organization_id) == actor.organization_id,
            col(Membership.account_id) == account_id,
        )
        .values(**values)
    )


def _free_tickets(session: Session, actor: Actor, member: Member) -> None:
    """Their open tickets are for others to take; closed ones still say who closed them."""
    theirs = session.exec(
        select(Ticket)
        .where(
            Ticket.organization_id == actor.organization_id,
            col(Ticket.is_open).is_(True),
            col(Ticket.assignee_id) == member.account_id,
        )
        .order_by(col(Ticket.id))
        .with_for_update()
    ).all()
    for ticket in theirs:
        ticket.assignee_id = None
        note_change(session, actor, ticket, "assignee", before=member.name, after="")


def _note(session: Session, actor: Actor, action: str, member: Member, *, before: str, after: str) -> None:
    """The trail names the member, before and after."""
    record(session, actor, action, before=f"{member.email}: {before}", after=f"{member.email}: {after}")
    announce(session, actor, ChangeKind.PEOPLE)
