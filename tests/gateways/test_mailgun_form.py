"""Both forms of the webhook become mail that any parser reads, the same bytes each time."""

import json
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casso.errors import GatewayError
from casso.gateways.mailgun_form import FormFile, read_form

PNG = FormFile("attachment-1", "logo.png", "image/png", b"\x89PNG\r\n\x1a\n\x00")
PDF = FormFile("attachment-2", "Rechnung März.pdf", "application/pdf", b"%PDF\r\n--=_casso_mixed--\r\n")
HEADERS = [
    ["Received", "from a by b"],
    ["From", "Jörg <joerg@shop.example>"],
    ["To", "help@desk.example"],
    ["Message-Id", "<7@shop.example>"],
    ["References", "<5@desk.example> <6@desk.example>"],
    ["Subject", "=?utf-8?q?Gr=C3=BC=C3=9Fe?="],
    ["Content-Type", "multipart/mixed; boundary=old"],
    ["Mime-Version", "1.0"],
]
PARSED = {
    "recipient": "Help@desk.example",
    "sender": "joerg@shop.example",
    "from": "Jörg <joerg@shop.example>",
    "subject": "Grüße",
    "body-plain": "Hällo\r\nworld",
    "body-html": '<p>Hällo <img src="cid:logo@x"></p>',
    "message-headers": json.dumps(HEADERS),
    "content-id-map": json.dumps({"<logo@x>": "attachment-1"}),
}


def parsed(fields: dict[str, str | bytes], *files: FormFile) -> EmailMessage:
    found = message_from_bytes(read_form(fields, files).raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.parametrize("as_bytes", [True, False])
def test_the_raw_form_keeps_its_bytes(as_bytes: bool) -> None:
    raw = "Subject: Grüße\r\n\r\nbody\r\n".encode()
    given_mime = raw if as_bytes else raw.decode()
    found = read_form({"recipient": "a@b", "sender": "c@d", "body-mime": given_mime})
    assert (found.raw, found.recipients, found.sender) == (raw, ("a@b",), "c@d")


def test_the_parsed_form_is_rebuilt_with_all_its_parts() -> None:
    mail = parsed(PARSED, PNG, PDF)
    assert mail["Subject"] == "Grüße"
    assert mail["Message-Id"] == "<7@shop.example>"
    assert mail["References"] == "<5@desk.example> <6@desk.example>"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text
    assert text.get_content() == "Hällo\r\nworld"
    assert html
    assert "cid:logo@x" in html.get_content()
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "Rechnung März.pdf"
    assert attached.get_content() == PDF.data
    image = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert (image["Content-ID"], image.get_content_disposition()) == ("<logo@x>", "inline")


def test_the_sender_stays_readable_whatever_letters_it_has() -> None:
    raw = read_form(PARSED).raw
    assert "From: Jörg <joerg@shop.example>\r\n".encode() in raw
    assert raw.count(b"Mime-Version") + raw.count(b"MIME-Version") == 1
    assert b"boundary=old" not in raw


def test_the_same_webhook_gives_the_same_bytes() -> None:
    again = PARSED | {"timestamp": "1", "token": "other", "signature": "other"}
    assert read_form(PARSED, (PNG, PDF)) == read_form(again, (PNG, PDF))


def test_without_listed_headers_the_needed_ones_are_made() -> None:
    fields: dict[str, str | bytes] = {"recipient": "a@b", "from": "c@d", "subject": "x", "body-plain": "hi"}
    mail = parsed(fields)
    assert (mail["From"], mail["To"], mail["Subject"], mail.get_content_type()) == (
        "c@d",
        "a@b",
        "x",
        "text/plain",
    )


@pytest.mark.parametrize(
    "broken", ["", "no json", "{}", "5", '[["a"]]', '[5, null, ["b c", "d"]]', '[["x", {"y": 1}]]']
)
def test_broken_lists_do_no_harm(broken: str) -> None:
    fields: dict[str, str | bytes] = {"recipient": "a@b", "from": "c@d", "body-plain": "hi"}
    mail = parsed(fields | {"message-headers": broken, "content-id-map": broken}, PNG)
    assert mail["From"] == "c@d"
    assert len(list(mail.iter_attachments())) == 1


def test_html_alone_stays_alone() -> None:
    mail = parsed({"recipient": "a@b", "body-html": "<b>hi</b>"})
    assert mail.get_content_type() == "text/html"
    assert parsed({"recipient": "a@b"}).get_content_type() == "text/plain"


def test_a_header_cannot_bring_another_one() -> None:
    evil = PARSED | {
        "message-headers": json.dumps([["Subject", "x\r\nX-Evil: 1\r\n\r\nbody"], ["A:\r\nX-Evil", "1"]])
    }
    mail = parsed(evil, FormFile("f", 'a"\r\nX-Evil: 1', "image/png\r\nX-Evil: 1", b"x"))
    assert all("X-Evil" not in part for part in mail.walk())


def test_several_recipients_are_several_and_each_counts_once() -> None:
    assert read_form({"recipient": "A@b, c@d,a@b", "body-mime": "x: y"}).recipients == ("a@b", "c@d")


@pytest.mark.parametrize("fields", [{}, {"recipient": " "}, {"recipient": "a@b", "body-mime": " "}])
def test_a_webhook_without_a_mail_is_refused(fields: dict[str, str | bytes]) -> None:
    with pytest.raises(GatewayError) as caught:
        read_form(fields)
    assert (caught.value.code, caught.value.permanent) == ("bad_webhook", True)


@given(st.text(), st.text(), st.text(), st.text(), st.binary(), st.text())
def test_any_fields_become_a_mail(
    sender: str, subject: str, text: str, name: str, data: bytes, content_type: str
) -> None:
    fields: dict[str, str | bytes] = {
        "recipient": "a@b",
        "from": sender,
        "subject": subject,
        "body-plain": text,
        "body-html": "<p>",
        "content-id-map": json.dumps({name: "attachment-1"}),
    }
    raw = read_form(fields, (FormFile("attachment-1", name, content_type, data),)).raw
    leaves = [part for part in message_from_bytes(raw).walk() if not part.is_multipart()]
    assert len(leaves) == (3 if text else 2)
    assert leaves[-1].get_payload(decode=True) == data
    assert not text or leaves[0].get_payload(decode=True) == text.encode("utf-8", "replace")
