"""The rule behind every query: an organization's table is never read without naming the organization."""

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import aliased

from casso.models import Account, Message, Organization, Ticket
from casso.scoping import unscoped_tables

HERE = Ticket.organization_id == 1


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        (select(Ticket), {"ticket"}),
        (select(Ticket.number).where(Ticket.number == 5), {"ticket"}),
        (select(func.count()).select_from(Ticket), {"ticket"}),
        (select(Ticket, Message).where(HERE, Message.ticket_id == Ticket.id), {"message"}),
        (select(Ticket).where(HERE, Ticket.id.in_(select(Message.ticket_id))), {"message"}),
        (update(Ticket).where(Ticket.id == 1).values(subject=""), {"ticket"}),
        (delete(Message).where(Message.id == 1), {"message"}),
        (text("SELECT * FROM ticket"), {"(text)"}),
        (select(Ticket).where(Ticket.organization_id != 1), {"ticket"}),
        (select(Ticket).where(Ticket.organization_id > 0), {"ticket"}),
    ],
)
def test_a_statement_without_its_organization_is_named(statement: object, missing: set[str]) -> None:
    assert unscoped_tables(statement) == missing


@pytest.mark.parametrize(
    "statement",
    [
        select(Ticket).where(HERE),
        select(Ticket, Message).where(HERE, Message.organization_id == 1, Message.ticket_id == Ticket.id),
        select(Ticket, Message).where(HERE, Message.organization_id == Ticket.organization_id),
        select(Ticket).where(
            HERE, Ticket.id.in_(select(Message.ticket_id).where(Message.organization_id == 1))
        ),
        update(Ticket).where(HERE, Ticket.id == 1).values(subject=""),
        select(Account),
        select(Organization),
        text("SELECT 1 FROM ticket WHERE organization_id = :o"),
    ],
)
def test_a_statement_that_names_its_organization_passes(statement: object) -> None:
    assert unscoped_tables(statement) == set()


@pytest.mark.parametrize(
    "statement",
    [
        select(Ticket).where((HERE) | (Ticket.number == 5)),
        select(Ticket).where(~HERE),
        select(Ticket).where(Ticket.organization_id == Ticket.organization_id),
        select(Ticket, aliased(Ticket)).where(HERE),
    ],
)
def test_a_criterion_that_does_not_confine_is_no_criterion(statement: object) -> None:
    assert unscoped_tables(statement) == {"ticket"}
