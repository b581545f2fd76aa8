"""Sending over SMTP: delivered, refused, later, uncertain; each against a server that does it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from casso.errors import GatewayError
from casso.gateways import smtp
from casso.values.mail import OutgoingMail
from tests.servers.certificates import Certificate, make_certificate
from tests.servers.line_server import line_server
from tests.servers.smtp_sink import SmtpSink, smtp_sink

RAW = b"Subject: Hello\r\nMessage-ID: <1@desk.example>\r\n\r\nline\r\n.dot\r\n..two\r\nend"
pytestmark = pytest.mark.usefixtures("data_dir")


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def mail(
    recipient: str = "customer@shop.example", raw: bytes = RAW, sender: str = "help@desk.example"
) -> OutgoingMail:
    return OutgoingMail(sender, recipient, raw, "1@desk.example")


def failure(url: str, outgoing: OutgoingMail | None = None, **limits: float) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        smtp.send(outgoing or mail(), url, **limits)
    return caught.value


def test_a_mail_arrives_byte_for_byte_with_its_envelope(sink: SmtpSink) -> None:
    smtp.send(mail(), sink.url)
    (arrived,) = sink.mails
    assert (arrived.sender, arrived.recipients) == ("help@desk.example", ("customer@shop.example",))
    assert arrived.raw == RAW + b"\r\n"


def test_an_empty_sender_is_sent_as_such(sink: SmtpSink) -> None:
    smtp.send(mail(sender=""), sink.url)
    assert sink.mails[0].sender == ""


def test_line_ends_arrive_as_crlf(sink: SmtpSink) -> None:
    smtp.send(mail(raw=b"Subject: x\n\n.a\nb\n"), sink.url)
    assert sink.mails[0].raw == b"Subject: x\r\n\r\n.a\r\nb\r\n"


def test_a_body_cannot_end_the_mail_early(sink: SmtpSink) -> None:
    smtp.send(mail(raw=b"Subject: x\r\n\r\na\n.\nMAIL FROM:<evil@x>\r.\r\nb\r\n.\r\nc\r\n"), sink.url)
    (arrived,) = sink.mails
    assert arrived.raw.endswith(b"\r\n.\r\nc\r\n")


def test_letters_outside_ascii_arrive(sink: SmtpSink) -> None:
    smtp.send(mail("jörg@bücher.example", raw="Subject: x\r\n\r\nGrüße\r\n".encode()), sink.url)
    assert sink.mails[0].recipients == ("jörg@xn--bcher-kva.example",)
    assert "Grüße" in sink.mails[0].raw.decode()


def test_an_international_domain_needs_no_special_server() -> None:
    script = [b"220 old\r\n", None, b"250 old\r\n", None, b"250 ok\r\n", None, b"250 ok\r\n", None]
    with line_server([*script, b"354 go\r\n", None, b"250 ok\r\n", None, b"221 bye\r\n"]) as port:
        smtp.send(mail("joerg@bücher.example"), f"smtp://127.0.0.1:{port}", timeout_seconds=5)
    with line_server([*script[:3], None, b"221 bye\r\n"]) as port:
        error = failure(f"smtp://127.0.0.1:{port}", mail("jörg@x.example"), timeout_seconds=5)
    assert (error.code, error.permanent) == ("smtputf8_missing", True)


def test_a_refused_recipient_is_permanent_and_says_so_in_words(sink: SmtpSink) -> None:
    sink.recipient_replies["customer@shop.example"] = "550 5.1.1 no such user"
    error = failure(sink.url)
    assert (error.permanent, error.uncertain, error.code) == (True, False, "refused")
    assert error.text == "The mail server refused the address (550 5.1.1 no such user)"


def test_greylisting_is_tried_later(sink: SmtpSink) -> None:
    sink.recipient_replies["customer@shop.example"] = "451 4.7.1 greylisted"
    error = failure(sink.url)
    assert (error.permanent, error.uncertain, error.code) == (False, False, "try_later")


@pytest.mark.parametrize(("reply", "permanent"), [("554 5.7.1 spam", True), ("452 4.3.1 disk full", False)])
def test_a_refusal_after_the_data_is_certain(sink: SmtpSink, reply: str, permanent: bool) -> None:
    sink.data_reply = reply
    error = failure(sink.url)
    assert (error.permanent, error.uncertain) == (permanent, False)


def test_a_refused_sender_is_permanent(sink: SmtpSink) -> None:
    sink.sender_reply = "553 5.1.8 not yours"
    assert failure(sink.url).text == "The mail server refused the sender (553 5.1.8 not yours)"


@pytest.mark.parametrize("fault", ["drop", "hang"])
def test_a_connection_lost_after_the_final_dot_is_uncertain(sink: SmtpSink, fault: str) -> None:
    sink.after_data = fault
    error = failure(sink.url, timeout_seconds=2)
    assert (error.permanent, error.uncertain) == (False, True)
    assert len(sink.wait_for(1)) == 1


ENVELOPE = [b"220 hi\r\n", None, b"250 hi\r\n", None, b"250 ok\r\n", None, b"250 ok\r\n", None]


@pytest.mark.parametrize(
    "ending",
    [[b"garbage\r\n"], [b"250-half\r\n", "drop"], [b"25", "drop"], [b"999 what\r\n"], [("drip", b"2", 0.01)]],
)
def test_an_unreadable_answer_after_the_final_dot_is_uncertain(ending: list[bytes]) -> None:
    with line_server([*ENVELOPE, b"354 go\r\n", None, *ending, "hang"]) as port:
        error = failure(f"smtp://127.0.0.1:{port}", timeout_seconds=0.5, budget_seconds=0.7)
    assert error.uncertain


@pytest.mark.parametrize("spoken", range(0, len(ENVELOPE), 2))
@pytest.mark.parametrize("fault", ["drop", "hang"])
def test_a_connection_lost_before_the_data_is_certain_and_tried_later(spoken: int, fault: str) -> None:
    with line_server([*ENVELOPE[:spoken], fault]) as port:
        error = failure(f"smtp://127.0.0.1:{port}", timeout_seconds=0.3)
    assert (error.permanent, error.uncertain) == (False, False)
    assert error.code == ("timed_out" if fault == "hang" else "connection_lost")


def test_a_connection_lost_within_the_data_is_certain() -> None:
    with line_server([*ENVELOPE, b"354 go\r\n", "hang"]) as port:
        body = b"Subject: x\r\n\r\n" + b"0123456789\r\n" * 2_000_000
        error = failure(f"smtp://127.0.0.1:{port}", mail(raw=body), timeout_seconds=0.5)
    assert (error.permanent, error.uncertain) == (False, False)


def test_a_dripping_server_is_cut_off_at_the_budget() -> None:
    with line_server([("drip", b"2", 0.01)]) as port:
        error = failure(f"smtp://127.0.0.1:{port}", timeout_seconds=5, budget_seconds=0.3)
    assert not error.permanent


def test_nobody_listening_is_tried_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    error = failure(f"smtp://127.0.0.1:{port}")
    assert (error.code, error.permanent) == ("connection_refused", False)


def test_a_greeting_that_refuses_is_tried_later() -> None:
    with line_server([b"554 go away\r\n", None, b"221 bye\r\n"]) as port:
        assert not failure(f"smtp://127.0.0.1:{port}").permanent


def test_starttls_is_used_when_offered(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with smtp_sink(certificate=certificate, password="secret pass") as sink:
        url = f"smtp://me:secret%20pass@localhost:{sink.port}?starttls=required"
        smtp.send(mail(), url)
        assert len(sink.mails) == 1


def test_tls_from_the_first_byte(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with smtp_sink(certificate=certificate, implicit_tls=True) as sink:
        smtp.send(mail(), f"smtps://localhost:{sink.port}")
        assert len(sink.mails) == 1


@pytest.mark.parametrize("implicit", [True, False])
def test_an_unknown_certificate_sends_nothing(certificate: Certificate, implicit: bool) -> None:
    with smtp_sink(certificate=certificate, implicit_tls=implicit) as sink:
        error = failure(f"{'smtps' if implicit else 'smtp'}://localhost:{sink.port}")
        assert (error.code, error.permanent, sink.mails) == ("certificate_invalid", False, [])


def test_there_is_no_way_back_to_plain_text_when_tls_is_required(sink: SmtpSink) -> None:
    error = failure(f"{sink.url}?starttls=required")
    assert (error.code, error.permanent, sink.mails) == ("encryption_missing", False, [])


def test_a_password_is_not_sent_in_the_clear_to_a_distant_server() -> None:
    server = smtp.SmtpServer("mail.example", 587, "me", "secret")
    with (
        line_server([b"220 hi\r\n", None, b"250-hi\r\n250 AUTH PLAIN\r\n", "hang"]) as port,
        smtp.Deadline(5) as end,
    ):
        connection = smtp._Connection(server, 1, end)
        connection.connect("127.0.0.1", port)
        connection.ehlo()
        with pytest.raises(GatewayError) as caught:
            smtp._encrypt(connection, server)
        connection.close()
    assert caught.value.code == "encryption_missing"


def test_a_wrong_password_is_for_the_operator_and_the_mail_waits() -> None:
    with smtp_sink(password="right") as sink:
        error = failure(f"smtp://me:wrong@127.0.0.1:{sink.port}")
    assert (error.code, error.permanent) == ("login_refused", False)
    assert "wrong" not in error.text


@pytest.mark.parametrize(
    "url", ["smtp://", "http://x", "smtp://h:99999", "smtp://h?starttls=perhaps", "smtp://[::1", "file:"]
)
def test_a_wrong_address_of_the_server_is_said(url: str) -> None:
    assert failure(url).code == "bad_setting"


def test_the_password_does_not_show_when_a_server_is_printed() -> None:
    assert "hunter2" not in repr(smtp.server_from_url("smtps://me:hunter2@mail.example"))


def test_usual_ports() -> None:
    assert smtp.server_from_url("smtps://h").port == 465
    assert smtp.server_from_url("smtp://u:p@h").port == 587
    assert smtp.server_from_url("smtp://h").port == 25


HOSTILE = [
    mail("a@b.example\r\nRCPT TO:<evil@x>"),
    mail("a@b.example> SIZE=1"),
    mail("no-at-sign"),
    mail(""),
    mail(sender="a\n@b"),
    mail(raw=b"Subject: x\nBcc: evil@x\r\nTo: y\r\n\r\nbody"),
    mail(raw=b"Subject: x\rBcc: evil@x\r\n\r\nbody"),
    mail(raw=b"Subject: x\rBcc: evil@x\n\nbody"),
    mail(raw="Subject: x\u2028Bcc: evil@x\r\n\r\nbody".encode()),
    mail(raw=b"Subject: x\x00y\r\n\r\nbody"),
    mail(raw=b"Subject: x\x1cBcc: y\r\n\r\nbody"),
    mail(raw=b"Subject: x\r\nno colon here\r\n\r\nbody"),
    mail(raw=b"Subject: x\r\n \r\n\tBcc: y\r\n\r\nbody"),
    mail(raw=b""),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_an_injected_header_or_address_is_never_sent(sink: SmtpSink, number: int) -> None:
    error = failure(sink.url, HOSTILE[number])
    assert error.permanent
    assert sink.peers == 0


def test_folded_headers_are_fine(sink: SmtpSink) -> None:
    smtp.send(mail(raw=b"Subject: a long\r\n  one\r\n\tindeed\r\nX-Empty:\r\n\r\nbody"), sink.url)
    assert len(sink.mails) == 1


def test_a_certificate_for_another_name_sends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_certificate(tmp_path, "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.certificate))
    with smtp_sink(certificate=other) as sink:
        assert failure(f"smtp://localhost:{sink.port}").code == "certificate_invalid"
        assert sink.mails == []
