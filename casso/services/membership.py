"""What every act on a member begins with: the people locked, the member found, and who may act on whom.

All acts that change roles take one lock for the organization, so that two owners who
demote each other at the same moment leave one, and a role is checked as it is then.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from casso.access import Actor, require
from casso.enums import Role, Sees
from casso.errors import Conflict, Invalid, NotAllowed, NotFound
from casso.models import Account, Membership, Organization, OwnRole
from casso.queries.shown import full_name, is_id
from casso.rules.granting import BUILT_IN, Holder, may_grant
from casso.rules.permissions import Action, permissions_of
from casso.services.rights import RIGHTS, rights_of


@dataclass(frozen=True, slots=True)
class Member:
    """A member as acts need them."""

    account_id: int
    email: str
    name: str
    holder: Holder
    own_role_id: int | None
    sees: Sees
    is_disabled: bool

    def may(self, action: Action) -> bool:
        """Whether this member may do that: less with a limited view, nothing when disabled."""
        role, own = self.holder.role, self.holder.own
        allowed = permissions_of(role, own=own, is_limited=self.sees is not Sees.ALL)
        return action in allowed and not self.is_disabled


def begin_managing(session: Session, actor: Actor, action: Action) -> Holder:
    """Take the lock and return what the actor can give now. Raises NotAllowed, also for one demoted since.

    Inserts that only refer to the organization do not wait for the lock.
    """
    require(actor, action)
    lock_people(session, actor.organization_id)
    me = find_member(session, actor.organization_id, actor.account_id or 0)
    if me is None or not me.may(action):
        raise NotAllowed()
    return me.holder


def lock_people(session: Session, organization_id: int) -> None:
    """One act on roles at a time, until the transaction ends."""
    session.execute(
        select(col(Organization.id))
        .where(col(Organization.id) == organization_id)
        .with_for_update(key_share=True)
    )


def find_member(session: Session, organization_id: int, account_id: int) -> Member | None:
    """A member as they are now."""
    columns: tuple[Any, ...] = (
        col(Account.email), col(Account.first_name), col(Account.last_name), col(Account.disabled_at),
        col(Membership.own_role_id),
    )  # fmt: skip
    found = session.execute(
        select(*columns, *RIGHTS)
        .join(Account, col(Account.id) == col(Membership.account_id))
        .where(col(Membership.organization_id) == organization_id, col(Membership.account_id) == account_id)
    ).first()
    if found is None:
        return None
    rights = rights_of(found)
    return Member(
        account_id=account_id,
        email=found.email,
        name=full_name(found.first_name, found.last_name, found.email),
        holder=Holder(rights["role"], rights["own_role"]),
        own_role_id=found.own_role_id,
        sees=rights["sees"],
        is_disabled=found.disabled_at is not None,
    )


def member_to_change(session: Session, actor: Actor, giver: Holder, account_id: int) -> Member:
    """The member. Raises NotFound for a stranger, NotAllowed for one who has more than the actor."""
    found = find_member(session, actor.organization_id, account_id) if is_id(account_id) else None
    if found is None:
        raise NotFound()
    if not may_grant(giver, found.holder):
        raise NotAllowed("error.member_has_more")
    return found


def checked_role(
    session: Session, organization_id: int, giver: Holder, role: str, own_role_id: int | None
) -> tuple[Holder, int | None]:
    """A role that the giver may give, with the id of an own one. Raises Invalid, NotFound and NotAllowed."""
    if role == Role.OWN:
        wanted = Holder(Role.OWN, get_own_role(session, organization_id, own_role_id or 0).permissions)
    elif role in BUILT_IN:
        wanted, own_role_id = Holder(Role(role)), None
    else:
        raise Invalid()
    if not may_grant(giver, wanted):
        raise NotAllowed("error.role_has_more")
    return wanted, own_role_id


def get_own_role(session: Session, organization_id: int, own_role_id: int) -> OwnRole:
    """An own role of the organization. Raises NotFound."""
    if not is_id(own_role_id):
        raise NotFound()
    found: OwnRole | None = session.execute(
        select(OwnRole).where(col(OwnRole.organization_id) == organization_id, col(OwnRole.id) == own_role_id)
    ).scalar()
    if found is None:
        raise NotFound()
    return found


def role_name(session: Session, organization_id: int, role: str, own_role_id: int | None) -> str:
    """The role for the trail and for a person: `admin`, or the name of an own one."""
    return role if role != Role.OWN else get_own_role(session, organization_id, own_role_id or 0).name


def require_another_owner(session: Session, organization_id: int, account_id: int) -> None:
    """Raise Conflict when nobody else owns the organization who can sign in; call under lock_people()."""
    others = session.execute(
        select(func.count())
        .select_from(Membership)
        .join(Account, col(Account.id) == col(Membership.account_id))
        .where(
            col(Membership.organization_id) == organization_id,
            col(Membership.role) == Role.OWNER,
            col(Membership.account_id) != account_id,
            col(Account.disabled_at).is_(None),
        )
    ).scalar_one()
    if not others:
        raise Conflict("error.last_owner")
