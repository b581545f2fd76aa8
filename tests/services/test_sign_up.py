"""Open sign-up: nothing before the code, the same for every address, five tries, one organization."""

import re
from dataclasses import replace

import pytest
from sqlmodel import col, func, select

from casso import db
from casso.access import across_organizations
from casso.enums import Delivery, Role
from casso.errors import CassoError, Invalid, NotFound, TooManyTries
from casso.models import Account, LinkToken, Mailbox, Membership, Notice, Organization, PolicyAcceptance
from casso.services import login, notice_sending, password_changes, sign_up
from casso.services.login_sweeping import sweep_login
from casso.services.mailboxes import MailboxForm, update_mailbox
from casso.services.notices import NoticeKind
from casso.services.sessions import find_session, open_session
from tests.desks import PASSWORD, Desk
from tests.services.agreed import agreed
from tests.services.people import AWAY, HOME, count_sessions, notices
from tests.services.signing_up import FORM, GOOD, NEW, begin, codes, mails, open_desk
from tests.services.test_members import race
from tests.trails import trail_of

MADE = (Account, Organization, Membership, Mailbox, PolicyAcceptance)


@pytest.fixture(autouse=True)
def _open(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the desk was made."""
    request.getfixturevalue("desk" if "desk" in request.fixturenames else "sqlite_desk")
    open_desk(monkeypatch)


def counted() -> list[int]:
    """How many rows there are of what a sign-up makes."""
    with db.reading() as session, across_organizations(session, "tests"):
        return [session.exec(select(func.count()).select_from(table)).one() for table in MADE]


def the_key(act: object, *arguments: object) -> str:
    with pytest.raises(CassoError) as caught:
        act(*arguments)  # type: ignore[operator]
    return caught.value.key


def test_the_code_from_the_mail_makes_organization_owner_and_mailbox(desk: Desk) -> None:
    before = counted()
    token = begin(organization="  Nord Licht ", time_zone="Europe/Oslo")
    assert counted() == before
    (code,) = codes()
    assert re.fullmatch(r"\d{4} \d{4}", code)
    assert code in mails(desk)[0]
    proved = sign_up.finish(token, code, HOME)
    assert [now - then for now, then in zip(counted(), before, strict=True)] == [1, 1, 1, 1, 2]
    actor = find_session(open_session(proved, HOME))
    assert actor is not None
    assert (actor.name, actor.email, actor.role, actor.is_operator) == ("Nora Berg", NEW, Role.OWNER, False)
    assert actor.time_zone == "Europe/Oslo"
    assert actor.organization_id not in (desk.mine.organization_id, desk.other.organization_id)
    assert login.check_password(NEW, GOOD, HOME).account_id == proved.account_id
    with db.reading(actor.organization_id) as session:
        home = session.exec(select(Mailbox).where(Mailbox.organization_id == actor.organization_id)).one()
    assert home.address.startswith("nord-licht-")
    assert home.address.endswith("@desk.example")
    for action in ("organization.created", "account.agreed"):
        (line,) = trail_of(actor.organization_id, action)
        assert line.account_id == proved.account_id


def test_a_long_name_leaves_room_for_a_reply_token_in_the_mailbox_address(sqlite_desk: Desk) -> None:
    token = begin(organization="Grand Old Company of the Northern Fjords and Lights")
    proved = sign_up.finish(token, codes()[0], HOME)
    actor = find_session(open_session(proved, HOME))
    assert actor is not None
    with db.reading(actor.organization_id) as session:
        home = session.exec(select(Mailbox).where(Mailbox.organization_id == actor.organization_id)).one()
    update_mailbox(actor, home.id or 0, MailboxForm(address=home.address, name="Desk"))


@pytest.mark.parametrize("typed", ["{} ", " {}", "{gapless}"])
def test_a_code_may_be_typed_with_or_without_its_gap(sqlite_desk: Desk, typed: str) -> None:
    token = begin()
    (code,) = codes()
    assert sign_up.finish(token, typed.format(code, gapless=code.replace(" ", "")), HOME).account_id


def test_closed_there_is_no_sign_up_at_all(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    token = begin()
    (code,) = codes()
    monkeypatch.setattr(sign_up, "is_open", lambda: False)
    for act in (begin, lambda: sign_up.find_waiting(token), lambda: sign_up.finish(token, code, HOME)):
        with pytest.raises(NotFound):
            act()


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"email": "nobody"}, "error.email"),
        ({"organization": " "}, "error.organization_name"),
        ({"first_name": " "}, "error.name"),
        ({"password": "short"}, "error.password_length"),
        ({"password": "password123"}, "error.password_common"),
        ({"password": "nora@new.test"}, "error.password_weak"),
    ],
)
def test_a_wrong_field_is_named_and_mails_nothing(
    sqlite_desk: Desk, changed: dict[str, str], key: str
) -> None:
    for _ in range(5):
        assert the_key(lambda: begin(**changed)) == key
    assert notices() == []
    assert begin()


def test_without_both_ticks_nothing_is_mailed(sqlite_desk: Desk) -> None:
    for given in (replace(agreed(), has_agreed=False), replace(agreed(), is_adult=False)):
        assert the_key(sign_up.begin, FORM, given, HOME) in ("error.agree", "error.adult")
    assert notices() == []


def test_after_five_wrong_codes_the_right_one_is_too_late(desk: Desk) -> None:
    token, before = begin(), counted()
    (code,) = codes()
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08d}"
    for caller in (HOME, AWAY, HOME, AWAY, HOME):
        assert the_key(sign_up.finish, token, wrong, caller) == "error.sign_up_code"
    for caller in (HOME, AWAY):
        with pytest.raises(TooManyTries):
            sign_up.finish(token, code, caller)
    desk.clock.tick(minutes=29)
    with pytest.raises(TooManyTries):
        sign_up.finish(token, code, HOME)
    desk.clock.tick(minutes=2)
    assert the_key(sign_up.finish, token, code, HOME) == "error.sign_up_over"
    assert counted() == before


def test_a_code_is_over_after_half_an_hour_and_swept(sqlite_desk: Desk) -> None:
    token = begin()
    (code,) = codes()
    sqlite_desk.clock.tick(minutes=31)
    assert the_key(sign_up.finish, token, code, HOME) == "error.sign_up_over"
    assert the_key(sign_up.find_waiting, token) == "error.sign_up_over"
    sweep_login()
    with db.reading() as session:
        assert session.exec(select(LinkToken)).all() == []


def test_of_many_at_once_one_makes_the_organization(desk: Desk) -> None:
    token, before = begin(), counted()
    (code,) = codes()
    outcomes = race(*[lambda: sign_up.finish(token, code, HOME)] * 5)
    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "error.link", "error.sign_up_over"}
    assert counted()[0] == before[0] + 1


def test_two_sign_ups_for_one_address_end_in_one_account(desk: Desk) -> None:
    first, second = begin(), begin(AWAY, organization="Another")
    one, two = codes()
    race(lambda: sign_up.finish(first, one, HOME), lambda: sign_up.finish(second, two, AWAY))
    with db.reading() as session:
        assert len(session.exec(select(Account).where(Account.email == NEW)).all()) == 1
        assert len(session.exec(select(Organization)).all()) == 3


def test_an_address_that_has_an_account_looks_the_same_and_its_owner_is_told(desk: Desk) -> None:
    before = counted()
    token = begin(email=desk.owner.email.upper())
    assert sign_up.find_waiting(token) == desk.owner.email
    (notice,) = notices()
    assert (notice.kind, notice.recipient) == (NoticeKind.SIGN_UP_KNOWN, desk.owner.email)
    assert codes() == []
    assert "http://desk.example:3000/sign-in" in mails(desk)[0]
    for code in ("", "00000000", "1234 5678"):
        assert the_key(sign_up.finish, token, code, HOME) == "error.sign_up_code"
    assert counted() == before
    assert login.check_password(desk.owner.email, PASSWORD, HOME)


def test_nobody_prepares_an_account_under_a_strangers_address(desk: Desk) -> None:
    """The attacker's password, code and browser are worth nothing once the owner of the address signed up."""
    evil = begin(AWAY, organization="Evil", password="seven grey herons wading")
    assert the_key(login.check_password, NEW, "seven grey herons wading", AWAY) == "error.sign_in"
    assert count_sessions() == 0
    mine = begin()
    for_evil, for_me = codes()
    assert the_key(sign_up.finish, evil, for_me, AWAY) == "error.sign_up_code"
    proved = sign_up.finish(mine, for_me, HOME)
    assert the_key(sign_up.finish, evil, for_evil, AWAY) == "error.account_exists"
    assert the_key(login.check_password, NEW, "seven grey herons wading", AWAY) == "error.sign_in"
    assert login.check_password(NEW, GOOD, HOME) == proved
    with db.reading() as session:
        assert session.exec(select(Organization.name)).all() == ["Example", "Other", "Nord Licht"]


def test_a_half_done_sign_up_is_no_account_that_a_reset_could_open(desk: Desk) -> None:
    begin(AWAY)
    password_changes.request_reset(NEW, AWAY)
    assert [notice.kind for notice in notices()] == [NoticeKind.SIGN_UP_CODE]


def test_an_address_is_not_flooded_with_codes(sqlite_desk: Desk) -> None:
    for _ in range(3):
        begin()
    with pytest.raises(TooManyTries):
        begin(AWAY)
    assert len(notices()) == 3
    assert begin(email="else@new.test")


def test_nothing_that_was_typed_is_in_the_mail_and_it_speaks_the_readers_language(sqlite_desk: Desk) -> None:
    begin(organization="BUY-PILLS.example", first_name="BUY-PILLS.example", locale="de")
    (text,) = mails(sqlite_desk)
    assert "PILLS" not in text
    assert "Der Code ist" in text


def test_a_code_is_never_mailed_into_the_desk_itself(sqlite_desk: Desk) -> None:
    begin(email=sqlite_desk.address)
    notice_sending.send_due()
    with db.reading() as session:
        row = session.exec(select(Notice)).one()
    assert (row.state, row.sealed) == (Delivery.FAILED, "")
    assert mails(sqlite_desk) == []


def test_what_waits_lies_sealed(sqlite_desk: Desk) -> None:
    token = begin()
    with db.reading() as session:
        row = session.exec(select(LinkToken).order_by(col(LinkToken.id))).one()
        notice = session.exec(select(Notice)).one()
    (code,) = codes()
    stored = row.detail + row.token_hash + notice.sealed
    for secret in (token, code, code.replace(" ", ""), GOOD, NEW, "argon2", "Nord"):
        assert secret not in stored


def test_a_wrong_code_counts_for_its_own_sign_up_alone(sqlite_desk: Desk) -> None:
    first, second = begin(), begin(email="else@new.test")
    codes_of = codes()
    for _ in range(5):
        with pytest.raises(Invalid):
            sign_up.finish(first, "0", HOME)
    assert sign_up.finish(second, codes_of[1], HOME).account_id
