"""Which role may do what: one table, read from top to bottom.

A role may do what stands in its row; nothing is inherited behind the reader's back.
"""

from enum import StrEnum

from casso.enums import Role


class Action(StrEnum):
    """Everything a person can be allowed to do."""

    READ_TICKETS = "read tickets"
    WRITE_TICKETS = "answer and change tickets"
    READ_SETTINGS = "see settings"
    CHANGE_SETTINGS = "change settings"
    READ_QUARANTINE = "see mail that could not be read"
    READ_TRAIL = "see who did what"
    OWN_ACCOUNT = "change one's own account"


_READ = frozenset({Action.READ_TICKETS, Action.OWN_ACCOUNT})
_WORK = _READ | {Action.WRITE_TICKETS}
_LEAD = _WORK | {Action.READ_SETTINGS, Action.CHANGE_SETTINGS, Action.READ_QUARANTINE, Action.READ_TRAIL}

PERMISSIONS: dict[Role, frozenset[Action]] = {
    Role.OWNER: _LEAD,
    Role.ADMIN: _LEAD,
    Role.AGENT: _WORK,
    Role.VIEWER: _READ,
    Role.SYSTEM: _LEAD,
}


def allows(role: Role, action: Action) -> bool:
    """Whether the role's row names the action."""
    return action in PERMISSIONS[role]
