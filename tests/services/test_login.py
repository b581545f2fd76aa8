"""Signing in: one answer for every wrong try, tokens stored only as hashes, sessions that end."""

import pytest
from argon2 import PasswordHasher
from sqlmodel import select

from casso.access import across_organizations
from casso.db import reading, transaction
from casso.errors import Invalid, NotAllowed
from casso.models import Account, SignIn, TrailEntry
from casso.services import login
from tests.desks import PASSWORD, Desk


def sign_in(desk: Desk, password: str = PASSWORD, email: str = "") -> str:
    return login.sign_in(email or desk.owner.email, password, ip="192.0.2.7", browser="Firefox 140")


def stored_account(desk: Desk) -> Account:
    with reading() as session:
        return session.exec(select(Account).where(Account.email == desk.owner.email)).one()


def test_the_right_password_opens_a_session_of_that_person(desk: Desk) -> None:
    actor = login.find_session(sign_in(desk))
    assert actor is not None
    assert (actor.account_id, actor.organization_id) == (desk.owner.account_id, desk.owner.organization_id)


def test_the_address_counts_in_any_case_and_with_spaces(desk: Desk) -> None:
    assert login.find_session(sign_in(desk, email=f"  {desk.owner.email.upper()} "))


@pytest.mark.parametrize(
    ("email", "password"), [("", "wrong horse battery"), ("nobody@example.com", PASSWORD), ("", "")]
)
def test_every_wrong_try_gets_the_same_answer(sqlite_desk: Desk, email: str, password: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        sign_in(sqlite_desk, password, email)
    assert caught.value.key == "error.sign_in"


def test_a_disabled_account_neither_signs_in_nor_stays_in(sqlite_desk: Desk) -> None:
    token = sign_in(sqlite_desk)
    with transaction() as session:
        found = session.exec(select(Account).where(Account.email == sqlite_desk.owner.email)).one()
        found.disabled_at = sqlite_desk.clock.now()
    assert login.find_session(token) is None
    with pytest.raises(NotAllowed):
        sign_in(sqlite_desk)


def test_the_database_keeps_neither_password_nor_token(sqlite_desk: Desk) -> None:
    token = sign_in(sqlite_desk)
    with reading() as session, across_organizations(session, "test"):
        row = session.exec(select(SignIn)).one()
    assert token not in repr(row)
    assert stored_account(sqlite_desk).password_hash.startswith("$argon2id$")


def test_an_older_hash_is_made_anew_at_the_next_sign_in(sqlite_desk: Desk) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    with transaction() as session:
        session.exec(
            select(Account).where(Account.email == sqlite_desk.owner.email)
        ).one().password_hash = weak
    sign_in(sqlite_desk)
    assert "m=19456,t=2" in stored_account(sqlite_desk).password_hash


def test_a_session_ends_after_two_weeks_without_a_visit(sqlite_desk: Desk) -> None:
    token = sign_in(sqlite_desk)
    sqlite_desk.clock.tick(days=13)
    assert login.find_session(token)
    sqlite_desk.clock.tick(days=13)
    assert login.find_session(token)
    sqlite_desk.clock.tick(days=15)
    assert login.find_session(token) is None


def test_a_session_ends_after_sixty_days_however_often_it_is_used(sqlite_desk: Desk) -> None:
    token = sign_in(sqlite_desk)
    for _ in range(5):
        sqlite_desk.clock.tick(days=11)
        assert login.find_session(token)
    sqlite_desk.clock.tick(days=6)
    assert login.find_session(token) is None


def test_signing_out_ends_this_session_alone(desk: Desk) -> None:
    here, elsewhere = sign_in(desk), sign_in(desk)
    login.sign_out(here)
    assert login.find_session(here) is None
    assert login.find_session(elsewhere)


def test_signing_out_twice_changes_nothing(sqlite_desk: Desk) -> None:
    token = sign_in(sqlite_desk)
    login.sign_out(token)
    login.sign_out(token)


def test_sign_in_and_sign_out_leave_one_line_each(sqlite_desk: Desk) -> None:
    login.sign_out(sign_in(sqlite_desk))
    with reading() as session, across_organizations(session, "test"):
        found = session.exec(select(TrailEntry.action).order_by(TrailEntry.id)).all()
    assert [action for action in found if action.startswith("session")] == [
        "session.started",
        "session.ended",
    ]


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_a_password_too_short_or_too_long_is_refused_with_its_limits(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        login.hash_password(password)
    assert caught.value.values == {"low": 10, "high": 256}
