"""The SMTP door: acknowledged means stored; everything else is refused or told to come again."""

import logging
import re
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from casso.errors import GatewayError
from casso.gateways import spool
from casso.gateways.smtp_listener import SmtpListener

RAW = b"Subject: Hello\r\n\r\nbody\r\n.dot\r\n"
pytestmark = pytest.mark.usefixtures("data_dir")


def knows(address: str) -> bool:
    if address.startswith("broken"):
        raise RuntimeError(f"the database is down: {address}")
    return address.lower().endswith(("@desk.example", "@bücher.example"))


@contextmanager
def listening(store: spool.Store = spool.store, **limits: float) -> Iterator[SmtpListener]:
    listener = SmtpListener(is_known=knows, store=store, hostname="desk.example", **limits)  # type: ignore[arg-type]
    listener.start("127.0.0.1", 0)
    try:
        yield listener
    finally:
        listener.stop()


@pytest.fixture
def client() -> Iterator[smtplib.SMTP]:
    with (
        listening() as listener,
        smtplib.SMTP("127.0.0.1", listener.port, "me.example", timeout=10) as connected,
    ):
        connected.ehlo()
        yield connected


def submit(
    client: smtplib.SMTP, *recipients: str, raw: bytes = RAW, sender: str = "a@b.example"
) -> tuple[int, bytes]:
    client.mail(sender)
    for recipient in recipients:
        assert client.rcpt(recipient)[0] == 250
    return client.data(raw)


def stored() -> dict[str, bytes]:
    return {envelope.recipient: raw for envelope, raw in map(spool.read, spool.waiting())}


def test_an_acknowledged_mail_lies_in_the_spool_and_the_reply_names_it(client: smtplib.SMTP) -> None:
    code, reply = submit(client, "help@desk.example")
    assert code == 250
    (name,) = re.findall(r"[0-9a-f]{64}", reply.decode())
    envelope, raw = spool.read(name)
    assert raw == RAW
    assert (envelope.source, envelope.sender, envelope.detail) == ("smtp", "a@b.example", "127.0.0.1")


def test_each_recipient_gets_a_copy_and_the_same_one_twice_gets_one(client: smtplib.SMTP) -> None:
    code, reply = submit(client, "help@desk.example", "sales@desk.example", "HELP@desk.example")
    assert code == 250
    assert reply.endswith(b"and 1 more")
    assert stored() == {"help@desk.example": RAW, "sales@desk.example": RAW}


def test_sending_again_is_one_mail(client: smtplib.SMTP) -> None:
    assert submit(client, "help@desk.example")[1] == submit(client, "help@desk.example")[1]
    assert spool.count_waiting() == 1


def test_an_unknown_address_is_refused_for_good(client: smtplib.SMTP) -> None:
    client.mail("a@b.example")
    code, reply = client.rcpt("nobody@elsewhere.example")
    assert (code, reply[:5]) == (550, b"5.1.1")
    assert client.rcpt("help@desk.example")[0] == 250


def test_a_failing_address_check_never_bounces_mail(client: smtplib.SMTP) -> None:
    client.mail("a@b.example")
    assert client.rcpt("broken@desk.example")[0] == 451


def test_no_recipient_no_mail(client: smtplib.SMTP) -> None:
    client.mail("a@b.example")
    client.rcpt("nobody@elsewhere.example")
    assert client.docmd("DATA")[0] == 503


def test_a_bounce_has_an_empty_sender(client: smtplib.SMTP) -> None:
    submit(client, "help@desk.example", sender="")
    assert spool.read(spool.waiting()[0])[0].sender == ""


def test_a_store_that_fails_means_come_again() -> None:
    calls = []

    def failing(raw: bytes, **envelope: object) -> str:
        calls.append(envelope["recipient"])
        if len(calls) == 2:
            raise spool.SpoolFull(OSError(28, "No space left on device"))
        return spool.store(raw, **envelope)  # type: ignore[arg-type]

    with listening(failing) as listener, smtplib.SMTP("127.0.0.1", listener.port, "me", timeout=10) as client:
        client.ehlo()
        assert submit(client, "one@desk.example", "two@desk.example")[0] == 451
        assert submit(client, "one@desk.example", "two@desk.example")[0] == 250
    assert stored() == {"one@desk.example": RAW, "two@desk.example": RAW}


def test_the_mail_is_on_disk_before_the_reply() -> None:
    release, reached = threading.Event(), threading.Event()

    def slow(raw: bytes, **envelope: object) -> str:
        reached.set()
        release.wait(10)
        return spool.store(raw, **envelope)  # type: ignore[arg-type]

    with listening(slow) as listener, smtplib.SMTP("127.0.0.1", listener.port, "me", timeout=10) as client:
        client.ehlo()
        answer: list[tuple[int, bytes]] = []
        sender = threading.Thread(target=lambda: answer.append(submit(client, "help@desk.example")))
        sender.start()
        assert reached.wait(10)
        with smtplib.SMTP("127.0.0.1", listener.port, "other", timeout=10) as other:
            assert other.ehlo()[0] == 250, "the loop must go on while one mail is being stored"
        assert answer == []
        release.set()
        sender.join(10)
        assert answer[0][0] == 250


def test_size_is_advertised_and_enforced_both_ways() -> None:
    with (
        listening(size_limit=5000) as listener,
        smtplib.SMTP("127.0.0.1", listener.port, "me", timeout=10) as client,
    ):
        client.ehlo()
        assert client.esmtp_features["size"] == "5000"
        assert client.mail("a@b.example", ["SIZE=6000"])[0] == 552
        assert (
            submit(client, "help@desk.example", raw=b"Subject: x\r\n\r\n" + b"0123456789\r\n" * 900)[0] == 552
        )
        assert spool.waiting() == []
        assert submit(client, "help@desk.example")[0] == 250


def test_a_line_without_end_is_cut_off() -> None:
    with (
        listening(size_limit=5000) as listener,
        socket.create_connection(("127.0.0.1", listener.port), 10) as raw,
    ):
        raw.sendall(b"EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<help@desk.example>\r\nDATA\r\n")
        with pytest.raises(ConnectionError):
            raw.sendall(b"x" * 20_000_000)


def test_a_header_line_of_many_kilobytes_is_taken(client: smtplib.SMTP) -> None:
    raw = b"Subject: " + b"x" * 60_000 + b"\r\n\r\nbody\r\n"
    assert submit(client, "help@desk.example", raw=raw)[0] == 250
    assert stored()["help@desk.example"] == raw


def test_eight_bit_and_utf8_addresses_are_taken(client: smtplib.SMTP) -> None:
    assert client.has_extn("8bitmime")
    assert client.has_extn("smtputf8")
    client.mail("jörg@x.example", ["SMTPUTF8", "BODY=8BITMIME"])
    assert client.rcpt("größe@bücher.example")[0] == 250
    raw = "Subject: Grüße\r\n\r\nä\r\n".encode() + b"\xff\r\n"
    assert client.data(raw)[0] == 250
    assert stored() == {"größe@bücher.example": raw}


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r"])
def test_only_the_full_end_mark_ends_a_mail(client: smtplib.SMTP, end: bytes) -> None:
    client.mail("a@b.example")
    client.rcpt("help@desk.example")
    client.docmd("DATA")
    client.send(
        b"Subject: x\r\n\r\none" + end + b"MAIL FROM:<evil@x>\r\nRCPT TO:<other@desk.example>\r\n.\r\n"
    )
    assert client.getreply()[0] == 250
    assert list(stored()) == ["help@desk.example"]


def test_the_number_of_recipients_is_limited() -> None:
    with (
        listening(recipient_limit=2) as listener,
        smtplib.SMTP("127.0.0.1", listener.port, "me", timeout=10) as client,
    ):
        client.ehlo()
        client.mail("a@b.example")
        codes = [client.rcpt(f"box{number}@desk.example")[0] for number in range(3)]
        assert codes == [250, 250, 452]


def test_the_number_of_connections_is_limited_and_places_come_free() -> None:
    with listening(connection_limit=1) as listener:
        first = smtplib.SMTP("127.0.0.1", listener.port, "me", timeout=10)
        with pytest.raises(smtplib.SMTPConnectError) as caught:
            smtplib.SMTP("127.0.0.1", listener.port, "me", timeout=10)
        assert caught.value.smtp_code == 421
        first.quit()
        smtplib.SMTP("127.0.0.1", listener.port, "me", timeout=10).quit()


def test_a_silent_client_is_dropped() -> None:
    with (
        listening(timeout_seconds=0.1) as listener,
        socket.create_connection(("127.0.0.1", listener.port), 10) as raw,
    ):
        while raw.recv(1000):
            pass


def test_nothing_private_is_logged(caplog: pytest.LogCaptureFixture, client: smtplib.SMTP) -> None:
    caplog.set_level(logging.INFO)
    submit(client, "help@desk.example", raw=b"Subject: canary\r\n\r\nbody\r\n")
    client.rcpt("broken@desk.example")
    assert "canary" not in caplog.text
    assert "desk.example" not in caplog.text


def test_stopping_closes_open_connections_and_twice_is_harmless() -> None:
    listener = SmtpListener(is_known=knows, store=spool.store, hostname="desk.example")
    listener.stop()
    listener.start("127.0.0.1", 0)
    with socket.create_connection(("127.0.0.1", listener.port), 10) as raw:
        raw.recv(100)
        listener.stop()
        listener.stop()
        with suppress(ConnectionError):
            assert raw.recv(100) == b""


def test_a_taken_port_is_said() -> None:
    with listening() as listener:
        second = SmtpListener(is_known=knows, store=spool.store, hostname="desk.example")
        with pytest.raises(GatewayError) as caught:
            second.start("127.0.0.1", listener.port)
    assert caught.value.code == "cannot_listen"
