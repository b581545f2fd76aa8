"""What becomes of the parts of a mail: bodies are joined, files kept under safe names, containers opened."""

import base64

import pytest

from tests.gateways.raw_mails import HTML, IMAGE, TEXT, mail, multipart


def test_an_alternative_gives_text_and_html() -> None:
    found = multipart("alternative", TEXT, HTML)
    assert (found.text, found.html) == ("plain words", "<p>rich words</p>")


def test_all_parts_of_a_split_body_are_joined() -> None:
    found = multipart("mixed", TEXT, IMAGE, b"Content-Type: text/plain\n\nmore words")
    assert found.text == "plain words\nmore words"
    assert [one.filename for one in found.attachments] == ["dot.png"]


def test_when_a_stretch_is_html_alone_the_html_holds_everything() -> None:
    found = multipart("mixed", HTML, b"Content-Type: text/plain\n\nlist <footer>")
    assert found.text == ""
    assert "rich words" in found.html
    assert "list &lt;footer&gt;" in found.html


def test_an_image_is_inline_only_when_the_html_shows_it() -> None:
    shown = multipart("related", b'Content-Type: text/html\n\n<img src="cid:dot@x">', IMAGE)
    hidden = multipart("related", HTML, IMAGE)
    assert [one.is_inline for one in shown.attachments + hidden.attachments] == [True, False]
    assert shown.attachments[0].content_id == "dot@x"
    assert shown.attachments[0].data == b"hello"


def test_a_nested_mail_is_kept_as_a_file_named_by_its_subject() -> None:
    found = multipart("mixed", TEXT, b"Content-Type: message/rfc822\n\nSubject: Old / news\n\nHi")
    assert [(one.filename, one.content_type) for one in found.attachments] == [
        ("Old - news.eml", "message/rfc822")
    ]


def test_a_digest_keeps_each_mail() -> None:
    found = multipart("digest", b"\nSubject: one\n\nHi", b"\nSubject: two\n\nHi")
    assert [one.filename for one in found.attachments] == ["one.eml", "two.eml"]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b'Content-Disposition: attachment; filename="../../etc/pass\x00wd"', "pass wd"),
        (b'Content-Disposition: attachment; filename="C:\\\\dir\\\\a.txt"', "a.txt"),
        (b'Content-Disposition: attachment; filename="ann\xe2\x80\xaefdp.exe"', "annfdp.exe"),
        (b"Content-Disposition: attachment; filename*=utf-8''r%C3%A9sum%C3%A9.pdf", "résumé.pdf"),
        (
            b'Content-Disposition: attachment; filename*0="a b"; filename*1*=%20c; filename*2=.txt',
            "a b c.txt",
        ),
        (b'Content-Disposition: attachment; filename="=?utf-8?Q?r=C3=A9s.pdf?="', "rés.pdf"),
        (b"Content-Type: image/png; name=x.png", "x.png"),
        (b"Content-Type: image/png", "image-1.png"),
        (b'Content-Disposition: attachment; filename=".."', "text-1.txt"),
        (b"Content-Disposition: attachment; filename=" + b"a" * 500 + b".txt", "a" * 196 + ".txt"),
    ],
)
def test_file_names_are_safe_or_made_up(header: bytes, name: str) -> None:
    found = multipart("mixed", TEXT, header + b"\n\ndata")
    assert [one.filename for one in found.attachments] == [name]


def test_uuencoded_files_are_taken_out_of_the_text() -> None:
    found = mail(b"", b"see\nbegin 644 cat.txt\n#0V%T\n`\nend\nbye\n")
    assert found.text == "see\nbye\n"
    assert [(one.filename, one.data) for one in found.attachments] == [("cat.txt", b"Cat")]


def test_a_sentence_with_begin_is_no_file() -> None:
    body = b"We\nbegin 644 times\nanew and never end, so to speak\n"
    assert mail(b"", body).text == body.decode()


def test_flowed_text_is_joined_and_its_quotes_kept() -> None:
    found = mail(b"Content-Type: text/plain; format=flowed\n", b"one \ntwo\n> a \n> b\n-- \nme\n")
    assert found.text == "one two\n> a b\n-- \nme\n"


def test_an_invitation_alone_is_summarised_and_kept() -> None:
    ical = (
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Lunch\nDTSTART:20260105T120000Z\n"
        b"LOCATION:Bar\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    found = mail(b"Content-Type: text/calendar; method=REQUEST\n", ical)
    assert found.text.startswith("Lunch\n2026-01-05 12:00")
    assert found.attachments[0].filename == "text-1.ics"
    assert mail(b"Content-Type: text/calendar\n", b"BEGIN:NONSENSE").text == ""


def test_a_report_says_so() -> None:
    assert multipart("report", TEXT).is_report
    assert not multipart("mixed", TEXT).is_report


def test_encrypted_mail_is_kept_and_named() -> None:
    found = multipart("encrypted", b"Content-Type: application/pgp-encrypted\n\nVersion: 1")
    assert "encrypted, kept as a file" in found.defects
    assert len(found.attachments) == 1


def tnef_object(level: int, name: int, kind: int, data: bytes) -> bytes:
    head = bytes([level]) + name.to_bytes(2, "little") + kind.to_bytes(2, "little")
    return head + len(data).to_bytes(4, "little") + data + (sum(data) % 65536).to_bytes(2, "little")


def test_winmail_dat_is_opened_and_a_broken_one_is_kept() -> None:
    tnef = (
        b"\x78\x9f\x3e\x22\x01\x00"
        + tnef_object(1, 0x9006, 0x0008, b"\x00\x00\x01\x00")
        + tnef_object(2, 0x9002, 0x0006, b"\0" * 14)
        + tnef_object(2, 0x8010, 0x0001, b"note.txt\0")
        + tnef_object(2, 0x800F, 0x0006, b"inside")
    )
    head = b"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
    opened = multipart("mixed", TEXT, head + base64.b64encode(tnef))
    assert [(one.filename, one.data) for one in opened.attachments] == [("note.txt", b"inside")]
    broken = multipart("mixed", TEXT, head + base64.b64encode(tnef[:40]))
    assert [one.filename for one in broken.attachments] == ["winmail.dat"]
