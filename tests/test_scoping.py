"""The rule behind every statement: an organization's table is only touched by naming the organization."""

import pytest
from sqlalchemy import (
    column,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import aliased

from casso.models import Account, Customer, Message, Organization, SpooledMail, Ticket
from casso.scoping import Judgement, organization_tables
from casso.scoping_text import is_harmless, judge_text

HERE = Ticket.organization_id == 1
TICKETS = Ticket.__table__  # type: ignore[attr-defined]
other = aliased(Ticket)
mine = select(Ticket.id).where(HERE)


def missing(statement: object) -> set[str]:
    return Judgement(statement).missing


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (select(Ticket), {"ticket"}),
        (select(Ticket.number).where(Ticket.number == 5), {"ticket"}),
        (select(func.count()).select_from(Ticket), {"ticket"}),
        (select(Ticket, Message).where(HERE, Message.ticket_id == Ticket.id), {"message"}),
        (select(Ticket).where(HERE, Ticket.id.in_(select(Message.ticket_id))), {"message"}),
        (update(Ticket).where(Ticket.id == 1).values(subject=""), {"ticket"}),
        (delete(Message).where(Message.id == 1), {"message"}),
        (text("SELECT * FROM ticket"), {"ticket"}),
        (text("SELECT * FROM ticket").columns(column("id")), {"ticket"}),
        (select(Ticket).where(Ticket.organization_id != 1), {"ticket"}),
        (select(Ticket).where(Ticket.organization_id > 0), {"ticket"}),
        (select(table("ticket", column("subject"))), {"ticket"}),
        (select(TICKETS.c.id).select_from(TICKETS.tablesample(func.bernoulli(1))), {"ticket"}),
        (select(Ticket).from_statement(text("SELECT * FROM ticket")), {"ticket"}),
        (insert(Ticket).from_select(["number"], select(Account.id)), {"ticket"}),
        (insert(Ticket).from_select(["organization_id"], select(Account.id)), {"ticket"}),
        (insert(Ticket).values([{"organization_id": 1}, {"number": 2}]), {"ticket"}),
        (update(Ticket).where(HERE).values(organization_id=Ticket.number), {"ticket"}),
    ],
)
def test_a_statement_without_its_organization_is_named(statement: object, named: set[str]) -> None:
    assert missing(statement) == named


@pytest.mark.parametrize(
    "statement",
    [
        select(Ticket).where(HERE),
        select(Ticket, Message).where(HERE, Message.organization_id == 1, Message.ticket_id == Ticket.id),
        select(Ticket, Message).where(HERE, Message.organization_id == Ticket.organization_id),
        select(Ticket).where(
            HERE, Ticket.id.in_(select(Message.ticket_id).where(Message.organization_id == 1))
        ),
        select(Ticket).where(
            HERE,
            exists().where(Message.ticket_id == Ticket.id, Message.organization_id == Ticket.organization_id),
        ),
        select(Ticket)
        .join(Customer, Customer.organization_id == Ticket.organization_id, isouter=True)
        .where(HERE),
        select(mine.subquery().c.id),
        select(mine.cte().c.id),
        union_all(mine, mine),
        update(Ticket).where(HERE, Ticket.id == 1).values(subject=""),
        insert(Ticket).from_select(
            ["organization_id", "number"], select(Ticket.organization_id, Ticket.id).where(HERE)
        ),
        select(Account),
        select(Organization),
        select(SpooledMail),
        text("SELECT 1 FROM ticket WHERE organization_id = :o"),
        text("SELECT 'ticket'"),
    ],
)
def test_a_statement_that_names_its_organization_passes(statement: object) -> None:
    assert missing(statement) == set()


@pytest.mark.parametrize(
    "statement",
    [
        select(Ticket).where((HERE) | (Ticket.number == 5)),
        select(Ticket).where(~HERE),
        select(Ticket).where(Ticket.organization_id == Ticket.organization_id),
        select(Ticket).where(Ticket.organization_id == func.abs(1)),
        select(Ticket).where(Ticket.organization_id.in_([1, 2])),  # type: ignore[attr-defined]
        select(Ticket, other).where(HERE),
        select(Ticket.id).join(other, other.organization_id == Ticket.organization_id),
    ],
)
def test_a_criterion_that_does_not_confine_is_no_criterion(statement: object) -> None:
    assert missing(statement) == {"ticket"}


@pytest.mark.parametrize(
    "statement",
    [
        union_all(mine, select(Ticket.id)),
        select(Ticket).where(HERE, Ticket.number.in_(select(Ticket.number))),  # type: ignore[attr-defined]
        select(Ticket).where(
            HERE, Ticket.number == select(func.max(Ticket.number)).correlate(None).scalar_subquery()
        ),
        select(Ticket, select(Ticket.number).subquery()).where(HERE),
        select(Ticket, select(Ticket.number).cte()).where(HERE),
        select(mine.subquery().c.id, Ticket.id),
        update(Ticket).where(HERE, Ticket.id == other.id).values(subject=""),
        delete(Ticket).where(HERE, Ticket.number.in_(select(Ticket.number))),  # type: ignore[attr-defined]
        insert(Ticket).from_select(["organization_id"], select(Ticket.organization_id)),
    ],
)
def test_one_confined_select_says_nothing_of_another_on_the_same_table(statement: object) -> None:
    assert missing(statement) == {"ticket"}


def test_a_part_in_from_sees_nothing_of_what_stands_beside_it() -> None:
    beside = select(Message.id).where(Message.organization_id == Ticket.organization_id).subquery()
    assert missing(select(Ticket.id, beside.c.id).where(HERE)) == {"ticket", "message"}


def test_the_condition_of_an_outer_join_confines_the_joined_side_only() -> None:
    joined = select(Ticket.id).join(Message, (HERE) & (Message.organization_id == 1), isouter=True)
    assert missing(joined) == {"ticket"}
    assert missing(joined.where(HERE)) == set()
    written_out = select(Ticket.id).select_from(
        TICKETS.outerjoin(Message.__table__, HERE)  # type: ignore[attr-defined]
    )
    assert missing(written_out) == {"ticket", "message"}
    full = select(Ticket.id).join(Message, Message.organization_id == 1, full=True).where(HERE)
    assert missing(full) == {"message"}


def test_an_upsert_may_not_give_a_row_to_another_organization() -> None:
    made = postgresql.insert(Ticket).values(organization_id=1)
    assert missing(made.on_conflict_do_update(index_elements=["id"], set_={"subject": ""})) == set()
    given = made.on_conflict_do_update(index_elements=["id"], set_={"organization_id": 2})
    assert missing(given) == {"ticket"}


def test_the_values_a_statement_names_are_kept_to_be_compared() -> None:
    found = Judgement(update(Ticket).where(HERE).values(organization_id=2))
    assert sorted(bind.value for bind in found.binds) == [1, 2]
    found = Judgement(insert(Ticket).values([{"organization_id": 1}, {"organization_id": 2}]))
    assert sorted([bind.value for bind in found.binds] + found.values) == [1, 2]  # type: ignore[operator]
    assert Judgement(insert(Ticket)).from_parameters


@pytest.mark.parametrize("piece", ["1", "now()", "NULLS LAST", "'or'"])
def test_a_harmless_piece_of_text_passes_inside_a_statement(piece: str) -> None:
    assert is_harmless(piece, organization_tables())
    assert missing(select(literal_column(piece)).where(HERE)) == set()


@pytest.mark.parametrize("piece", ["1 = 1 OR 2 = 2", "id IN (SELECT 1)", "ticket.id", "1 UNION VALUES (2)"])
def test_a_piece_of_text_that_could_lift_the_criterion_is_named(piece: str) -> None:
    assert missing(select(Ticket).where(HERE, text(piece))) == {"(text)"}
    assert missing(select(literal_column(piece)).where(HERE)) == {"(text)"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT organization_id FROM ticket",
        "SELECT * FROM ticket /* organization_id = :o */",
        "SELECT * FROM ticket WHERE subject = 'x AND organization_id = :o'",
        "SELECT * FROM ticket WHERE organization_id = :o OR 1 = 1",
        "SELECT * FROM ticket WHERE organization_id = :o + 1",
        "SELECT * FROM ticket WHERE organization_id >= :o",
        "SELECT * FROM ticket WHERE organization_id = 1",
        "SELECT * FROM ticket WHERE NOT organization_id = :o",
        "SELECT * FROM ticket WHERE NOT (id = 1 AND organization_id = :o AND id = 2)",
        "SELECT organization_id = :o FROM ticket",
        "SELECT * FROM ticket WHERE organization_id = :o UNION SELECT * FROM ticket",
        "SELECT * FROM ticket WHERE id IN (SELECT 1) AND organization_id = :o",
        "SELECT * FROM ticket, message WHERE ticket.organization_id = :o",
        "SELECT * FROM ticket AS t JOIN message AS m ON m.id = t.id WHERE m.organization_id = :o",
        "SELECT 1 FROM ticket t LEFT JOIN message ON t.organization_id = :o AND message.organization_id = :o",
        "SELECT * FROM ticket AS t JOIN ticket AS u ON u.id = t.id WHERE t.organization_id = :o",
        "SELECT count(*) FILTER (WHERE organization_id = :o) FROM ticket",
        "INSERT INTO ticket (organization_id) VALUES (:o)",
        "UPDATE ticket SET subject = ''",
        "DELETE FROM ticket",
        'SELECT * FROM "ticket"',
        "SELECT * FROM public.ticket",
        "SELECT terms FROM search_index",
        "SELECT * FROM search_index_data",
        "SELECT terms FROM search_index JOIN search_document AS d ON 1 = 1 WHERE d.organization_id = :o",
    ],
)
def test_text_that_is_not_plainly_confined_is_named(sql: str) -> None:
    assert judge_text(sql, organization_tables()).missing


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM ticket WHERE organization_id = :here",
        "SELECT * FROM ticket AS t JOIN message m ON m.ticket_id = t.id AND +m.organization_id = :here "
        "WHERE t.subject IS NOT NULL AND t.organization_id = :here ORDER BY t.id",
        "UPDATE ticket SET subject = '' WHERE organization_id = :here AND id NOT IN :ids",
        "DELETE FROM ticket WHERE ticket.organization_id = :here",
        "SELECT d.ticket_id FROM search_index CROSS JOIN search_document AS d "
        "ON d.message_id = search_index.rowid WHERE search_index MATCH :q AND d.organization_id = :here",
    ],
)
def test_plain_text_says_which_parameter_names_the_organization(sql: str) -> None:
    found = judge_text(sql, organization_tables())
    assert (found.missing, found.parameters) == (frozenset(), {"here"})
