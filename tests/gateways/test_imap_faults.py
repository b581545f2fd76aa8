"""Fetching from servers that fail in every way: the cursor stays right and nothing waits for ever."""

import socket
from collections.abc import Iterator

import pytest

from casso.gateways import spool
from casso.gateways.imap import (
    ConnectionReport,
    FetchReport,
    ImapAccount,
    ImapCursor,
    check_connection,
    fetch_new,
)
from casso.gateways.imap_session import ImapTarget
from tests.servers.line_server import line_server
from tests.servers.scripted_imap import ScriptedImap, scripted_imap
from tests.servers.smtp_sink import smtp_sink

pytestmark = pytest.mark.usefixtures("data_dir")
MAILS = {uid: f"Subject: {uid}\r\n\r\nbody {uid}\r\n".encode() for uid in (3, 5, 8, 9)}


@pytest.fixture
def server() -> Iterator[ScriptedImap]:
    with scripted_imap(MAILS) as running:
        yield running


def fetch(server: ScriptedImap, cursor: ImapCursor | None = None, **limits: float) -> FetchReport:
    account = ImapAccount(target(server.port), "imap:7", "help@desk.example")
    quick = {"timeout_seconds": 0.3, "budget_seconds": 20} | limits
    return fetch_new(account, cursor or ImapCursor(7, 0), store=spool.store, **quick)  # type: ignore[arg-type]


def target(port: int, **changed: str) -> ImapTarget:
    return ImapTarget("127.0.0.1", "me", "secret", port=port, **{"security": "none"} | changed)  # type: ignore[arg-type]


def check(port: int, **changed: str) -> ConnectionReport:
    return check_connection(target(port, **changed), timeout_seconds=0.4, budget_seconds=5)


def problem(report: FetchReport) -> str:
    return report.problem.code if report.problem else ""


def test_the_plain_path(server: ScriptedImap) -> None:
    report = fetch(server)
    assert (report.stored, report.cursor, problem(report)) == (4, ImapCursor(7, 9), "")


def test_only_reading_commands_are_sent(server: ScriptedImap) -> None:
    fetch(server)
    names = {command.split()[0] for command in server.commands}
    assert names == {"CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT"}
    assert all("PEEK" in command for command in server.commands if "BODY" in command)
    assert not any(word in command for command in server.commands for word in ("STORE", "SELECT", "EXPUNGE"))


@pytest.mark.parametrize("fault", ["hang", "drop", "no", "empty", "huge"])
def test_one_poisonous_mail_does_not_block_the_others(server: ScriptedImap, fault: str) -> None:
    server.faults[5] = fault
    report = fetch(server)
    assert (report.stored, report.cursor, problem(report)) == (3, ImapCursor(7, 9), "")
    assert [(mail.uid, mail.code) for mail in report.skipped] == [(5, "unreadable")]


@pytest.mark.parametrize("fault", ["hang", "drop", "no", "empty", "huge"])
def test_the_last_mail_is_not_given_up_as_long_as_it_may_be_the_network(
    server: ScriptedImap, fault: str
) -> None:
    server.faults[9] = fault
    report = fetch(server)
    assert (report.stored, report.cursor, report.skipped) == (3, ImapCursor(7, 8), ())
    assert problem(report)
    server.faults.clear()
    assert fetch(server, report.cursor).cursor == ImapCursor(7, 9)


def test_two_bad_mails_in_a_row_look_like_the_network_and_end_the_fetch(server: ScriptedImap) -> None:
    server.faults |= {5: "drop", 8: "drop"}
    report = fetch(server)
    assert (report.stored, report.cursor, report.skipped) == (1, ImapCursor(7, 3), ())
    assert problem(report) == "connection_lost"


def test_a_mail_that_fails_once_is_read_by_the_second_try(server: ScriptedImap) -> None:
    server.faults[5] = "drop"

    def store(raw: bytes, **envelope: object) -> str:
        server.faults.clear()  # after the first mail all is well again
        return spool.store(raw, **envelope)  # type: ignore[arg-type]

    account = ImapAccount(target(server.port), "imap:7", "help@desk.example")
    report = fetch_new(account, ImapCursor(7, 0), store=store, timeout_seconds=0.3)
    assert (report.stored, report.skipped) == (4, ())


def test_mail_removed_by_somebody_else_is_passed_in_silence(server: ScriptedImap) -> None:
    server.faults[5] = "lost"
    report = fetch(server)
    assert (report.stored, report.skipped, report.cursor, problem(report)) == (3, (), ImapCursor(7, 9), "")


def test_a_dripping_server_is_cut_off_at_the_budget(server: ScriptedImap) -> None:
    server.mails[5] = b"x" * 100_000
    server.faults[5] = "drip"
    report = fetch(server, timeout_seconds=5, budget_seconds=0.6)
    assert (report.stored, report.cursor) == (1, ImapCursor(7, 3))
    assert problem(report)


def test_a_changed_validity_starts_again(server: ScriptedImap) -> None:
    server.uid_validity = 8
    report = fetch(server, ImapCursor(7, 9))
    assert (report.stored, report.cursor) == (4, ImapCursor(8, 9))


def test_a_folder_made_anew_during_the_fetch_ends_it(server: ScriptedImap) -> None:
    server.faults[5] = "drop"

    def store(raw: bytes, **envelope: object) -> str:
        server.uid_validity = 8
        return spool.store(raw, **envelope)  # type: ignore[arg-type]

    account = ImapAccount(target(server.port), "imap:7", "help@desk.example")
    report = fetch_new(account, ImapCursor(7, 0), store=store, timeout_seconds=0.3)
    assert (problem(report), report.cursor) == ("folder_changed", ImapCursor(7, 3))


def test_fifty_thousand_old_mails_cost_a_few_searches(server: ScriptedImap) -> None:
    server.mails = dict.fromkeys(range(1, 50_001), b"x")
    report = fetch(server, ImapCursor(7, 49_990), timeout_seconds=10)
    assert report.stored == 10
    server.mails = {4_000_000: MAILS[3]}
    server.commands.clear()
    assert fetch(server, ImapCursor(7, 1), timeout_seconds=10).stored == 1
    assert sum(command.startswith("UID SEARCH") for command in server.commands) < 60


def test_a_refused_sign_in_is_said_and_the_cursor_stays(server: ScriptedImap) -> None:
    server.replies["LOGIN"] = "NO [AUTHENTICATIONFAILED] wrong password"
    report = fetch(server, ImapCursor(7, 5))
    assert (problem(report), report.cursor) == ("login_refused", ImapCursor(7, 5))
    assert report.problem
    assert "wrong password" in report.problem.text
    assert not report.problem.permanent


@pytest.mark.parametrize(
    ("greeting", "code"),
    [
        (b"", "timed_out"),
        (b"* BYE too busy\r\n", "server_busy"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not_imap"),
        (b"\xff" * 50 + b"\r\n", "not_imap"),
    ],
)
def test_a_wrong_greeting_is_told_apart_from_none(server: ScriptedImap, greeting: bytes, code: str) -> None:
    server.greeting = greeting
    assert check(server.port).code == code


def test_an_smtp_server_is_no_imap_server() -> None:
    with smtp_sink() as sink:
        assert check(sink.port).code == "not_imap"
        assert check(sink.port, security="tls").code == "tls_failed"


def test_encryption_that_is_not_offered_is_not_done_without(server: ScriptedImap) -> None:
    assert check(server.port, security="starttls").code == "encryption_missing"
    assert not any(command.startswith("LOGIN") for command in server.commands)


def test_nobody_listening_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert check(port).code == "connection_refused"


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_a_server_that_drips_its_greeting_is_cut_off(security: str) -> None:
    with line_server([("drip", b"x", 0.01)]) as port:
        report = check_connection(target(port, security=security), timeout_seconds=5, budget_seconds=0.3)
    assert report.code in ("connection_lost", "tls_failed", "timed_out", "not_imap")


HOSTILE_REPLIES = {
    "UID SEARCH": ["OK done", "BAD what", "NO not now"],
    "UID FETCH": ["OK done", "BAD what"],
    "CAPABILITY": ["BAD what"],
    "EXAMINE": ["OK without numbers", "BAD what"],
}


@pytest.mark.parametrize(
    ("command", "reply"), [(name, reply) for name, many in HOSTILE_REPLIES.items() for reply in many]
)
def test_odd_replies_never_move_the_cursor_past_unread_mail(
    server: ScriptedImap, command: str, reply: str
) -> None:
    server.replies[command] = reply
    report = fetch(server, ImapCursor(7, 2))
    assert report.stored == 0
    assert report.cursor.last_uid in (0, 2) or command == "UID FETCH"


def test_every_cut_of_the_exchange_leaves_the_cursor_right(server: ScriptedImap) -> None:
    cursor = ImapCursor(7, 0)
    for uid in MAILS:
        server.faults = {later: "drop" for later in MAILS if later > uid}
        cursor = fetch(server, cursor).cursor
        assert cursor == ImapCursor(7, uid)
    assert sorted(spool.read(name)[1] for name in spool.waiting()) == sorted(MAILS.values())


def test_a_doubtful_mail_holds_the_cursor_although_later_ones_are_too_large_or_gone(
    server: ScriptedImap,
) -> None:
    server.mails[8] = b"x" * 5000
    server.faults |= {5: "drop", 9: "lost"}
    report = fetch(server, size_limit=1000)
    assert (report.stored, report.cursor, problem(report)) == (1, ImapCursor(7, 3), "connection_lost")
