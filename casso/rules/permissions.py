"""Who may do what: one table, read from top to bottom.

A role may do what its column marks; nothing is inherited behind the reader's back. The last column
says what is left to a person who sees only some tickets: whatever shows or changes everybody's is not.
An own role of an organization is a set of these actions, stored by their values.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from casso.enums import Role


class Action(StrEnum):
    """Everything a person can be allowed to do. Values are stored: never change one."""

    READ_TICKETS = "tickets.read"
    WRITE_TICKETS = "tickets.write"
    READ_SETTINGS = "settings.read"
    CHANGE_SETTINGS = "settings.change"
    MANAGE_MAILBOXES = "mailboxes.manage"
    READ_QUARANTINE = "quarantine.read"
    MANAGE_MEMBERS = "members.manage"
    MANAGE_ROLES = "roles.manage"
    READ_TRAIL = "trail.read"
    EXPORT_DATA = "data.export"
    MANAGE_BILLING = "billing.manage"
    OWN_ACCOUNT = "account.own"


class Line(NamedTuple):
    """One action and who has it; `limited`: also with a view of some tickets only."""

    action: Action
    owner: bool
    admin: bool
    agent: bool
    viewer: bool
    limited: bool


X, _ = True, False
TABLE: dict[str, tuple[Line, ...]] = {
    #                                 owner admin agent viewer limited
    "tickets": (
        Line(Action.READ_TICKETS,     X,    X,    X,    X,     X),
        Line(Action.WRITE_TICKETS,    X,    X,    X,    _,     X),
    ),
    "mail": (
        Line(Action.MANAGE_MAILBOXES, X,    X,    _,    _,     _),
        Line(Action.READ_QUARANTINE,  X,    X,    _,    _,     _),
    ),
    "people": (
        Line(Action.MANAGE_MEMBERS,   X,    X,    _,    _,     _),
        Line(Action.MANAGE_ROLES,     X,    X,    _,    _,     _),
    ),
    "organization": (
        Line(Action.READ_SETTINGS,    X,    X,    _,    _,     X),
        Line(Action.CHANGE_SETTINGS,  X,    X,    _,    _,     _),
        Line(Action.READ_TRAIL,       X,    X,    _,    _,     _),
        Line(Action.EXPORT_DATA,      X,    X,    _,    _,     _),
        Line(Action.MANAGE_BILLING,   X,    _,    _,    _,     _),
    ),
    "own": (
        Line(Action.OWN_ACCOUNT,      X,    X,    X,    X,     X),
    ),
}  # fmt: skip

_LINES = tuple(line for lines in TABLE.values() for line in lines)
EVERYTHING = frozenset(Action)
ALWAYS = frozenset({Action.OWN_ACCOUNT})
LIMITED = frozenset(line.action for line in _LINES if line.limited)
# What everyone in a role may do; an own role's set is its own, and jobs may do everything.
PERMISSIONS: dict[Role, frozenset[Action]] = {
    Role.OWNER: frozenset(line.action for line in _LINES if line.owner),
    Role.ADMIN: frozenset(line.action for line in _LINES if line.admin),
    Role.AGENT: frozenset(line.action for line in _LINES if line.agent),
    Role.VIEWER: frozenset(line.action for line in _LINES if line.viewer),
    Role.OWN: ALWAYS,
    Role.SYSTEM: EVERYTHING,
}


def allows(role: Role, action: Action) -> bool:
    """Whether the role's column marks the action; says nothing of own roles and limits."""
    return action in PERMISSIONS[role]


@lru_cache(maxsize=1000)
def permissions_of(role: Role, *, own: tuple[str, ...] = (), is_limited: bool = False) -> frozenset[Action]:
    """What a member may do: their role's set, or that of their own role; less when their view is limited.

    A stored name that this version does not know allows nothing.
    """
    chosen = PERMISSIONS[role] | (known_actions(own) if role is Role.OWN else ALWAYS)
    return chosen & LIMITED if is_limited else chosen


def known_actions(names: Iterable[str]) -> frozenset[Action]:
    """The actions among stored names."""
    known = {action.value: action for action in Action}
    return frozenset(known[name] for name in names if name in known)
