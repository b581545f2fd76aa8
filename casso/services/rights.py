"""What of a membership decides what somebody may do and see: columns to read, and the actor's fields.

The columns travel inside the one statement that looks a session up, at every event of
every screen; what a member without own role and limits does not need is not looked up.
"""

from typing import Any, TypedDict

from sqlalchemy import Row, String, case, cast, func, select
from sqlmodel import col

from casso.enums import Role, Sees
from casso.models import Account, MailboxAccess, Membership, OwnRole, TeamMember


class Rights(TypedDict):
    """The fields of an Actor that say what they may do and see."""

    role: Role
    own_role: tuple[str, ...]
    is_operator: bool
    sees: Sees
    seen_ids: tuple[int, ...]


def _ids_of(table: type[TeamMember | MailboxAccess], ids: Any) -> Any:
    """A member's teams or mailboxes as one text, `3,14`."""
    return (
        select(func.aggregate_strings(cast(ids, String), ","))
        .where(
            col(table.organization_id) == col(Membership.organization_id),
            col(table.account_id) == col(Membership.account_id),
        )
        .correlate(Membership)
        .scalar_subquery()
    )


_OWN_ROLE = (
    select(col(OwnRole.permissions))
    .where(
        col(OwnRole.organization_id) == col(Membership.organization_id),
        col(OwnRole.id) == col(Membership.own_role_id),
    )
    .correlate(Membership)
    .scalar_subquery()
)
RIGHTS: tuple[Any, ...] = (
    col(Membership.role),
    col(Membership.sees),
    col(Account.is_operator),
    _OWN_ROLE.label("own_role"),
    case(
        (col(Membership.sees) == Sees.TEAMS, _ids_of(TeamMember, col(TeamMember.team_id))),
        (col(Membership.sees) == Sees.MAILBOXES, _ids_of(MailboxAccess, col(MailboxAccess.mailbox_id))),
    ).label("seen"),
)
"""To be selected from Membership and Account, joined by the caller."""


def rights_of(found: Row[Any]) -> Rights:
    """The fields, from a row with the columns RIGHTS."""
    return Rights(
        role=Role(found.role),
        own_role=found.own_role or (),
        is_operator=found.is_operator,
        sees=Sees(found.sees),
        seen_ids=tuple(sorted(int(one) for one in (found.seen or "").split(",") if one)),
    )
