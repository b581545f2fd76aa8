"""Another mail address: both addresses confirm it, once, within an hour; nobody learns whose it is."""

import re
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy

import pytest
from sqlmodel import select

from casso.access import Actor
from casso.db import reading, transaction
from casso.errors import CassoError, Invalid, NotProved, TooManyTries
from casso.models import Account, LinkToken, MailChange
from casso.queries.mail_changes import MailChangeRow, get_mail_change
from casso.services import links, login, mail_changes, notice_sending, password_changes, sessions
from casso.services.links import LinkPurpose
from casso.services.login_sweeping import sweep_login
from casso.services.mail_changes import Side
from casso.values.caller import Caller
from tests.desks import PASSWORD, Desk
from tests.services.people import AWAY, HOME, add_member, notices, open_session, signed_in, trail

NEW = "olga@new.test"


def asked(desk: Desk, wanted: str = NEW, actor: Actor | None = None) -> Actor:
    """Ask for it with a fresh session."""
    who = actor or signed_in(desk.owner.account_id)
    mail_changes.request_mail_change(who, wanted, HOME)
    return who


def mailed(desk: Desk) -> dict[str, str]:
    """The newest token in a mail to each address."""
    notice_sending.send_due()
    found: dict[str, str] = {}
    for path in sorted((desk.folder / "outbox").glob("*.eml"), key=lambda one: one.stat().st_mtime_ns):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        text = mail.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
        for token in re.findall(r"/mail-change/(\S+)", text):
            found[mail["To"]] = token
    return found


def address_of(account_id: int | None) -> str:
    with reading() as session:
        return session.get_one(Account, account_id).email


def is_over(token: str) -> bool:
    try:
        mail_changes.find_mail_change(token)
    except Invalid:
        return True
    return False


@pytest.mark.parametrize("order", [("owner@example.test", NEW), (NEW, "owner@example.test")])
def test_it_counts_once_both_addresses_confirmed_it(desk: Desk, order: tuple[str, str]) -> None:
    actor = asked(desk)
    tokens = mailed(desk)
    assert mail_changes.confirm_mail_change(tokens[order[0]], AWAY).is_done is False
    assert address_of(actor.account_id) == desk.owner.email
    assert mail_changes.confirm_mail_change(tokens[order[1]], AWAY).is_done is True
    assert address_of(actor.account_id) == NEW
    assert get_mail_change(actor) == MailChangeRow()
    assert login.check_password(NEW, PASSWORD, HOME).account_id == actor.account_id
    with pytest.raises(CassoError):
        login.check_password(desk.owner.email, PASSWORD, HOME)


def test_one_address_alone_changes_nothing_however_often_it_confirms(desk: Desk) -> None:
    for side in (desk.owner.email, NEW):
        actor = asked(desk)
        tokens = mailed(desk)
        mail_changes.confirm_mail_change(tokens[side], AWAY)
        for _ in range(2):
            with pytest.raises(Invalid):
                mail_changes.confirm_mail_change(tokens[side], AWAY)
        assert address_of(actor.account_id) == desk.owner.email


def test_what_waits_is_shown_side_by_side(desk: Desk) -> None:
    actor = asked(desk)
    row = get_mail_change(actor)
    assert (row.new_email, row.is_old_confirmed, row.is_new_confirmed) == (NEW, False, False)
    assert row.expires_iso.startswith("2026-03-02T10:00")
    mail_changes.confirm_mail_change(mailed(desk)[NEW], AWAY)
    row = get_mail_change(actor)
    assert (row.is_old_confirmed, row.is_new_confirmed) == (False, True)


def test_a_link_says_what_it_asks_and_opening_it_changes_nothing(desk: Desk) -> None:
    actor = asked(desk)
    tokens = mailed(desk)
    for _ in range(3):
        found = mail_changes.find_mail_change(tokens[NEW])
        assert (found.side, found.email, found.new_email) == (Side.NEW, desk.owner.email, NEW)
        assert mail_changes.find_mail_change(tokens[desk.owner.email]).side is Side.OLD
    assert get_mail_change(actor).is_new_confirmed is False


def test_every_other_session_and_every_link_is_over_then_and_both_addresses_are_told(desk: Desk) -> None:
    others = [open_session(desk.owner.account_id, AWAY) for _ in range(2)]
    token = open_session(desk.owner.account_id)
    found = sessions.find_session(token)
    assert found is not None
    asked(desk, actor=found)
    password_changes.request_reset(desk.owner.email, AWAY)
    with transaction() as session:
        reset = links.make(session, LinkPurpose.RESET, account_id=desk.owner.account_id)
    tokens = mailed(desk)
    for side in (NEW, desk.owner.email):
        mail_changes.confirm_mail_change(tokens[side], AWAY)
    assert [sessions.find_session(other) for other in others] == [None, None]
    still = sessions.find_session(token)
    assert still is not None
    assert still.email == NEW
    assert links.find(LinkPurpose.RESET, reset) is None
    told = [notice.recipient for notice in notices() if notice.kind == "mail_changed"]
    assert told == [desk.owner.email, NEW]
    assert len(trail(desk, "session.revoked")) == 2


def test_a_taken_address_is_answered_like_any_other_and_its_owner_is_told(desk: Desk) -> None:
    taken = desk.other.owner.email
    actor = asked(desk, taken)
    assert get_mail_change(actor).new_email == taken
    tokens = mailed(desk)
    assert list(tokens) == [desk.owner.email]
    assert [(one.kind, one.recipient) for one in notices()][1:] == [("mail_change_taken", taken)]
    assert mail_changes.confirm_mail_change(tokens[desk.owner.email], HOME).is_done is False
    row = get_mail_change(actor)
    assert (row.new_email, row.is_old_confirmed, row.is_new_confirmed) == (taken, True, False)
    assert address_of(desk.other.owner.account_id) == taken
    with reading() as session:
        assert len(session.exec(select(LinkToken)).all()) == 1


def test_of_two_accounts_on_their_way_to_one_address_one_gets_it(desk: Desk) -> None:
    ben = add_member(desk.mine.organization_id)
    ways = []
    for account_id in (desk.owner.account_id, ben):
        actor = signed_in(account_id)
        mail_changes.request_mail_change(actor, NEW, HOME)
        tokens = mailed(desk)
        mail_changes.confirm_mail_change(tokens[actor.email], HOME)
        ways.append(tokens[NEW])

    def finish(token: str) -> str:
        try:
            return str(mail_changes.confirm_mail_change(token, HOME).is_done)
        except Invalid as error:
            return error.key

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(finish, ways)) == ["True", "error.email_taken"]
    assert [address_of(one) for one in (desk.owner.account_id, ben)].count(NEW) == 1


def test_of_twenty_who_confirm_both_sides_at_once_each_side_counts_once(desk: Desk) -> None:
    actor = asked(desk)
    tokens = list(mailed(desk).values()) * 10

    def confirm(token: str) -> int:
        try:
            return 2 if mail_changes.confirm_mail_change(token, AWAY).is_done else 1
        except Invalid:
            return 0

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(confirm, tokens))[-3:] == [0, 1, 2]
    assert address_of(actor.account_id) == NEW
    assert len(trail(desk, "account.mail_changed")) == 1


def test_the_links_end_after_an_hour_and_the_row_is_swept(sqlite_desk: Desk) -> None:
    actor = asked(sqlite_desk)
    tokens = mailed(sqlite_desk)
    mail_changes.confirm_mail_change(tokens[NEW], AWAY)
    sqlite_desk.clock.tick(minutes=61)
    with pytest.raises(Invalid):
        mail_changes.confirm_mail_change(tokens[sqlite_desk.owner.email], AWAY)
    assert get_mail_change(actor) == MailChangeRow()
    sweep_login()
    with reading() as session:
        assert session.exec(select(MailChange)).all() == []


def test_asking_again_ends_what_was_asked_before(desk: Desk) -> None:
    actor = asked(desk, "first@new.test")
    first = mailed(desk)
    asked(desk, NEW, actor)
    assert get_mail_change(actor).new_email == NEW
    assert is_over(first["first@new.test"])
    assert is_over(first[desk.owner.email])
    mail_changes.confirm_mail_change(mailed(desk)[desk.owner.email], HOME)
    assert address_of(actor.account_id) == desk.owner.email


def test_it_can_be_canceled(desk: Desk) -> None:
    actor = asked(desk)
    tokens = mailed(desk)
    mail_changes.confirm_mail_change(tokens[NEW], AWAY)
    for _ in range(2):
        mail_changes.cancel_mail_change(actor, HOME)
    assert is_over(tokens[desk.owner.email])
    assert get_mail_change(actor) == MailChangeRow()
    assert len(trail(desk, "account.mail_change_canceled")) == 1


@pytest.mark.parametrize("side", ["owner@example.test", NEW])
def test_either_address_can_say_no(desk: Desk, side: str) -> None:
    actor = asked(desk)
    tokens = mailed(desk)
    mail_changes.refuse_mail_change(tokens[side], AWAY)
    assert [is_over(token) for token in tokens.values()] == [True, True]
    assert get_mail_change(actor) == MailChangeRow()
    assert trail(desk, "account.mail_change_refused") == ["Chrome 141 on Linux, 198.51.100.9"]


def test_a_new_password_ends_it(sqlite_desk: Desk) -> None:
    actor = asked(sqlite_desk)
    tokens = mailed(sqlite_desk)
    password_changes.change_password(actor, PASSWORD, "seven grey herons wading", HOME)
    assert [is_over(token) for token in tokens.values()] == [True, True]
    assert get_mail_change(signed_in(actor.account_id)) == MailChangeRow()


def test_a_disabled_account_changes_nothing(sqlite_desk: Desk) -> None:
    actor = asked(sqlite_desk)
    tokens = mailed(sqlite_desk)
    with transaction() as session:
        session.get_one(Account, actor.account_id).disabled_at = sqlite_desk.clock.now()
    for token in tokens.values():
        assert is_over(token)
        with pytest.raises(Invalid):
            mail_changes.confirm_mail_change(token, AWAY)


def test_it_needs_a_fresh_proof(sqlite_desk: Desk) -> None:
    actor = signed_in(sqlite_desk.owner.account_id)
    sqlite_desk.clock.tick(minutes=11)
    with pytest.raises(NotProved):
        mail_changes.request_mail_change(actor, NEW, HOME)
    assert notices() == []


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        ("", "error.email"),
        ("no address", "error.email"),
        ("a@b.test\r\nBcc: eve@evil.test", "error.email"),
        ("a@b.test\x00", "error.email"),
        ("x" * 400 + "@b.test", "error.email"),
        (" OWNER@example.test ", "error.email_same"),
    ],
)
def test_what_is_no_other_address_sends_nothing(sqlite_desk: Desk, wanted: str, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        asked(sqlite_desk, wanted)
    assert caught.value.key == key
    assert notices() == []


def test_asking_is_limited_for_an_account_and_for_an_address(sqlite_desk: Desk) -> None:
    actor = signed_in(sqlite_desk.owner.account_id)
    for number in range(5):
        mail_changes.request_mail_change(actor, f"olga{number}@new.test", HOME)
    with pytest.raises(TooManyTries):
        mail_changes.request_mail_change(actor, NEW, HOME)
    for number in range(5):
        other = signed_in(add_member(sqlite_desk.mine.organization_id, f"m{number}@example.test"))
        mail_changes.request_mail_change(other, "victim@new.test", Caller(ip=f"203.0.113.{number}"))
    last = signed_in(add_member(sqlite_desk.mine.organization_id, "last@example.test"))
    with pytest.raises(TooManyTries):
        mail_changes.request_mail_change(last, "victim@new.test", AWAY)


def test_a_link_for_something_else_confirms_nothing(sqlite_desk: Desk) -> None:
    asked(sqlite_desk)
    with transaction() as session:
        reset = links.make(session, LinkPurpose.RESET, account_id=sqlite_desk.owner.account_id)
    for token in (reset, "", "x" * 5000, "\x00"):
        with pytest.raises(Invalid):
            mail_changes.confirm_mail_change(token, AWAY)
        with pytest.raises(Invalid):
            mail_changes.refuse_mail_change(token, AWAY)


def test_every_organization_of_the_account_is_told(desk: Desk) -> None:
    add_member(desk.other.organization_id, desk.owner.email)
    asked(desk)
    for token in mailed(desk).values():
        mail_changes.confirm_mail_change(token, AWAY)
    for tenant in (desk.mine, desk.other):
        (line,) = trail(desk, "account.mail_changed", tenant.organization_id)
        assert line == f"{desk.owner.email}, {NEW}, Chrome 141 on Linux, 198.51.100.9"
        assert len(trail(desk, "account.mail_change_asked", tenant.organization_id)) == 1


def test_a_link_never_becomes_a_ticket_of_this_desk(sqlite_desk: Desk) -> None:
    asked(sqlite_desk, sqlite_desk.other.address)
    notice_sending.send_due()
    assert [(one.kind, one.state) for one in notices()] == [
        ("mail_change_old", "sent"),
        ("mail_change_new", "failed"),
    ]
