"""Signing in: one answer for every wrong try, tokens stored only as hashes, sessions that end."""

import pytest
from argon2 import PasswordHasher
from sqlmodel import SQLModel, select

from casso.access import across_organizations
from casso.db import reading, transaction
from casso.enums import Strength
from casso.errors import Invalid, NotAllowed, TooManyTries
from casso.models import Account, SignIn
from casso.services import devices, login, sessions
from casso.values.caller import Caller
from casso.values.proved import Proved
from tests.desks import PASSWORD, Desk
from tests.queries.plans import recorded
from tests.trails import trail_of

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"


def sign_in(desk: Desk, password: str = PASSWORD, email: str = "") -> str:
    return login.sign_in(email or desk.owner.email, password, ip="192.0.2.7", browser="Firefox 140")


def stored_account(desk: Desk) -> Account:
    with reading() as session:
        return session.exec(select(Account).where(Account.email == desk.owner.email)).one()


def test_the_right_password_opens_a_session_of_that_person(desk: Desk) -> None:
    actor = sessions.find_session(sign_in(desk))
    assert actor is not None
    assert (actor.account_id, actor.organization_id) == (desk.owner.account_id, desk.owner.organization_id)


def test_the_address_counts_in_any_case_and_with_spaces(desk: Desk) -> None:
    assert sessions.find_session(sign_in(desk, email=f"  {desk.owner.email.upper()} "))


def test_what_was_proved_is_told_apart_from_a_session(sqlite_desk: Desk) -> None:
    proved = login.check_password(sqlite_desk.owner.email, PASSWORD, Caller())
    assert proved == Proved(sqlite_desk.owner.account_id or 0, Strength.PASSWORD)
    assert count(SignIn) == 0
    token = sessions.open_session(proved, Caller(ip="192.0.2.7", browser=FIREFOX))
    actor = sessions.find_session(token)
    assert actor is not None
    assert actor.account_id == proved.account_id


def count(table: type[SQLModel]) -> int:
    with reading() as session, across_organizations(session, "test"):
        return len(session.exec(select(table)).all())


def test_guesses_are_throttled_and_the_owner_still_gets_in_with_a_known_browser(desk: Desk) -> None:
    device = devices.device_cookie(desk.owner.account_id or 0)
    refused = [guess(desk, f"wrong password {number}") for number in range(30)]
    assert refused.count(NotAllowed) == 5
    assert refused.count(TooManyTries) == 25
    assert guess(desk, PASSWORD) is TooManyTries
    assert guess(desk, PASSWORD, device=device) is None


def guess(desk: Desk, password: str, *, ip: str = "203.0.113.5", device: str = "") -> type | None:
    try:
        login.check_password(desk.owner.email, password, Caller(ip=ip, device=device))
    except (NotAllowed, TooManyTries) as error:
        return type(error)
    return None


def test_a_device_cookie_of_another_account_or_a_forged_one_counts_for_nothing(sqlite_desk: Desk) -> None:
    theirs = devices.device_cookie(sqlite_desk.other.owner.account_id or 0)
    mine = devices.device_cookie(sqlite_desk.owner.account_id or 0)
    forged = mine[:-1] + ("0" if mine[-1] != "0" else "1")
    for number in range(5):
        guess(sqlite_desk, f"wrong password {number}")
    for device in (theirs, forged, "", "x", f"{sqlite_desk.owner.account_id}..", "\ud800", "." * 500):
        assert guess(sqlite_desk, PASSWORD, device=device) is TooManyTries


def test_a_half_done_sign_in_opens_nothing_and_is_finished_once(sqlite_desk: Desk) -> None:
    proved = login.check_password(sqlite_desk.owner.email, PASSWORD, Caller())
    half = login.keep_half(proved)
    assert sessions.find_session(half) is None
    assert login.find_half(half) == proved
    with transaction() as session:
        finished = login.finish_half(session, half)
    assert finished == Proved(proved.account_id, Strength.TWO_FACTORS)
    assert login.find_half(half) is None
    with pytest.raises(Invalid), transaction() as session:
        login.finish_half(session, half)


def test_a_half_done_sign_in_ends_after_ten_minutes_and_with_the_next_one(sqlite_desk: Desk) -> None:
    proved = login.check_password(sqlite_desk.owner.email, PASSWORD, Caller())
    first = login.keep_half(proved)
    second = login.keep_half(proved)
    assert login.find_half(first) is None
    sqlite_desk.clock.tick(minutes=11)
    assert login.find_half(second) is None


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", "wrong horse battery"),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("\x00", PASSWORD),
        ("\ud800@example.com", "\ud800"),
        ("x" * 5000, "x" * 1_000_000),
    ],
)
def test_every_wrong_try_gets_the_same_answer(desk: Desk, email: str, password: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        sign_in(desk, password, email)
    assert caught.value.key == "error.sign_in"


def test_a_disabled_account_neither_signs_in_nor_stays_in(sqlite_desk: Desk) -> None:
    token = sign_in(sqlite_desk)
    with transaction() as session:
        found = session.exec(select(Account).where(Account.email == sqlite_desk.owner.email)).one()
        found.disabled_at = sqlite_desk.clock.now()
    assert sessions.find_session(token) is None
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
    assert sessions.find_session(token)
    sqlite_desk.clock.tick(days=13)
    assert sessions.find_session(token)
    sqlite_desk.clock.tick(days=15)
    assert sessions.find_session(token) is None


def test_a_session_ends_after_sixty_days_however_often_it_is_used(sqlite_desk: Desk) -> None:
    token = sign_in(sqlite_desk)
    for _ in range(5):
        sqlite_desk.clock.tick(days=11)
        assert sessions.find_session(token)
    sqlite_desk.clock.tick(days=6)
    assert sessions.find_session(token) is None


def test_signing_out_ends_this_session_alone(desk: Desk) -> None:
    here, elsewhere = sign_in(desk), sign_in(desk)
    sessions.sign_out(here)
    assert sessions.find_session(here) is None
    assert sessions.find_session(elsewhere)


def test_signing_out_twice_changes_nothing(sqlite_desk: Desk) -> None:
    token = sign_in(sqlite_desk)
    sessions.sign_out(token)
    sessions.sign_out(token)


def test_sign_in_and_sign_out_leave_one_line_each(sqlite_desk: Desk) -> None:
    sessions.sign_out(sign_in(sqlite_desk))
    lines = trail_of(sqlite_desk.mine.organization_id, "session.%")
    assert [line.action for line in lines] == ["session.started", "session.ended"]
    assert (lines[0].account_id, lines[0].ip) == (sqlite_desk.owner.account_id, "192.0.2.7")


def test_many_sessions_are_looked_up_at_once_and_only_those_that_hold(desk: Desk) -> None:
    tokens = [sign_in(desk), sign_in(desk), sign_in(desk, email=desk.other.owner.email)]
    ended = sign_in(desk)
    sessions.sign_out(ended)
    digests = [sessions.digest(token) for token in (*tokens, ended, "forged")]
    with recorded() as found:
        actors = sessions.find_sessions(digests)
    assert len(found) == 1
    assert actors == {sessions.digest(token): sessions.find_session(token) for token in tokens}
    assert sessions.find_sessions([]) == {}


def test_looking_sessions_up_for_a_push_is_no_visit(sqlite_desk: Desk) -> None:
    held = sessions.digest(sign_in(sqlite_desk))
    sqlite_desk.clock.tick(days=13)
    assert sessions.find_sessions([held])
    sqlite_desk.clock.tick(days=1, minutes=1)
    assert sessions.find_sessions([held]) == {}
    sqlite_desk.clock.tick(days=-10)
    assert sessions.find_sessions([held]) == {}


def test_a_disabled_account_is_no_longer_found_for_a_push(sqlite_desk: Desk) -> None:
    held = sessions.digest(sign_in(sqlite_desk))
    with transaction() as session:
        found = session.exec(select(Account).where(Account.email == sqlite_desk.owner.email)).one()
        found.disabled_at = sqlite_desk.clock.now()
    assert sessions.find_sessions([held]) == {}
