"""The bytes of an answer: one header each whatever somebody typed, the same bytes every time."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from casso.errors import GatewayError
from casso.gateways.compose import build
from casso.gateways.mail_bytes import require_safe
from casso.rules.headers import clean_header
from casso.values.letter import Letter
from casso.values.mail import MailAddress, MailAttachment, OutgoingMail

LETTER = Letter(
    sender=MailAddress("support@example.test", "Example Support"),
    to=(MailAddress("anna@customer.test", "Anna Berg"),),
    cc=(MailAddress("ben@customer.test"),),
    reply_to="support+abc@example.test",
    subject="Re: Invoice [#7]",
    message_id="casso.1.2.abc@desk.example",
    references=("first@customer.test", "second@customer.test"),
    date=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    text="Hello Änna,\n\nall fine.",
    html="<p>Hello Änna</p>",
    loop_mark="support@example.test",
)
BREAKS = [
    "\r\n",
    "\n",
    "\r",
    "\x00",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\n\n",
]


def parsed(letter: Letter):  # type: ignore[no-untyped-def]
    return message_from_bytes(build(letter), policy=policy.default)


def test_the_headers_of_an_answer() -> None:
    mail = parsed(LETTER)
    assert mail["From"] == "Example Support <support@example.test>"
    assert mail["To"] == "Anna Berg <anna@customer.test>"
    assert mail["Cc"] == "ben@customer.test"
    assert mail["Reply-To"] == "Example Support <support+abc@example.test>"
    assert mail["Message-ID"] == "<casso.1.2.abc@desk.example>"
    assert mail["In-Reply-To"] == "<second@customer.test>"
    assert mail["References"] == "<first@customer.test> <second@customer.test>"
    assert mail["Date"] == "Mon, 02 Mar 2026 09:00:00 +0000"
    assert mail["X-Casso-Loop"] == "support@example.test"


def test_text_and_html_say_the_same() -> None:
    mail = parsed(LETTER)
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text = mail.get_body(("plain",)).get_content()
    assert text.replace("\r\n", "\n") == "Hello Änna,\n\nall fine.\n"


def test_the_same_letter_gives_the_same_bytes() -> None:
    letter = replace(LETTER, attachments=(MailAttachment("a.png", "image/png", b"\x89PNG"),))
    assert build(letter) == build(letter)


def test_bytes_are_seven_bit_with_crlf() -> None:
    raw = build(LETTER)
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "kind", ["image/png", "text/plain", "message/rfc822", "multipart/mixed", "x", "", "a/b\r\nX: y"]
)
def test_a_file_arrives_with_its_bytes_whatever_its_type(kind: str) -> None:
    letter = replace(LETTER, attachments=(MailAttachment("bericht ü.bin", kind, b"\x00\xff\r\n"),))
    mail = parsed(letter)
    (file,) = mail.iter_attachments()
    assert file.get_payload(decode=True) == b"\x00\xff\r\n"
    assert file.get_filename() == "bericht ü.bin"


@pytest.mark.parametrize("piece", BREAKS)
def test_a_line_break_never_makes_a_second_header(piece: str) -> None:
    evil = clean_header(f"x{piece}Bcc: victim@evil.example{piece}y")
    letter = replace(
        LETTER,
        subject=evil,
        sender=MailAddress("support@example.test", evil),
        to=(MailAddress("anna@customer.test", evil),),
        attachments=(MailAttachment(evil, "text/plain", b"x"),),
    )
    raw = build(letter)
    require_safe(OutgoingMail("support@example.test", "anna@customer.test", raw, "x"))
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Bcc"] is None
    assert mail.keys().count("Subject") == 1
    assert [address.addr_spec for address in mail["To"].addresses] == ["anna@customer.test"]


@pytest.mark.parametrize("piece", BREAKS)
def test_an_uncleaned_break_is_refused_or_harmless(piece: str) -> None:
    for letter in (
        replace(LETTER, subject=f"x{piece}Bcc: victim@evil.example"),
        replace(LETTER, to=(MailAddress(f"a{piece}b@customer.test"),)),
        replace(LETTER, message_id=f"x{piece}Bcc: victim@evil.example"),
    ):
        try:
            raw = build(letter)
            require_safe(OutgoingMail("support@example.test", "anna@customer.test", raw, "x"))
        except GatewayError as error:
            assert error.permanent  # noqa: PT017 (either outcome is right)
            continue
        assert message_from_bytes(raw, policy=policy.default)["Bcc"] is None


@pytest.mark.parametrize("address", ["", "no at sign", "ü@customer.test", "a@b@c", "a b@c.test", "a@ü.test"])
def test_an_address_no_server_takes_is_a_permanent_failure(address: str) -> None:
    with pytest.raises(GatewayError) as caught:
        build(replace(LETTER, to=(MailAddress(address),)))
    assert caught.value.permanent


def test_long_references_are_not_encoded_and_fit_a_line() -> None:
    long_ids = tuple(f"{'x' * 100}{number}@customer.test" for number in range(30))
    raw = build(replace(LETTER, references=long_ids))
    lines = raw.split(b"\r\n\r\n")[0].split(b"\r\n")
    (line,) = [line for line in lines if line.startswith(b"References:")]
    assert len(line) <= 998
    assert b"=?" not in line
    assert line.endswith(long_ids[-1].encode() + b">")
    assert long_ids[0].encode() in line


def test_a_mail_that_begins_a_thread_refers_to_nothing() -> None:
    mail = parsed(replace(LETTER, references=(), cc=(), reply_to="", loop_mark=""))
    for name in ("References", "In-Reply-To", "Cc", "Reply-To", "X-Casso-Loop"):
        assert mail[name] is None
