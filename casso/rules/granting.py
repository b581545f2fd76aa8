"""Who may give what to whom: nobody gives more than they have, and owners are made by owners alone.

The same comparison decides inviting, changing a role, writing an own role and acting on a
member. Whoever sees only some tickets manages nobody (rules/permissions.py), so a view is
never widened by somebody with a smaller one.
"""

from dataclasses import dataclass

from casso.enums import Role
from casso.rules.permissions import Action, known_actions, permissions_of

BUILT_IN = (Role.OWNER, Role.ADMIN, Role.AGENT, Role.VIEWER)


@dataclass(frozen=True, slots=True)
class Holder:
    """A role as somebody holds it; `own` is the set of an own role, as stored."""

    role: Role
    own: tuple[str, ...] = ()

    @property
    def permissions(self) -> frozenset[Action]:
        """Everything the role may do, whatever its holder sees."""
        return permissions_of(self.role, own=self.own)


def may_grant(giver: Holder, wanted: Holder) -> bool:
    """Whether somebody may give a role, or act on a member who has it."""
    if wanted.role is Role.SYSTEM or (wanted.role is Role.OWNER and giver.role is not Role.OWNER):
        return False
    return wanted.permissions <= giver.permissions


def may_write_role(giver: Holder, names: tuple[str, ...]) -> bool:
    """Whether somebody may write an own role with these permissions; a name nobody knows is refused."""
    known = known_actions(names)
    return len(known) == len(set(names)) and known <= giver.permissions
