"""Mailgun's signature in all its wrong shapes, and every outcome of its sending API."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casso.errors import GatewayError
from casso.gateways import mailgun
from casso.values.mail import OutgoingMail
from tests.servers.mailgun_stub import SIGNING_KEY, MailgunStub, mailgun_stub, signed_fields

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MAIL = OutgoingMail("help@desk.example", "a@b.example", b"Subject: x\r\n\r\nbody\r\n", "1@desk.example")


def accepted(now: datetime = NOW, key: str = SIGNING_KEY, **changed: str) -> bool:
    fields = signed_fields(at=NOW, token="t" * 50) | changed
    return mailgun.verify(key, fields["timestamp"], fields["token"], fields["signature"], now)


def test_a_signed_webhook_is_accepted() -> None:
    assert accepted()


def test_the_window_is_fifteen_minutes_both_ways() -> None:
    for minutes in (-15, 15):
        assert accepted(now=NOW + timedelta(minutes=minutes))
        assert not accepted(now=NOW + timedelta(minutes=minutes, seconds=1 if minutes > 0 else -1))


RIGHT = signed_fields(at=NOW, token="t" * 50)["signature"]


@pytest.mark.parametrize(
    "signature",
    ["", RIGHT.upper(), RIGHT[:-1], RIGHT + "0", RIGHT + "\n", " " + RIGHT, "0" * 64, "é" * 64, RIGHT[::-1]],
)
def test_a_signature_in_any_other_shape_is_refused(signature: str) -> None:
    assert not accepted(signature=signature)


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "٣" * 10, "9" * 13, "1763640000.0", " 1", "nan"])
def test_an_odd_timestamp_is_refused(timestamp: str) -> None:
    assert not accepted(timestamp=timestamp)


@pytest.mark.parametrize("token", ["", "t" * 49, "t" * 51, "T" * 50, "t" * 5000, "t t", "\ud800"])
def test_another_token_is_refused(token: str) -> None:
    assert not accepted(token=token)


def test_another_key_is_refused_and_no_key_accepts_nothing() -> None:
    assert not accepted(key="other")
    empty = signed_fields("", at=NOW)
    assert not mailgun.verify("", empty["timestamp"], empty["token"], empty["signature"], NOW)


@given(st.text(), st.text(), st.text())
def test_no_text_is_a_signature_by_chance(timestamp: str, token: str, signature: str) -> None:
    assert not mailgun.verify(SIGNING_KEY, timestamp, token, signature, NOW)


@pytest.fixture
def stub(configure: Callable[..., Path]) -> Iterator[MailgunStub]:
    with mailgun_stub() as running:
        configure(**running.environment())
        yield running


def failure(**limits: float) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        mailgun.send(MAIL, **limits)
    return caught.value


def test_a_mail_is_handed_over_byte_for_byte(stub: MailgunStub) -> None:
    mailgun.send(MAIL)
    assert (stub.mails[0].recipient, stub.mails[0].raw) == ("a@b.example", MAIL.raw)


@pytest.mark.parametrize(
    ("status", "code", "permanent", "uncertain"),
    [
        (400, "refused", True, False),
        (413, "refused", True, False),
        (401, "login_refused", False, False),
        (404, "login_refused", False, False),
        (429, "try_later", False, False),
        (500, "try_later", False, False),
        (503, "try_later", False, False),
        (302, "try_later", False, False),
        (502, "uncertain", False, True),
        (504, "uncertain", False, True),
    ],
)
def test_answers_and_what_they_mean(
    stub: MailgunStub, status: int, code: str, permanent: bool, uncertain: bool
) -> None:
    stub.answer = (status, '{"message": "because"}')
    error = failure()
    assert (error.code, error.permanent, error.uncertain) == (code, permanent, uncertain)
    assert "because" in error.text


@pytest.mark.parametrize("fault", ["drop", "hang"])
def test_no_answer_after_the_mail_was_sent_is_uncertain(stub: MailgunStub, fault: str) -> None:
    stub.fault = fault
    error = failure(timeout_seconds=0.4)
    assert (error.permanent, error.uncertain) == (False, True)
    assert len(stub.mails) == 1


def test_nobody_listening_is_tried_later(configure: Callable[..., Path], stub: MailgunStub) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configure(MAILGUN_API_BASE=f"http://127.0.0.1:{port}")
    error = failure()
    assert (error.code, error.permanent, error.uncertain) == ("connection_lost", False, False)


def test_a_wrong_key_is_for_the_operator_and_does_not_show(
    configure: Callable[..., Path], stub: MailgunStub
) -> None:
    configure(MAILGUN_API_KEY="wrong-canary")
    error = failure()
    assert error.code == "login_refused"
    assert "canary" not in error.text


def test_without_settings_it_says_so(data_dir: Path) -> None:
    assert failure().code == "bad_setting"
