"""Sessions know whom they act for, and on PostgreSQL every one of their transactions is told."""

from contextlib import ExitStack

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from casso import db, rows_wall
from casso.access import across_organizations
from casso.models import Organization, Ticket
from tests.desks import Desk


def told(session: Session) -> str:
    """What the transaction knows: of whom it is, `*` for all, nothing for nobody."""
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has no second wall")
    return str(
        session.connection().exec_driver_sql(f"SELECT current_setting('{rows_wall.ACTS_FOR}', true)").scalar()
        or ""
    )


def test_a_session_knows_its_organization(sqlite_desk: Desk) -> None:
    with db.reading(7) as reading, db.transaction(8) as writing, db.reading() as nobodys:
        assert [one.info["organization_id"] for one in (reading, writing, nobodys)] == [7, 8, None]


def test_a_transaction_is_told_whom_it_acts_for(desk: Desk) -> None:
    with db.reading(7) as session:
        assert told(session) == "7"
    with db.transaction(8) as session:
        assert told(session) == "8"
    with db.reading() as session:
        assert told(session) == ""


def test_a_transaction_after_a_rollback_is_told_again(desk: Desk) -> None:
    with db.transaction(7) as session:
        session.rollback()
        assert told(session) == "7"
        with session.begin_nested():
            assert told(session) == "7"


def test_a_savepoint_brings_no_look_across_back(desk: Desk) -> None:
    with db.transaction(7) as session:
        with ExitStack() as looking:
            looking.enter_context(across_organizations(session, "tests"))
            savepoint = session.begin_nested()
        savepoint.rollback()
        assert told(session) == "7"


def test_looking_across_is_told_and_ends(desk: Desk) -> None:
    with db.transaction(7) as session:
        with across_organizations(session, "tests"):
            assert told(session) == "*"
        assert told(session) == "7"
    with db.reading() as session:
        with across_organizations(session, "tests"):
            assert told(session) == "*"
        assert told(session) == ""


def test_looking_across_ends_also_with_an_error(desk: Desk) -> None:
    with db.transaction(7) as session:
        with pytest.raises(KeyError), across_organizations(session, "tests"):
            raise KeyError
        assert told(session) == "7"


def test_looking_across_ends_also_when_the_database_refuses(desk: Desk) -> None:
    with db.transaction(7) as session:
        with pytest.raises(Exception, match="no_such_table"), across_organizations(session, "tests"):
            session.execute(text("SELECT * FROM no_such_table"))
        session.rollback()
        assert told(session) == "7"


def test_what_was_changed_while_looking_across_is_written_then(desk: Desk) -> None:
    with db.transaction() as session, across_organizations(session, "tests"):
        session.exec(select(Organization).where(Organization.id == 1)).one().name = "Renamed"
    with db.reading() as session:
        assert session.exec(select(Organization.name).where(Organization.id == 1)).one() == "Renamed"


def test_a_session_is_confined_to_a_new_organization_once(desk: Desk) -> None:
    with db.transaction() as session:
        db.confine(session, 9)
        assert session.info["organization_id"] == 9
        with pytest.raises(ValueError, match="already"):
            db.confine(session, 10)
        assert told(session) == "9"


def test_the_next_user_of_a_connection_learns_nothing_of_the_one_before(desk: Desk) -> None:
    with db.reading(7) as session:
        session.exec(select(Ticket).where(Ticket.organization_id == 7)).all()
    with db.reading() as session:
        assert told(session) == ""
