"""Objects of another organization neither come into a session nor leave it, however they got there."""

import pytest
from sqlalchemy.orm import foreign, make_transient_to_detached, registry, relationship
from sqlmodel import Session, col, select

from casso import scoping, statement_wall
from casso.clock import now
from casso.db import UnscopedQuery
from casso.models import Message, Team, Ticket
from tests.desks import Desk
from tests.two_organizations import foreign_ticket, own_ticket, session, two

__all__ = ["session", "two"]


def refused_at_flush(session: Session) -> None:
    with pytest.raises(UnscopedQuery, match="a row of"):
        session.flush()
    session.rollback()


def test_a_new_object_of_another_organization_is_not_written(session: Session, two: Desk) -> None:
    session.add(Team(organization_id=two.other.organization_id, name="x", created_at=now()))
    refused_at_flush(session)
    session.add(Team(name="x", created_at=now()))
    refused_at_flush(session)


def test_an_object_is_not_given_away(session: Session, two: Desk) -> None:
    own_ticket(session).organization_id = two.other.organization_id
    refused_at_flush(session)


def test_an_object_brought_along_from_another_organization_is_not_changed(
    session: Session, two: Desk
) -> None:
    ticket = foreign_ticket(two)
    session.add(ticket)
    ticket.subject = "taken over"
    refused_at_flush(session)


def test_an_object_brought_along_from_another_organization_is_not_deleted(
    session: Session, two: Desk
) -> None:
    session.delete(foreign_ticket(two))
    refused_at_flush(session)


def test_an_object_made_up_from_a_number_is_not_changed(session: Session, two: Desk) -> None:
    """Its organization is not known before the database is asked."""
    made_up = Ticket(id=foreign_ticket(two).id)
    make_transient_to_detached(made_up)
    session.add(made_up)
    made_up.subject = "taken over"
    refused_at_flush(session)


def test_an_object_is_not_looked_up_by_its_number_alone(session: Session, two: Desk) -> None:
    with pytest.raises(UnscopedQuery):
        session.get(Ticket, foreign_ticket(two).id)
    own = own_ticket(session)
    assert session.get(Ticket, own.id) is own


def test_merging_an_object_of_another_organization_is_refused(session: Session, two: Desk) -> None:
    with pytest.raises(UnscopedQuery):
        session.merge(foreign_ticket(two))


def test_an_object_of_another_organization_is_not_read_again(session: Session, two: Desk) -> None:
    ticket = foreign_ticket(two)
    session.add(ticket)
    with pytest.raises(UnscopedQuery, match="a row of ticket"):
        session.refresh(ticket)
    session.expire(ticket)
    with pytest.raises(UnscopedQuery, match="a row of ticket"):
        _ = ticket.subject


def test_ones_own_object_is_read_again(session: Session) -> None:
    ticket = own_ticket(session)
    session.refresh(ticket)
    session.expire(ticket, ["subject"])
    assert ticket.subject


def test_a_relationship_does_not_load_past_the_wall(session: Session) -> None:
    """No model of ours has one; were one added, this is what it would meet."""
    mapped = registry()

    class TicketSeen:
        messages: list[object]

    class MessageSeen:
        pass

    tickets, messages = Ticket.__table__, Message.__table__  # type: ignore[attr-defined]
    mapped.map_imperatively(MessageSeen, messages)
    mapped.map_imperatively(
        TicketSeen,
        tickets,
        properties={
            "messages": relationship(
                MessageSeen, primaryjoin=foreign(messages.c.ticket_id) == tickets.c.id, viewonly=True
            )
        },
    )
    here = session.info["organization_id"]
    try:
        seen = session.scalars(select(TicketSeen).where(tickets.c.organization_id == here)).one()
        with pytest.raises(UnscopedQuery):
            _ = seen.messages
    finally:
        mapped.dispose()


def test_a_row_that_slips_through_a_hole_in_the_judgement_does_not_come_in(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_wall.Judgement, "_settle", lambda *_: scoping._NOTHING)
    with pytest.raises(UnscopedQuery, match="a row of ticket"):
        session.exec(select(Ticket).order_by(col(Ticket.number))).all()
