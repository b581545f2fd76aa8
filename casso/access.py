"""Who is asking, and what of the database they may see.

Every look-up goes through here or names `actor.organization_id` itself. Another
organization's thing is NotFound, exactly like a thing that does not exist; so is a
ticket outside a person's view (`visible_tickets`, the one place that says what it holds).
`across_organizations` is the only door for look-ups made before the organization
is known; its callers are listed in tests/test_architecture.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true
from sqlmodel import Session, col, select

from casso import db
from casso.enums import Role, Sees
from casso.errors import NotAllowed, NotFound
from casso.models import Ticket
from casso.rules.permissions import Action, permissions_of


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system) acting in one organization; made by the guard, never from input.

    `own_role` is the set of an own role, as stored. `seen_ids` are the teams or mailboxes that `sees`
    names. `is_operator` is about the installation and opens no organization. `usage_agreed_at` says since
    when the person lets their own usage be counted.
    """

    organization_id: int
    account_id: int | None
    role: Role
    name: str = ""
    email: str = ""
    sign_in_id: int | None = None
    locale: str = "en"
    time_zone: str = "UTC"
    theme: str = "system"
    own_role: tuple[str, ...] = ()
    is_operator: bool = False
    sees: Sees = Sees.ALL
    seen_ids: tuple[int, ...] = ()
    usage_agreed_at: datetime | None = None

    @classmethod
    def system(cls, organization_id: int) -> "Actor":
        """Jobs and inbound mail: may write, is no person."""
        return cls(organization_id=organization_id, account_id=None, role=Role.SYSTEM)

    @property
    def permissions(self) -> frozenset[Action]:
        """What this person may do: their role's set or their own role's, less when their view is limited."""
        return permissions_of(self.role, own=self.own_role, is_limited=self.sees is not Sees.ALL)

    def may(self, action: Action) -> bool:
        """Whether this person may do that."""
        return action in self.permissions

    @property
    def sight(self) -> "Actor":
        """The same rights held by nobody in particular: everybody of one sight sees the same tickets.

        Only what makes a person is taken away, so a field added later keeps people apart until it is
        named here. A limited view holds what is assigned to oneself, so it stays a person's own.
        """
        return replace(
            self,
            account_id=None if self.sees is Sees.ALL else self.account_id,
            name="",
            email="",
            sign_in_id=None,
            locale="en",
            time_zone="UTC",
            theme="system",
            usage_agreed_at=None,
        )

    @property
    def initials(self) -> str:
        """One or two letters for the round mark."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def require(actor: Actor, action: Action) -> None:
    """Raise NotAllowed unless the actor may do that."""
    if not actor.may(action):
        raise NotAllowed()


def require_operator(actor: Actor) -> None:
    """Raise NotAllowed unless the actor runs this installation."""
    if not actor.is_operator:
        raise NotAllowed()


@contextmanager
def across_organizations(session: Session, reason: str) -> Iterator[Session]:
    """Look-ups before the organization is known: sign-in, intake by address, webhooks, claims on work."""
    with db.unscoped(session, reason):
        yield session


def visible_tickets(actor: Actor) -> ColumnElement[bool]:
    """The tickets that this person may see: the criterion of every statement on tickets that serves one.

    A limited view holds the tickets of one's teams, or of one's mailboxes, and those assigned to oneself.
    What has no team yet belongs to nobody's team: people with a whole view sort it.
    """
    here = col(Ticket.organization_id) == actor.organization_id
    if actor.sees is Sees.ALL:
        return here
    seen = col(Ticket.team_id if actor.sees is Sees.TEAMS else Ticket.mailbox_id)
    return and_(here, or_(col(Ticket.assignee_id) == actor.account_id, seen.in_(actor.seen_ids)))


def of_visible_ticket(actor: Actor, ticket_id: Any) -> ColumnElement[bool]:
    """The same for what hangs on a ticket, beside its organization; a whole view adds nothing to a plan."""
    if actor.sees is Sees.ALL:
        return true()
    return col(ticket_id).in_(select(Ticket.id).where(visible_tickets(actor)))


def get_ticket(session: Session, actor: Actor, number: int) -> Ticket:
    """The ticket of that number. Raises NotFound, also for another organization's and one out of sight."""
    found = session.exec(select(Ticket).where(visible_tickets(actor), Ticket.number == number)).first()
    if found is None:
        raise NotFound("error.ticket_not_found", number=number)
    return found
