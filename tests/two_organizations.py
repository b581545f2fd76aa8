"""Fixtures of the walls' tests: two organizations with the same things, and a session of the first."""

from collections.abc import Iterator

import pytest
from sqlmodel import Session, select

from casso import db
from casso.clock import now
from casso.models import Team, Ticket
from tests.desks import Desk
from tests.queries.test_search import add_ticket


@pytest.fixture
def two(sqlite_desk: Desk) -> Desk:
    """A ticket and a team in either organization."""
    for tenant in (sqlite_desk.mine, sqlite_desk.other):
        add_ticket(tenant, 1, "lamp", subject=tenant.address)
        with db.transaction(tenant.organization_id) as session:
            session.add(Team(organization_id=tenant.organization_id, name="T", created_at=now()))
    return sqlite_desk


@pytest.fixture
def session(two: Desk) -> Iterator[Session]:
    """A reading session of the first organization."""
    with db.reading(two.mine.organization_id) as found:
        yield found


def foreign_ticket(desk: Desk) -> Ticket:
    """The other organization's ticket, detached."""
    here = desk.other.organization_id
    with db.reading(here) as session:
        return session.exec(select(Ticket).where(Ticket.organization_id == here)).one()


def own_ticket(session: Session) -> Ticket:
    here = session.info["organization_id"]
    return session.exec(select(Ticket).where(Ticket.organization_id == here)).one()
