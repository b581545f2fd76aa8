"""Delivery reports with a status part, in words, and mail that only speaks of them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casso.gateways.mime import parse
from casso.rules.bounces import read_bounce
from casso.values.mail import Bounce


def read(raw: bytes) -> Bounce | None:
    return read_bounce(raw, parse(raw))


def report(fields: str, subject: str = "Report", report_type: str = "delivery-status") -> bytes:
    return (
        "From: Mail System <mailer-daemon@mx.example>\nTo: support@casso.example\nReturn-Path: <>\n"
        f"Subject: {subject}\nContent-Type: multipart/report; report-type={report_type}; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nSorry.\n"
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{fields}\n"
        "--b\nContent-Type: message/rfc822\n\nMessage-ID: <17.abc@casso.example>\n\nHi\n--b--\n"
    ).encode()


def words(subject: str, body: str, sender: str = "MAILER-DAEMON@mx.example", extra: str = "") -> bytes:
    return f"From: {sender}\nTo: support@casso.example\n{extra}Subject: {subject}\n\n{body}\n".encode()


def test_a_failed_recipient_is_a_final_bounce_with_the_original_id() -> None:
    found = read(
        report(
            "Final-Recipient: rfc822; Ada@Calc.example\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: smtp; 550 5.1.1 no such user"
        )
    )
    assert found == Bounce(
        True, ("ada@calc.example",), "5.1.1", "smtp; 550 5.1.1 no such user", ("17.abc@casso.example",)
    )


def test_a_delay_is_a_bounce_that_is_not_final() -> None:
    found = read(report("Final-Recipient: rfc822; a@b.example\nAction: delayed\nStatus: 4.4.1"))
    assert found is not None
    assert not found.is_permanent


def test_a_delay_without_a_status_is_not_final_either() -> None:
    found = read(report("Final-Recipient: rfc822; a@b.example\nAction: delayed"))
    assert found is not None
    assert not found.is_permanent


def test_a_soft_status_is_not_final_though_the_mailer_gave_up() -> None:
    found = read(report("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 4.2.2"))
    assert found is not None
    assert not found.is_permanent


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "Delivered (to mailbox)"])
def test_good_news_is_no_bounce(action: str) -> None:
    assert read(report(f"Final-Recipient: rfc822; a@b.example\nAction: {action}\nStatus: 2.1.5")) is None


def test_one_failure_among_deliveries_counts() -> None:
    found = read(
        report("Final-Recipient: rfc822; a@b.example\nAction: delivered\n\nAction: failed\nStatus: 5.2.1")
    )
    assert found is not None
    assert found.is_permanent
    assert found.status == "5.2.1"


@pytest.mark.parametrize("kind", ["feedback-report", "disposition-notification"])
def test_complaints_and_read_receipts_are_no_bounces(kind: str) -> None:
    assert read(report("Action: failed", report_type=kind)) is None


def test_a_report_without_a_status_part_is_read_by_its_words() -> None:
    raw = (
        b"From: postmaster@mx.example\nSubject: Undeliverable: Hello\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        b"--b\n\nada@calc.example: mailbox full (#4.2.2)\n--b--\n"
    )
    found = read(raw)
    assert found is not None
    assert found.recipients == ("ada@calc.example",)
    assert not found.is_permanent


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (
            "failure notice",
            "Hi. This is the qmail-send program.\n<ada@calc.example>:\nSorry, no mailbox here by that name.",
        ),
        (
            "Mail delivery failed: returning message to sender",
            "A message could not be delivered:\n  ada@calc.example\n",
        ),
        ("Undelivered Mail Returned to Sender", "<ada@calc.example>: host mx said: 550 5.1.1 unknown user"),
        (
            "Returned mail: User unknown",
            "----- Transcript of session follows -----\n550 <ada@calc.example>... User unknown",
        ),
        (
            "Delivery status notification: error",
            "    Hi!\nHere's an error: ada@calc.example: 550 Invalid recipient",
        ),
        (
            "DELIVERY FAILURE: User ada not listed in Domino Directory",
            "Your message to ada@calc.example failed.",
        ),
        ("Unzustellbar: Hallo", "Ihre Nachricht an ada@calc.example wurde nicht zugestellt."),
        ("Недоставленное сообщение", "Сообщение не может быть доставлено: ada@calc.example"),
        ("配信不能", "ada@calc.example は見つかりません"),
    ],
)
def test_formats_without_a_status_part_are_known(subject: str, body: str) -> None:
    found = read(words(subject, body))
    assert found is not None
    assert found.is_permanent
    assert found.recipients == ("ada@calc.example",)


def test_a_layout_that_only_mail_systems_write_needs_no_known_sender() -> None:
    body = "------- Failure Reasons  --------\n\nUser not listed in directory\nada@calc.example\n\n"
    found = read(
        words("Undeliverable message", body + "------- Returned Message --------", sender="x@mx.example")
    )
    assert found is not None
    assert found.recipients == ("ada@calc.example",)


def test_a_notice_from_a_sending_service_as_json_is_read() -> None:
    body = '{"Message": "{\\"notificationType\\":\\"%s\\",\\"emailAddress\\":\\"ada@calc.example\\"}"}'
    assert read(words("Notification", body % "Bounce", sender="no-reply@sns.example")) is not None
    assert read(words("Notification", body % "Delivery", sender="no-reply@sns.example")) is None
    assert read(words("Notification", body % "Bounce", sender="ann@example.org")) is None


def test_failed_recipients_in_the_header_are_enough() -> None:
    found = read(
        words(
            "Hm", "Hm", sender="x@mx.example", extra="X-Failed-Recipients: Ada@calc.example, b@calc.example\n"
        )
    )
    assert found is not None
    assert found.recipients == ("ada@calc.example", "b@calc.example")


def test_a_warning_that_mail_is_late_is_not_final() -> None:
    found = read(
        words(
            "Warning: message delayed 24 hours", "ada@calc.example: will keep trying, no action is required"
        )
    )
    assert found is not None
    assert not found.is_permanent


def test_the_original_id_is_found_in_the_words_too() -> None:
    body = "<ada@calc.example>: unknown user\n\nBelow this line: a copy\n\nMessage-ID: <17.abc@casso.example>"
    found = read(words("failure notice", body))
    assert found is not None
    assert found.original_ids == ("17.abc@casso.example",)


@pytest.mark.parametrize(
    ("subject", "body", "sender"),
    [
        (
            "Undelivered Mail Returned to Sender",
            "I got this: 550 5.1.1 unknown user. Why?",
            "Ann <ann@example.org>",
        ),
        ("Fwd: Delivery Status Notification (Failure)", "mail could not be delivered", "ann@example.org"),
        ("Delivery of your parcel failed", "We could not deliver it.", "no-reply@shop.example"),
        ("Printer", "It does not exist any more", "ann@example.org"),
        ("Question", "Your message could not be delivered, it said. Why?", "ann@example.org"),
        (
            "Undelivered Mail",
            "Hello,\n\nYour message could not be delivered\n\nOriginal message",
            "ann@example.org",
        ),
        ("Welcome", "Welcome to the list server", "postmaster@example.org"),
    ],
)
def test_mail_that_only_speaks_of_failure_is_no_bounce(subject: str, body: str, sender: str) -> None:
    assert read(words(subject, body, sender=sender)) is None


def test_an_out_of_office_with_an_empty_envelope_is_no_bounce() -> None:
    raw = words("Out of office: Hello", "I cannot be reached.", "ann@example.org", "Return-Path: <>\n")
    assert read(raw) is None


@pytest.mark.parametrize(
    "body",
    [
        "\n" * 300_000,
        "fail " * 60_000,
        "<a@b.c>\n" * 40_000,
        "deliver" * 30_000,
        "a@a." * 40_000,
        "From: " * 40_000,
    ],
)
def test_hostile_reports_take_little_time(body: str) -> None:
    raw = words("x", body, extra="Return-Path: <>\n")
    mail = parse(raw)
    start = time.process_time()
    read_bounce(raw, mail)
    assert time.process_time() - start < 2


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 600))
def test_mangled_reports_never_raise(noise: bytes, place: int) -> None:
    raw = report("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1")
    read(raw[:place] + noise + raw[place:])


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Failed delivery", "Your mail said that the parcel would come. It was not delivered. a@b.example"),
        ("Delivery problem", "Delivery of my order failed again: the address does not exist. a@b.example"),
        (
            "Returned to sender",
            "Returned mail: my parcel came back, address unknown, says the post. a@b.example",
        ),
        (
            "Undeliverable parcel",
            "The following address was wrong, the parcel was undeliverable: a@b.example",
        ),
        (
            "Re: Delivery problem",
            "Your mail did not help, the delivery failed.\n\n-----Original Message-----\nFrom: Ana\n\n> hi",
        ),
    ],
)
def test_a_customer_who_writes_about_a_failed_parcel_is_no_bounce(subject: str, body: str) -> None:
    assert read(words(subject, body, sender="Mia <mia@calc.example>")) is None
