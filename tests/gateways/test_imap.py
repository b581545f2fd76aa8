"""Fetching from a real Dovecot: each mail once, stored before the cursor moves, no flag touched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from casso.errors import GatewayError
from casso.gateways import spool
from casso.gateways.imap import ImapAccount, ImapCursor, check_connection, fetch_new
from casso.gateways.imap_session import ImapTarget
from tests.servers.certificates import make_certificate
from tests.servers.dovecot import Dovecot, dovecot

pytestmark = pytest.mark.usefixtures("data_dir")


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@pytest.fixture
def account(server: Dovecot, request: pytest.FixtureRequest) -> ImapAccount:
    user = "u" + "".join(letter for letter in request.node.name.lower() if letter.isalnum())[-60:]
    target = ImapTarget("127.0.0.1", user, server.password, port=server.port, security="none")
    return ImapAccount(target, source="imap:7", recipient="help@desk.example")


def deliver(server: Dovecot, account: ImapAccount, *names: str) -> None:
    for name in names:
        server.deliver(account.target.username, raw_of(name))


def raw_of(name: str) -> bytes:
    return f"Subject: {name}\r\n\r\nbody of {name}\r\n".encode() + b"\xff\xfe\r\n"


def spooled() -> list[bytes]:
    return [spool.read(name)[1] for name in spool.waiting()]


def test_each_mail_is_stored_once_byte_for_byte(server: Dovecot, account: ImapAccount) -> None:
    deliver(server, account, "one", "two")
    first = fetch_new(account, ImapCursor(), store=spool.store)
    assert (first.stored, first.problem, first.has_more) == (2, None, False)
    assert sorted(spooled()) == [raw_of("one"), raw_of("two")]
    again = fetch_new(account, first.cursor, store=spool.store)
    assert (again.stored, again.cursor) == (0, first.cursor)
    deliver(server, account, "three")
    third = fetch_new(account, first.cursor, store=spool.store)
    assert (third.stored, third.cursor.last_uid) == (1, first.cursor.last_uid + 1)


def test_the_spool_learns_where_the_mail_came_from(server: Dovecot, account: ImapAccount) -> None:
    deliver(server, account, "one")
    report = fetch_new(account, ImapCursor(), store=spool.store)
    envelope, _ = spool.read(spool.waiting()[0])
    assert (envelope.source, envelope.recipient) == ("imap:7", "help@desk.example")
    assert envelope.detail == f"uid {report.cursor.uid_validity}/1"


def test_no_flag_is_touched(server: Dovecot, account: ImapAccount) -> None:
    deliver(server, account, "one")
    fetch_new(account, ImapCursor(), store=spool.store)
    assert "S" not in server.seen_flags(account.target.username)


NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_mail_from_before_the_account_began_is_passed_over(server: Dovecot, account: ImapAccount) -> None:
    account = replace(account, since=NOON)
    user = account.target.username
    server.deliver(user, raw_of("long ago"), at=NOON - timedelta(days=90))
    server.deliver(user, raw_of("that morning"), at=NOON - timedelta(minutes=1))
    server.deliver(user, raw_of("at noon"), at=NOON)
    first = fetch_new(account, ImapCursor(), store=spool.store)
    assert (first.stored, first.cursor.last_uid, first.problem) == (1, 3, None)
    assert b"Subject: at noon" in spooled()[0]


def test_a_folder_made_anew_brings_no_old_mail(server: Dovecot, account: ImapAccount) -> None:
    account = replace(account, since=NOON)
    server.deliver(account.target.username, raw_of("old"), at=NOON - timedelta(days=2))
    server.deliver(account.target.username, raw_of("new"), at=NOON + timedelta(days=2))
    report = fetch_new(account, ImapCursor(1, 40), store=spool.store)
    assert report.stored == 1
    assert b"Subject: new" in spooled()[0]


def test_an_empty_folder_is_no_problem_and_its_first_mail_is_new(
    server: Dovecot, account: ImapAccount
) -> None:
    account = replace(account, since=NOON)
    first = fetch_new(account, ImapCursor(), store=spool.store)
    assert (first.stored, first.problem) == (0, None)
    deliver(server, account, "first")
    assert fetch_new(account, first.cursor, store=spool.store).stored == 1


def test_a_backlog_is_taken_in_portions(server: Dovecot, account: ImapAccount) -> None:
    deliver(server, account, *(f"mail {number}" for number in range(7)))
    cursor, portions = ImapCursor(), []
    for _ in range(3):
        report = fetch_new(account, cursor, store=spool.store, limit=3)
        portions.append((report.stored, report.has_more))
        cursor = report.cursor
    assert portions == [(3, True), (3, True), (1, False)]
    assert len(spooled()) == 7


def test_a_store_that_fails_ends_the_fetch_before_that_mail(server: Dovecot, account: ImapAccount) -> None:
    deliver(server, account, "one", "two", "three")

    def failing(raw: bytes, **envelope: object) -> str:
        if b"two" in raw:
            raise spool.SpoolFull(OSError(28, "No space left on device"))
        return spool.store(raw, **envelope)  # type: ignore[arg-type]

    report = fetch_new(account, ImapCursor(), store=failing)
    assert (report.stored, report.cursor.last_uid) == (1, 1)
    assert report.problem
    assert report.problem.code == "spool_full"
    assert fetch_new(account, report.cursor, store=spool.store).stored == 2


def test_a_mail_over_the_limit_is_reported_and_passed(server: Dovecot, account: ImapAccount) -> None:
    deliver(server, account, "x" * 3000, "small")
    report = fetch_new(account, ImapCursor(), store=spool.store, size_limit=1000)
    assert report.stored == 1
    assert [(mail.uid, mail.code) for mail in report.skipped] == [(1, "too_large")]
    assert report.skipped[0].size > 6000
    assert report.cursor.last_uid == 2


def test_a_folder_made_anew_is_read_again_and_the_spool_knows_the_mail(
    server: Dovecot, account: ImapAccount
) -> None:
    deliver(server, account, "one", "two")
    first = fetch_new(account, ImapCursor(), store=spool.store)
    server.forget_validity(account.target.username)
    again = fetch_new(account, first.cursor, store=spool.store)
    assert again.cursor.uid_validity != first.cursor.uid_validity
    assert again.stored == 2
    assert spool.count_waiting() == 2


def test_another_folder_with_letters_outside_ascii(server: Dovecot, account: ImapAccount) -> None:
    server.deliver(account.target.username, raw_of("filed"), "Entw&APw-rfe")
    account = replace(account, target=replace(account.target, folder="Entwürfe"))
    report = fetch_new(account, ImapCursor(), store=spool.store)
    assert report.stored == 1


def test_a_working_account_is_said_to_work(server: Dovecot, account: ImapAccount) -> None:
    deliver(server, account, "one", "two")
    report = check_connection(account.target)
    assert (report.is_ok, report.code, report.message_count) == (True, "ok", 2)


def test_a_wrong_password_is_said(account: ImapAccount) -> None:
    report = check_connection(replace(account.target, password="wrong-canary"))
    assert (report.is_ok, report.code) == (False, "login_refused")
    assert "canary" not in report.detail
    assert "canary" not in repr(replace(account.target, password="wrong-canary"))


def test_a_password_with_other_letters_reaches_the_server(account: ImapAccount) -> None:
    assert check_connection(replace(account.target, password="pässwörd")).code == "login_refused"


def test_a_missing_folder_is_said(account: ImapAccount) -> None:
    report = check_connection(replace(account.target, folder="Nowhere"))
    assert report.code == "folder_missing"
    assert "Nowhere" in report.detail


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encryption_works_and_an_unknown_certificate_does_not(
    server: Dovecot, account: ImapAccount, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.tls_port if security == "tls" else server.port
    target = replace(account.target, host="localhost", port=port, security=security)
    assert check_connection(target).code == "certificate_invalid"
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate.certificate))
    assert check_connection(target).is_ok


def test_a_certificate_for_another_name_is_refused(
    server: Dovecot, account: ImapAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(make_certificate(tmp_path, "other.example").certificate))
    target = replace(account.target, host="localhost", port=server.tls_port, security="tls")
    assert check_connection(target).code == "certificate_invalid"


@pytest.mark.parametrize("name", ["username", "password", "folder", "host"])
def test_control_characters_never_reach_the_server(account: ImapAccount, name: str) -> None:
    target = replace(account.target, **{name: "a\r\nA1 DELETE INBOX"})
    report = fetch_new(replace(account, target=target), ImapCursor(), store=spool.store)
    assert isinstance(report.problem, GatewayError)
    assert (report.problem.code, report.problem.permanent) == ("bad_setting", True)
