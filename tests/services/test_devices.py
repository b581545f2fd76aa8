"""The person hears of a browser that was never seen before, and of no other."""

import pytest
from sqlmodel import select

from casso.db import reading
from casso.models import KnownDevice
from casso.services import devices, notice_sending
from casso.values.caller import Caller
from tests.desks import Desk
from tests.services.people import AWAY, CHROME, FIREFOX, HOME, notices, open_session


def kinds() -> list[str]:
    return [notice.kind for notice in notices()]


def test_the_first_sign_in_of_an_account_is_no_news(desk: Desk) -> None:
    open_session(desk.owner.account_id)
    assert kinds() == []


def test_a_new_browser_or_network_is_told_once(desk: Desk) -> None:
    for _ in range(3):
        open_session(desk.owner.account_id, HOME)
        open_session(desk.owner.account_id, AWAY)
    assert kinds() == ["new_device"]
    assert notices()[0].recipient == desk.owner.email


@pytest.mark.parametrize(
    ("caller", "is_news"),
    [
        (Caller("192.0.2.99", FIREFOX), False),
        (Caller("192.0.2.7", FIREFOX.replace("144", "145")), False),
        (Caller("198.51.100.9", FIREFOX), True),
        (Caller("192.0.2.7", CHROME), True),
        (Caller("", ""), True),
    ],
)
def test_an_update_or_another_address_in_the_same_network_is_no_news(
    sqlite_desk: Desk, caller: Caller, is_news: bool
) -> None:
    open_session(sqlite_desk.owner.account_id, HOME)
    open_session(sqlite_desk.owner.account_id, caller)
    assert kinds() == ["new_device"] * is_news


def test_a_browser_known_for_one_account_is_new_for_another(sqlite_desk: Desk) -> None:
    open_session(sqlite_desk.owner.account_id, HOME)
    open_session(sqlite_desk.other.owner.account_id, AWAY)
    open_session(sqlite_desk.other.owner.account_id, HOME)
    assert [notice.recipient for notice in notices()] == [sqlite_desk.other.owner.email]


def test_the_mail_says_when_from_where_with_what_and_what_to_do(sqlite_desk: Desk) -> None:
    open_session(sqlite_desk.owner.account_id, HOME)
    open_session(sqlite_desk.owner.account_id, AWAY)
    notice_sending.send_due()
    (path,) = (sqlite_desk.folder / "outbox").glob("*.eml")
    text = path.read_text()
    for said in ("Mar 2, 2026", "198.51.100.9", "Chrome 141 on Linux", "http://desk.example:3000/reset"):
        assert said in text


def test_of_browser_and_network_only_a_keyed_hash_is_kept(sqlite_desk: Desk) -> None:
    open_session(sqlite_desk.owner.account_id, HOME)
    with reading() as session:
        kept = repr(session.exec(select(KnownDevice)).all())
    assert "192.0.2" not in kept
    assert "Firefox" not in kept


def test_a_device_cookie_is_ours_for_one_account_and_opens_nothing(sqlite_desk: Desk) -> None:
    cookie = devices.device_cookie(7)
    assert devices.find_device(cookie, 7)
    assert devices.find_device(cookie, 8) == ""
    assert devices.find_device(cookie, None) == ""
    assert devices.find_device(cookie.replace("7.", "8.", 1), 8) == ""
    assert devices.device_cookie(7) != cookie
