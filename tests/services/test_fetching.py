"""A real IMAP server is fetched under a lease: nothing twice, nothing lost, and failures wait longer."""

import zlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from casso import db
from casso.clock import now
from casso.gateways import spool
from casso.jobs.poll import poll_due
from casso.jobs.receive import receive_waiting
from casso.models import ImapAccount
from casso.services import mailboxes
from casso.services.fetching import LEASE, LONGEST_WAIT, POLL_EVERY, claim_due, fetch
from casso.services.mailboxes import ImapForm
from tests.desks import Desk
from tests.servers.dovecot import Dovecot, dovecot
from tests.services.mails import mail, messages


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    try:
        with dovecot() as running:
            yield running
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """An account of its own for each test."""
    return f"u{zlib.crc32(request.node.nodeid.encode())}"


def connect(desk: Desk, server: Dovecot, user: str, password: str = "") -> None:
    form = ImapForm(
        "127.0.0.1", user, password or server.password, port=server.port, security="none", folder="INBOX"
    )
    mailboxes.save_imap(desk.owner, desk.mine.mailbox_id, form)


def account(desk: Desk) -> ImapAccount:
    with db.reading(desk.mine.organization_id) as session:
        return session.exec(
            select(ImapAccount).where(ImapAccount.organization_id == desk.mine.organization_id)
        ).one()


def rewrite(desk: Desk, **values: object) -> None:
    """Change the account behind the service's back."""
    with db.transaction(desk.mine.organization_id) as session:
        session.execute(
            update(ImapAccount)
            .where(col(ImapAccount.organization_id) == desk.mine.organization_id)
            .values(**values)
        )


def next_round(desk: Desk) -> int:
    desk.clock.tick(seconds=POLL_EVERY.total_seconds() + 1)
    return poll_due()


def test_mail_that_comes_in_after_connecting_becomes_a_ticket(desk: Desk, server: Dovecot, user: str) -> None:
    connect(desk, server, user)
    assert poll_due() == 0
    server.deliver(user, mail("fresh"))
    assert next_round(desk) == 1
    receive_waiting()
    assert [found.text.strip() for found in messages(desk.system)] == ["fresh"]
    assert (account(desk).error_code, account(desk).failures) == ("", 0)
    assert server.seen_flags(user) == ""


def test_a_second_fetch_brings_nothing_again(desk: Desk, server: Dovecot, user: str) -> None:
    connect(desk, server, user)
    poll_due()
    server.deliver(user, mail("once"))
    assert next_round(desk) == 1
    assert next_round(desk) == 0


def test_an_account_is_not_due_before_its_time(desk: Desk, server: Dovecot, user: str) -> None:
    connect(desk, server, user)
    poll_due()
    assert claim_due() == []
    desk.clock.tick(seconds=POLL_EVERY.total_seconds() + 1)
    assert len(claim_due()) == 1


def test_two_workers_never_fetch_the_same_account(desk: Desk, server: Dovecot, user: str) -> None:
    connect(desk, server, user)
    assert len(claim_due()) == 1
    assert claim_due() == []
    desk.clock.tick(seconds=LEASE.total_seconds() + 1)
    assert len(claim_due()) == 1


def test_a_crash_before_the_cursor_is_saved_doubles_nothing(desk: Desk, server: Dovecot, user: str) -> None:
    connect(desk, server, user)
    poll_due()
    server.deliver(user, mail("once", message_id="once@customer.test"))
    desk.clock.tick(seconds=POLL_EVERY.total_seconds() + 1)
    before = account(desk)
    assert next_round(desk) == 1
    receive_waiting()
    rewrite(desk, last_uid=before.last_uid)
    assert next_round(desk) == 1
    receive_waiting()
    assert len(messages(desk.system)) == 1
    assert spool.waiting() == []


def test_a_worker_that_lost_its_lease_does_not_move_the_cursor(
    desk: Desk, server: Dovecot, user: str
) -> None:
    connect(desk, server, user)
    poll_due()
    desk.clock.tick(seconds=POLL_EVERY.total_seconds() + 1)
    slow = claim_due()[0]
    desk.clock.tick(seconds=LEASE.total_seconds() + 1)
    claim_due()
    server.deliver(user, mail())
    before = account(desk).last_uid
    fetch(slow)
    assert account(desk).last_uid == before


def test_a_refused_sign_in_is_said_and_waits_longer_each_time(desk: Desk, server: Dovecot, user: str) -> None:
    connect(desk, server, user, "wrong")
    waits = []
    for _ in range(8):
        poll_due()
        found = account(desk)
        assert found.next_poll_at
        waits.append(found.next_poll_at - now())
        desk.clock.moment = found.next_poll_at + timedelta(seconds=1)
    assert found.error_code == "login_refused"
    assert found.failures == 8
    assert waits == sorted(waits)
    assert timedelta(seconds=50) < waits[0] <= timedelta(minutes=1)
    assert waits[-1] <= LONGEST_WAIT


def test_new_settings_are_tried_at_once(desk: Desk, server: Dovecot, user: str) -> None:
    connect(desk, server, user, "wrong")
    poll_due()
    connect(desk, server, user)
    assert account(desk).error_code == ""
    poll_due()
    assert account(desk).checked_at
    assert account(desk).failures == 0


def test_a_password_that_no_key_opens_is_said(sqlite_desk: Desk, server: Dovecot, user: str) -> None:
    connect(sqlite_desk, server, user)
    rewrite(sqlite_desk, password_sealed="gone")
    poll_due()
    assert account(sqlite_desk).error_code == "wrong_secret_key"


def test_a_cursor_of_full_32_bits_fits_the_database(desk: Desk, server: Dovecot, user: str) -> None:
    connect(desk, server, user)
    rewrite(desk, uid_validity=2**32 - 1, last_uid=2**32 - 1)
    assert (account(desk).uid_validity, account(desk).last_uid) == (2**32 - 1, 2**32 - 1)


def test_one_broken_account_does_not_stop_another(desk: Desk, server: Dovecot, user: str) -> None:
    connect(desk, server, user)
    other = ImapForm("127.0.0.1", user, "wrong", port=server.port, security="none")
    mailboxes.save_imap(desk.other.owner, desk.other.mailbox_id, other)
    poll_due()
    server.deliver(user, mail("still comes"))
    assert next_round(desk) == 1
