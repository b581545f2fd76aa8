"""A new password: with the old one or with a link, once, told by mail, and everybody else is out."""

from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy

import pytest
from sqlmodel import select

from casso.db import reading, transaction
from casso.errors import CassoError, Invalid, NotAllowed, NotProved, TooManyTries
from casso.models import Account, LinkToken
from casso.services import links, login, notice_sending, password_changes, sessions
from casso.services.links import LinkPurpose
from casso.values.caller import Caller
from tests.desks import PASSWORD, Desk
from tests.services.people import AWAY, HOME, actor_of, add_member, notices, open_session, trail

NEW = "seven grey herons wading"


def asked(desk: Desk, email: str | None = None) -> None:
    password_changes.request_reset(desk.owner.email if email is None else email, AWAY)


def mailed_token(desk: Desk) -> str:
    """The token from the newest mail."""
    notice_sending.send_due()
    newest = max((desk.folder / "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    body = message_from_bytes(newest.read_bytes(), policy=policy.default).get_body(("plain",))  # type: ignore[attr-defined]
    (token,) = [word.rpartition("/")[2] for word in body.get_content().split() if "/reset/" in word]
    return str(token)


def may_enter(desk: Desk, password: str) -> bool:
    try:
        login.check_password(desk.owner.email, password, HOME)
    except NotAllowed:
        return False
    return True


def test_a_link_from_the_mail_sets_a_new_password(desk: Desk) -> None:
    asked(desk)
    token = mailed_token(desk)
    assert password_changes.find_reset(token) == desk.owner.email
    password_changes.reset_password(token, NEW, AWAY)
    assert may_enter(desk, NEW)
    assert not may_enter(desk, PASSWORD)


def test_it_ends_every_session_and_every_other_link_and_tells_the_person(desk: Desk) -> None:
    tokens = [open_session(desk.owner.account_id) for _ in range(3)]
    asked(desk)
    first = mailed_token(desk)
    asked(desk)
    with transaction() as session:
        change = links.make(session, LinkPurpose.MAIL_CHANGE, account_id=desk.owner.account_id)
    password_changes.reset_password(mailed_token(desk), NEW, AWAY)
    assert [sessions.find_session(token) for token in tokens] == [None] * 3
    assert links.find(LinkPurpose.RESET, first) is None
    assert links.find(LinkPurpose.MAIL_CHANGE, change) is None
    assert [notice.kind for notice in notices()] == ["reset", "reset", "password_changed"]
    assert notices()[-1].recipient == desk.owner.email
    assert trail(desk, "account.password_changed") == ["Chrome 141 on Linux, 198.51.100.9"]


def test_of_twenty_who_open_the_link_at_once_one_sets_the_password(desk: Desk) -> None:
    asked(desk)
    token = mailed_token(desk)
    chosen = [f"seven grey herons {number}" for number in range(20)]

    def try_one(password: str) -> bool:
        try:
            password_changes.reset_password(token, password, AWAY)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        won = [password for password, done in zip(chosen, pool.map(try_one, chosen), strict=True) if done]
    assert len(won) == 1
    assert may_enter(desk, won[0])
    assert [notice.kind for notice in notices()].count("password_changed") == 1


def test_a_link_ends_after_an_hour(sqlite_desk: Desk) -> None:
    asked(sqlite_desk)
    token = mailed_token(sqlite_desk)
    sqlite_desk.clock.tick(minutes=61)
    with pytest.raises(Invalid):
        password_changes.reset_password(token, NEW, AWAY)
    assert may_enter(sqlite_desk, PASSWORD)


def test_a_weak_password_does_not_use_the_link_up(sqlite_desk: Desk) -> None:
    asked(sqlite_desk)
    token = mailed_token(sqlite_desk)
    for weak in ("", "short", "1234567890", "x" * 1_000_000, "owner@example.test", NEW + "\x00"):
        with pytest.raises(Invalid):
            password_changes.reset_password(token, weak, AWAY)
    password_changes.reset_password(token, NEW, AWAY)


@pytest.mark.parametrize(
    "email", ["nobody@example.test", "", "x" * 5000, "\x00", "a@b\r\nBcc: eve@evil.test"]
)
def test_an_address_that_nobody_has_is_answered_like_any_other(desk: Desk, email: str) -> None:
    asked(desk, email)
    assert notices() == []
    with reading() as session:
        assert session.exec(select(LinkToken)).all() == []


def test_a_disabled_account_gets_no_link_and_a_link_from_before_is_dead(sqlite_desk: Desk) -> None:
    asked(sqlite_desk)
    token = mailed_token(sqlite_desk)
    with transaction() as session:
        session.get_one(Account, sqlite_desk.owner.account_id).disabled_at = sqlite_desk.clock.now()
    with pytest.raises(Invalid):
        password_changes.find_reset(token)
    asked(sqlite_desk)
    assert len(notices()) == 1


def test_asking_again_and_again_is_throttled_whatever_the_address(sqlite_desk: Desk) -> None:
    for email in (sqlite_desk.owner.email, "nobody@example.test"):
        for _ in range(3):
            asked(sqlite_desk, email)
        with pytest.raises(TooManyTries):
            asked(sqlite_desk, email)
    assert len(notices()) == 3


def test_asking_leaves_a_line_with_the_address_it_came_from(sqlite_desk: Desk) -> None:
    asked(sqlite_desk)
    assert trail(sqlite_desk, "account.reset_asked") == ["Chrome 141 on Linux, 198.51.100.9"]


def test_the_old_password_allows_a_new_one_and_this_browser_stays_with_a_new_id(desk: Desk) -> None:
    here, elsewhere = open_session(desk.owner.account_id), open_session(desk.owner.account_id, AWAY)
    fresh = password_changes.change_password(actor_of(here), PASSWORD, NEW, HOME)
    assert sessions.find_session(here) is None
    assert sessions.find_session(elsewhere) is None
    assert actor_of(fresh).account_id == desk.owner.account_id
    assert may_enter(desk, NEW)
    assert [notice.kind for notice in notices()][-1] == "password_changed"
    assert len(trail(desk, "account.password_changed")) == len(trail(desk, "session.revoked")) == 1


@pytest.mark.parametrize(
    ("current", "chosen", "key"),
    [
        ("wrong horse battery", NEW, "error.password_wrong"),
        ("", NEW, "error.password_wrong"),
        (PASSWORD, "short", "error.password_length"),
        (PASSWORD, "1234567890", "error.password_common"),
        (PASSWORD, "owner@example.test", "error.password_weak"),
    ],
)
def test_a_wrong_or_weak_one_changes_nothing(sqlite_desk: Desk, current: str, chosen: str, key: str) -> None:
    here, elsewhere = open_session(sqlite_desk.owner.account_id), open_session(sqlite_desk.owner.account_id)
    with pytest.raises(CassoError) as caught:
        password_changes.change_password(actor_of(here), current, chosen, HOME)
    assert caught.value.key == key
    assert sessions.find_session(here)
    assert sessions.find_session(elsewhere)
    assert may_enter(sqlite_desk, PASSWORD)


def test_the_current_password_is_not_guessed_from_an_open_screen(sqlite_desk: Desk) -> None:
    actor = actor_of(open_session(sqlite_desk.owner.account_id))
    for number in range(5):
        with pytest.raises(NotAllowed):
            password_changes.change_password(actor, f"guess number {number}", NEW, HOME)
    with pytest.raises(TooManyTries):
        password_changes.change_password(actor, PASSWORD, NEW, HOME)


def test_an_account_without_a_password_sets_its_first_one_after_a_fresh_sign_in(sqlite_desk: Desk) -> None:
    ben = add_member(sqlite_desk.mine.organization_id)
    late = actor_of(open_session(ben))
    sqlite_desk.clock.tick(minutes=11)
    with pytest.raises(NotProved):
        password_changes.change_password(late, "", NEW, HOME)
    password_changes.change_password(actor_of(open_session(ben)), "", NEW, HOME)
    assert login.check_password("ben@example.test", NEW, Caller()).account_id == ben


def test_how_good_a_password_is_counts_what_is_known_of_the_person(sqlite_desk: Desk) -> None:
    assert password_changes.judge_mine(sqlite_desk.owner, NEW) == 4
    assert password_changes.judge_mine(sqlite_desk.owner, "owner@example.test") < 3
    assert password_changes.judge_mine(sqlite_desk.owner, "") == 0
