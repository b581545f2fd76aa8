"""The worker process as a whole: it takes mail at its door, survives a poisoned one, and stops when told."""

import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from casso import db
from casso.gateways import spool
from casso.gateways.smtp_listener import SmtpListener
from casso.jobs.receive import receive_waiting
from casso.models import Heartbeat
from casso.worker import ClockWatch, is_known
from tests.desks import Desk
from tests.servers.ports import free_port
from tests.services.mails import mail, messages

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS = 30


@pytest.fixture
def port() -> int:
    return free_port()


def start(port: int) -> "subprocess.Popen[bytes]":
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT), "CASSO_SMTP_LISTEN": f"127.0.0.1:{port}"}
    return subprocess.Popen(
        [sys.executable, "-m", "casso", "worker"], env=environment, stderr=subprocess.DEVNULL
    )


@pytest.fixture
def worker(sqlite_desk: Desk, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    process = start(port)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(condition: object) -> None:
    """Wait for another process, which has no other way to tell."""
    end = time.monotonic() + LIMIT_SECONDS
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "the worker did not get there"
        time.sleep(0.05)


def connect(port: int) -> smtplib.SMTP:
    found: list[smtplib.SMTP] = []

    def answers() -> bool:
        try:
            found.append(smtplib.SMTP("127.0.0.1", port, timeout=10))
        except OSError:
            return False
        return True

    until(answers)
    return found[0]


def test_a_mail_over_smtp_becomes_a_ticket_and_sigterm_ends_it(
    sqlite_desk: Desk, worker: "subprocess.Popen[bytes]", port: int
) -> None:
    with connect(port) as client:
        client.sendmail("anna@customer.test", [sqlite_desk.address], mail("over smtp"))
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("anna@customer.test", ["nobody@example.test"], mail())
    until(lambda: messages(sqlite_desk.system))
    assert messages(sqlite_desk.system)[0].text.strip() == "over smtp"
    with db.reading() as session:
        names = set(session.exec(select(Heartbeat.name)))
    assert "worker" in names
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    assert time.monotonic() - began < 10
    assert spool.waiting() == []


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        ("support@example.test", 250),
        ("support+anything@example.test", 250),
        ("Support+Sales+2026@Example.TEST", 250),
        (f"support+{'a' * 20}@example.test", 250),
        ("postmaster@example.test", 550),
        ("postmaster", 550),
        ("anything+support@example.test", 550),
        ("support+anything@elsewhere.test", 550),
        ("+support@example.test", 550),
    ],
)
def test_the_door_takes_a_mailbox_with_any_tag_and_nothing_else(
    sqlite_desk: Desk, recipient: str, code: int
) -> None:
    door = SmtpListener(is_known=is_known, store=spool.store, hostname="desk.example")
    door.start("127.0.0.1", 0)
    try:
        with smtplib.SMTP("127.0.0.1", door.port, "me.example", timeout=10) as client:
            client.ehlo()
            client.mail("anna@customer.test")
            assert client.rcpt(recipient)[0] == code
            assert code == 550 or client.data(mail("with a tag"))[0] == 250
    finally:
        door.stop()
    receive_waiting()
    found = messages(sqlite_desk.system)
    assert [(one.thread_reason, one.mailbox_id) for one in found] == (
        [("new", sqlite_desk.mine.mailbox_id)] if code == 250 else []
    )


def test_a_second_worker_beside_the_first_takes_work_without_the_door(
    sqlite_desk: Desk, worker: "subprocess.Popen[bytes]", port: int
) -> None:
    second = start(port)
    try:
        with connect(port) as client:
            for number in range(20):
                raw = mail(f"mail {number}", message_id=f"{number}@customer.test")
                client.sendmail("anna@customer.test", [sqlite_desk.address], raw)
        until(lambda: len(messages(sqlite_desk.system)) >= 20)
        second.send_signal(signal.SIGTERM)
        assert second.wait(10) == 0
    finally:
        second.kill()
        second.wait()
    assert len(messages(sqlite_desk.system)) == 20


def test_a_clock_set_back_is_noticed_once(sqlite_desk: Desk) -> None:
    watch = ClockWatch()
    assert not watch.was_set_back()
    sqlite_desk.clock.tick(days=1)
    assert not watch.was_set_back()
    sqlite_desk.clock.tick(days=-1)
    assert watch.was_set_back()
    assert not watch.was_set_back()
