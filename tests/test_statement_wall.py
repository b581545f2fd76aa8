"""A session touches rows of its own organization, whichever way round a statement or an object takes."""

import gc
from collections.abc import Callable

import pytest
from sqlalchemy import bindparam, insert, text, update
from sqlmodel import Session, col, select

from casso import db, scoping, statement_wall
from casso.access import across_organizations
from casso.clock import now
from casso.db import UnscopedQuery
from casso.models import Account, Message, Organization, SpooledMail, Team, Ticket
from tests.desks import Desk
from tests.queries.test_search import add_ticket
from tests.two_organizations import own_ticket, session, two

__all__ = ["session", "two"]

Way = Callable[[Session, int], object]


@pytest.mark.parametrize(
    "way",
    [
        lambda session, here: session.exec(select(Ticket)).all(),
        lambda session, here: session.exec(select(Ticket.subject)).all(),
        lambda session, here: session.exec(
            select(Ticket).where((Ticket.organization_id == here) | (Ticket.number == 1))
        ).all(),
        lambda session, here: session.execute(text("SELECT organization_id, subject FROM ticket")).all(),
        lambda session, here: session.connection().execute(select(col(Ticket.subject))).all(),
        lambda session, here: session.connection().execute(text("SELECT subject FROM ticket")).all(),
        lambda session, here: session.connection().exec_driver_sql("SELECT subject FROM ticket").all(),
        lambda session, here: session.connection().exec_driver_sql("SELECT terms FROM search_index").all(),
        lambda session, here: session.execute(text("SELECT terms FROM search_index")).all(),
        lambda session, here: session.scalars(select(Ticket)).all(),
        lambda session, here: session.execute(select(Ticket)).fetchmany(1),
    ],
)
def test_a_statement_that_names_no_organization_is_refused(session: Session, way: Way) -> None:
    with pytest.raises(UnscopedQuery):
        way(session, session.info["organization_id"])


def test_a_connection_without_a_session_may_not_name_an_organizations_table(two: Desk) -> None:
    here = two.mine.organization_id
    with db.engine().connect() as connection:
        for statement in (
            select(col(Ticket.subject)).where(col(Ticket.organization_id) == here),
            text("SELECT subject FROM ticket WHERE organization_id = 1"),
        ):
            with pytest.raises(UnscopedQuery):
                connection.execute(statement)
        with pytest.raises(UnscopedQuery):
            connection.exec_driver_sql("DELETE FROM ticket")
        assert connection.execute(text("SELECT 1")).scalar() == 1
        assert connection.exec_driver_sql("SELECT 'ticket'").scalar() == "ticket"
        assert connection.execute(select(col(Account.id))).all()


def test_tables_of_nobody_are_open(session: Session) -> None:
    assert session.exec(select(Account)).all()
    assert len(session.exec(select(Organization)).all()) == 2
    assert session.exec(select(SpooledMail)).all() == []


BY_NAME = select(Ticket).where(Ticket.organization_id == bindparam("here"))
BY_TEXT = text("SELECT subject FROM ticket WHERE organization_id = :here")


@pytest.mark.parametrize(
    "way",
    [
        lambda session, other: session.exec(select(Ticket).where(Ticket.organization_id == other)).all(),
        lambda session, other: session.execute(BY_NAME, {"here": other}).all(),
        lambda session, other: session.execute(BY_TEXT, {"here": other}).all(),
        lambda session, other: session.execute(BY_TEXT.bindparams(here=other)).all(),
        lambda session, other: session.connection().execute(BY_TEXT, {"here": other}).all(),
        lambda session, other: session.exec(
            select(Ticket)
            .where(Ticket.organization_id == session.info["organization_id"])
            .where(col(Ticket.id).in_(select(Message.ticket_id).where(Message.organization_id == other)))
        ).all(),
        lambda session, other: session.exec(
            update(Team).where(col(Team.organization_id) == other).values(name="x")
        ),
        lambda session, other: session.exec(
            update(Team)
            .where(col(Team.organization_id) == session.info["organization_id"])
            .values(organization_id=other)
        ),
        lambda session, other: session.execute(
            update(Team.__table__).where(  # type: ignore[attr-defined]
                col(Team.organization_id) == session.info["organization_id"]
            ),
            {"organization_id": other},
        ),
        lambda session, other: session.exec(
            insert(Team).values(organization_id=other, name="x", created_at=now())
        ),
        lambda session, other: session.execute(
            insert(Team), [{"organization_id": other, "name": "x", "created_at": now()}]
        ),
        lambda session, other: session.execute(
            insert(Team).values(
                [
                    {"organization_id": one, "name": "x", "created_at": now()}
                    for one in (session.info["organization_id"], other)
                ]
            )
        ),
        lambda session, other: session.execute(insert(Team), [{"name": "x", "created_at": now()}]),
        lambda session, other: session.bulk_insert_mappings(
            Team,  # type: ignore[arg-type]
            [{"organization_id": other, "name": "x", "created_at": now()}],
        ),
        lambda session, other: session.bulk_save_objects(
            [Team(organization_id=other, name="x", created_at=now())]
        ),
        lambda session, other: session.bulk_update_mappings(
            Team,  # type: ignore[arg-type]
            [{"id": 2, "name": "x"}],
        ),
    ],
)
def test_a_statement_for_another_organization_is_refused(session: Session, two: Desk, way: Way) -> None:
    with pytest.raises(UnscopedQuery):
        way(session, two.other.organization_id)


def test_the_values_are_looked_at_each_time_and_not_only_the_first(session: Session, two: Desk) -> None:
    for _ in range(3):
        assert len(session.execute(BY_NAME, {"here": two.mine.organization_id}).all()) == 1
        with pytest.raises(UnscopedQuery):
            session.execute(BY_NAME, {"here": two.other.organization_id})


def test_one_wrong_row_among_many_is_refused(session: Session, two: Desk) -> None:
    rows = [
        {"organization_id": two.mine.organization_id, "name": str(number), "created_at": now()}
        for number in range(50)
    ]
    session.execute(insert(Team), rows)
    with pytest.raises(UnscopedQuery):
        session.execute(insert(Team), [*rows, rows[0] | {"organization_id": two.other.organization_id}])


def test_who_acts_for_nobody_touches_nothing(two: Desk) -> None:
    here = two.mine.organization_id
    with db.transaction() as session:
        with pytest.raises(UnscopedQuery):
            session.exec(select(Ticket).where(Ticket.organization_id == here))
        session.add(Team(organization_id=here, name="x", created_at=now()))
        with pytest.raises(UnscopedQuery):
            session.flush()
        session.expunge_all()


def test_looking_across_sees_and_writes_all_and_no_longer_than_it_lasts(two: Desk) -> None:
    with db.transaction() as session:
        with across_organizations(session, "tests"):
            assert len(session.exec(select(Ticket)).all()) == 2
            session.add(Team(organization_id=two.other.organization_id, name="x", created_at=now()))
        with pytest.raises(UnscopedQuery):
            session.exec(select(Ticket)).all()


def test_flushing_lets_nothing_else_through(session: Session) -> None:
    session.add(Team(organization_id=session.info["organization_id"], name="x", created_at=now()))
    session.flush()
    assert statement_wall.FLUSHING not in session.info
    with pytest.raises(UnscopedQuery):
        session.exec(select(Team)).all()


def test_both_databases_take_a_statement_for_ones_own(desk: Desk) -> None:
    here = desk.mine.organization_id
    add_ticket(desk.mine, 1, "lamp")
    with db.transaction(here) as session:
        ticket = own_ticket(session)
        ticket.subject = "Changed"
        session.execute(insert(Team), [{"organization_id": here, "name": "x", "created_at": now()}])
    with db.reading(here) as session:
        assert own_ticket(session).subject == "Changed"
        assert session.execute(BY_TEXT, {"here": here}).all() == [("Changed",)]


def test_nothing_is_kept_of_a_session_that_is_over(two: Desk) -> None:
    gc.collect()
    before = len(statement_wall._sessions)
    for _ in range(20):
        with db.reading(two.mine.organization_id) as session:
            own_ticket(session)
    del session
    gc.collect()
    assert len(statement_wall._sessions) <= before + 1


def test_the_check_costs_little(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shape is judged once; from then on only its values are compared."""
    judged: list[object] = []
    monkeypatch.setattr(
        statement_wall,
        "Judgement",
        lambda statement: judged.append(statement) or scoping.Judgement(statement),
    )
    for number in range(100):
        session.exec(
            select(Ticket.preview, Ticket.id).where(
                Ticket.organization_id == session.info["organization_id"], Ticket.number == number
            )
        ).all()
    assert len(judged) <= 1
