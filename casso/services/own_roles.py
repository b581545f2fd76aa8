"""Roles that an organization puts together itself: named sets of permissions.

Nobody writes into a role what they may not do, nor changes one that holds more than they
have. Whoever holds a role whose set changes signs in again.
"""

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from casso.access import Actor
from casso.clock import now
from casso.db import transaction
from casso.enums import ChangeKind, Role
from casso.errors import Conflict, Invalid, NotAllowed
from casso.models import Invitation, Membership, OwnRole
from casso.rules.granting import Holder, may_grant, may_write_role
from casso.rules.permissions import ALWAYS, Action, known_actions
from casso.services.membership import begin_managing, checked_role, get_own_role, role_name
from casso.services.session_ending import end_sessions_in
from casso.services.trail import announce, once, record
from casso.values.caller import Caller

NAME_LIMIT = 60


def create_role(actor: Actor, *, name: str, permissions: tuple[str, ...], intent: str = "") -> int:
    """A new role; returns its id. Raises NotAllowed for more than the actor has, Invalid for the name."""
    shown = _checked_name(name)
    try:
        with transaction(actor.organization_id) as session:
            once(session, actor, intent)
            giver = begin_managing(session, actor, Action.MANAGE_ROLES)
            stored = _checked_set(giver, permissions)
            made = OwnRole(organization_id=actor.organization_id, name=shown, created_at=now())
            made.permissions = stored
            session.add(made)
            session.flush()
            _note(session, actor, "role.created", after=f"{shown}: {', '.join(stored)}")
            return made.id or 0
    except IntegrityError as error:
        raise Invalid("error.role_name_taken") from error


def change_role_set(
    actor: Actor,
    own_role_id: int,
    *,
    name: str,
    permissions: tuple[str, ...],
    caller: Caller,
    intent: str = "",
) -> None:
    """Rename a role or change its set. Raises NotFound, NotAllowed, Invalid for the name."""
    shown = _checked_name(name)
    try:
        with transaction(actor.organization_id) as session:
            once(session, actor, intent)
            giver, found = _role_to_change(session, actor, own_role_id)
            stored = _checked_set(giver, permissions)
            before = f"{found.name}: {', '.join(found.permissions)}"
            is_other_set = known_actions(stored) != known_actions(found.permissions)
            found.name, found.permissions = shown, stored
            session.flush()
            _note(session, actor, "role.changed", before=before, after=f"{shown}: {', '.join(stored)}")
            if is_other_set:
                _end_sessions_of_holders(session, actor, own_role_id, caller)
    except IntegrityError as error:
        raise Invalid("error.role_name_taken") from error


def delete_role(
    actor: Actor,
    own_role_id: int,
    *,
    replacement: str = "",
    replacement_id: int | None = None,
    caller: Caller,
    intent: str = "",
) -> None:
    """Delete a role; who has it or is invited with it gets the replacement.

    Raises NotFound, NotAllowed, and Conflict when it is in use and no replacement is named.
    """
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        giver, found = _role_to_change(session, actor, own_role_id)
        after = ""
        if _is_in_use(session, actor, own_role_id):
            if not replacement or replacement_id == own_role_id or replacement == Role.OWNER:
                raise Conflict("error.role_in_use")
            here = actor.organization_id
            wanted, replacement_id = checked_role(session, here, giver, replacement, replacement_id)
            _end_sessions_of_holders(session, actor, own_role_id, caller)
            _give_instead(session, actor, own_role_id, wanted.role, replacement_id)
            after = role_name(session, here, wanted.role, replacement_id)
        session.delete(found)
        _note(session, actor, "role.deleted", before=found.name, after=after)


def _role_to_change(session: Session, actor: Actor, own_role_id: int) -> tuple[Holder, OwnRole]:
    giver = begin_managing(session, actor, Action.MANAGE_ROLES)
    found = get_own_role(session, actor.organization_id, own_role_id)
    if not may_grant(giver, Holder(Role.OWN, found.permissions)):
        raise NotAllowed("error.role_has_more")
    return giver, found


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())[:NAME_LIMIT]
    if not shown:
        raise Invalid("error.role_name")
    return shown


def _checked_set(giver: Holder, permissions: tuple[str, ...]) -> tuple[str, ...]:
    """The set to store, in the table's order; what everyone may do is not stored."""
    if not may_write_role(giver, permissions):
        raise NotAllowed("error.role_has_more")
    wanted = known_actions(permissions) - ALWAYS
    return tuple(action.value for action in Action if action in wanted)


def _is_in_use(session: Session, actor: Actor, own_role_id: int) -> bool:
    for table in (Membership, Invitation):
        mine = (col(table.organization_id) == actor.organization_id, col(table.own_role_id) == own_role_id)
        if session.exec(select(table.id).where(*mine).limit(1)).first() is not None:
            return True
    return False


def _give_instead(
    session: Session, actor: Actor, own_role_id: int, role: Role, replacement_id: int | None
) -> None:
    for table in (Membership, Invitation):
        session.execute(
            update(table)
            .where(col(table.organization_id) == actor.organization_id, col(table.own_role_id) == own_role_id)
            .values(role=role, own_role_id=replacement_id)
        )


def _end_sessions_of_holders(session: Session, actor: Actor, own_role_id: int, caller: Caller) -> None:
    holders = session.exec(
        select(Membership.account_id).where(
            Membership.organization_id == actor.organization_id, col(Membership.own_role_id) == own_role_id
        )
    ).all()
    for account_id in holders:
        end_sessions_in(session, actor, account_id, caller)


def _note(session: Session, actor: Actor, action: str, *, before: str = "", after: str = "") -> None:
    record(session, actor, action, before=before, after=after)
    announce(session, actor, ChangeKind.PEOPLE)
