"""Raw mail to plain values: headers, charsets, encodings, odd structure. Nothing raises."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casso.gateways.mime import parse
from casso.values.mail import MailAddress, ParsedMail
from tests.gateways.raw_mails import HEAD, HTML, IMAGE, mail


def test_a_plain_mail_is_read_whole() -> None:
    found = parse(
        b"From: Ada King <Ada@Calc.example>\r\nTo: a@x.example, Bob <b@x.example>\r\nCc: c@x.example\r\n"
        b"Reply-To: r@x.example\r\nDelivered-To: d@x.example\r\nSubject: Hello\r\n there\r\n"
        b"Date: Mon, 5 Jan 2026 11:00:00 +0100\r\nMessage-ID: <1@x>\r\nIn-Reply-To: <0@x>\r\n"
        b"References: <a@x>\r\n <0@x>\r\n\r\nHi\r\nthere\r\n"
    )
    assert found.sender == MailAddress("ada@calc.example", "Ada King")
    assert [one.email for one in found.to] == ["a@x.example", "b@x.example"]
    assert found.cc == (MailAddress("c@x.example"),)
    assert found.reply_to == (MailAddress("r@x.example"),)
    assert found.delivered_to == ("d@x.example",)
    assert found.subject == "Hello there"
    assert found.date == datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
    assert (found.message_id, found.in_reply_to, found.references) == ("1@x", ("0@x",), ("a@x", "0@x"))
    assert found.text == "Hi\nthere\n"
    assert found.header("REPLY-to") == "r@x.example"
    assert found.defects == ()


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?B?SMOk?= =?utf-8?B?cHB5?=", "Häppy"),
        (b"=?utf-8?Q?H=C3?=\n =?utf-8?Q?=A4ppy?=", "Häppy"),
        (b"=?utf-8?B?SMOkcHB5?", "=?utf-8?B?SMOkcHB5?"),
        (b"=?UTF-8?B?SMOkcHB5IQ?=", "Häppy!"),
        (b"=?utf-8*en?Q?H=C3=A4ppy?= you", "Häppy you"),
        (b"=?iso-8859-1?Q?Caf=E9_=80?=", "Café €"),
        (b"=?gb2312?B?xOO6ww==?=", "你好"),
        (b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        (b"=?nonsense?Q?H=C3=A4ppy?=", "Häppy"),
        ("Häppy".encode(), "Häppy"),
        (b"H\xe4ppy birthday to you", "Häppy birthday to you"),
        (b"a\0b\x1b\x07c", "a b c"),
        (b"=?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"),
    ],
)
def test_subjects_are_decoded_leniently(raw: bytes, subject: str) -> None:
    assert parse(b"Subject: " + raw + b"\n\nx").subject == subject


@pytest.mark.parametrize(
    ("raw", "email", "name"),
    [
        (b"ada@calc.example (Ada King)", "ada@calc.example", "Ada King"),
        (b"King, Ada <ada@calc.example>", "ada@calc.example", "King, Ada"),
        (b'"King, Ada" <ada@calc.example>', "ada@calc.example", "King, Ada"),
        (b"Ada<ada@calc.example>", "ada@calc.example", "Ada"),
        (b'"=?utf-8?Q?Ad=C3=A4?=" <ada@calc.example>', "ada@calc.example", "Adä"),
        (
            b"=?utf-8?Q?a=2C_b_=3Cevil=40x=2Eexample=3E?= <ada@calc.example>",
            "ada@calc.example",
            "a, b <evil@x.example>",
        ),
        (b"<ada@calc.example>", "ada@calc.example", ""),
        (b"ADA@CALC.EXAMPLE", "ada@calc.example", ""),
        (b"Friends: ada@calc.example, bob@x.example;", "ada@calc.example", ""),
        (b'"a\\"b" <ada@calc.example>', "ada@calc.example", 'a"b'),
        (b"\xb0\xa2 <ada@calc.example>", "ada@calc.example", None),
        (b"ada@calc.example <ada@calc.example>", "ada@calc.example", "ada@calc.example"),
        (b"undisclosed-recipients:;", "", None),
        (b"", "", ""),
    ],
)
def test_senders_are_found_in_odd_forms(raw: bytes, email: str, name: str | None) -> None:
    found = parse(b"From: " + raw + b"\nSubject: x\n\nx").sender
    assert found.email == email
    assert name is None or found.name == name


def test_without_a_usable_from_another_header_names_the_sender() -> None:
    assert parse(b"Reply-To: r@x.example\nReturn-Path: <p@x.example>\n\nx").sender.email == "r@x.example"
    assert parse(b"From: Bob\nReturn-Path: <p@x.example>\n\nx").sender.email == "p@x.example"
    assert parse(b"From: Bob\n\nx").sender == MailAddress("", "Bob")


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("utf-8", "Grüße".encode(), "Grüße"),
        ("utf-8", "\ufeffGrüße".encode(), "Grüße"),
        ("utf-8", "Grüße".encode("latin-1"), "Grüße"),
        ("iso-8859-1", "Preis 5 €".encode("cp1252"), "Preis 5 €"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("gb2312", "镕基".encode("gb18030"), "镕基"),
        ("ks_c_5601-1987", "똠방각하".encode("cp949"), "똠방각하"),
        ("shift_jis", "①㈱".encode("cp932"), "①㈱"),
        ("iso-2022-jp", b"\x1b$B-!F|K\\\x1b(B!", "①日本!"),
        ("iso-2022-jp", b"\x1b(I1\x1b(B", "ｱ"),
        ("utf-7", b"Gr+APwA3w-e", "Grüße"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("windows-1251", "Привет".encode("cp1251"), "Привет"),
        ("utf-16", "Grüße".encode("utf-16"), "Grüße"),
        ("x-unknown", "Привет, как дела?".encode(), "Привет, как дела?"),
        ("8bit", "Grüße".encode(), "Grüße"),
        ("unicode_escape", b"\\u0041 \xfc", "\\u0041 ü"),
        ("rot13", b"abc", "abc"),
        ("../../etc/passwd", b"abc", "abc"),
    ],
)
def test_charsets_are_read_in_their_wider_form(charset: str, raw: bytes, text: str) -> None:
    assert mail(f"Content-Type: text/plain; charset={charset}\n".encode(), raw).text == text


def test_undeclared_cyrillic_is_guessed() -> None:
    words = "Здравствуйте, у меня не печатает принтер, помогите пожалуйста. Спасибо большое!"
    assert mail(b"", words.encode("cp1251")).text == words


def test_html_names_its_own_charset() -> None:
    found = mail(b"Content-Type: text/html\n", '<meta charset="windows-1251"><p>Привет</p>'.encode("cp1251"))
    assert "Привет" in found.html


@pytest.mark.parametrize(
    ("encoding", "raw", "text"),
    [
        (b"quoted-printable", b"Gr=C3=BC=\n=C3=9Fe =ZZ", "Grüße =ZZ"),
        (b"base64", base64.b64encode("Grüße".encode()), "Grüße"),
        (b"base64", b"R3LD\nvMOf!ZQ", "Grüße"),
        (b'"7bit"', b"Hi", "Hi"),
        (b"nonsense", b"Hi", "Hi"),
        (b"x-uuencode", b"begin 644 a\n#0V%T\n`\nend\n", "Cat"),
    ],
)
def test_transfer_encodings_are_undone_leniently(encoding: bytes, raw: bytes, text: str) -> None:
    found = mail(
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: " + encoding + b"\n", raw
    )
    assert found.text == text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\r\n\r\n",
        b"no header at all",
        b": \n:\n\n",
        b"Content-Type: multipart/mixed\n\nx",
        b"Content-Type: multipart/mixed; boundary=\n\n--\nx",
        b'Content-Type: multipart/mixed; boundary="b\n\n--b\n\nx\n--b--',
        b"Content-Type: ;;;===\n\nx",
        b"Content-Type: text/plain; charset*=x'y\n\nx",
        b"Date: Mon, 99 Foo 99999 99:99:99 +9999\n\nx",
        b"Date: Fri, 31 Dec 9999 23:59:59 -2359\n\nx",
        b"Date: Mon, 1 Jan 0001 00:00:00 +2359\n\nx",
        b"From: \x80\x81\xff <\xff@\xfe>\n\n\xff",
        b"From a@b Mon Jan 5\nSubject: x\n\nmbox",
        b"Subject: x\rFrom: a@b\r\rbody",
        b"Message-ID: no brackets here\nReferences: <<<>>> < <a\n\nx",
        b"Content-Transfer-Encoding: base64\n\n=====",
        b"Content-Type: message/rfc822\n\n",
    ],
)
def test_odd_mail_is_read_as_far_as_it_goes(raw: bytes) -> None:
    assert isinstance(parse(raw), ParsedMail)


def test_a_missing_empty_line_below_the_header_is_named() -> None:
    found = parse(b"From: a@b.example\nSubject: x\nHello Ann, how are you?\nBye\n")
    assert found.text.startswith("Hello Ann")
    assert found.defects == ("no empty line between header and body",)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read(raw: bytes) -> None:
    parse(raw)


WHOLE = (
    HEAD
    + b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
    + HTML
    + b"\n--b\n"
    + IMAGE
    + b"\n--b--\n"
)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(WHOLE)), st.integers(0, 60), st.binary(max_size=30))
def test_mangled_mail_is_read(place: int, cut: int, noise: bytes) -> None:
    parse(WHOLE[:place] + noise + WHOLE[place + cut :])


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["utf-7", "iso-2022-jp", "hz", "gb2312", "idna", "punycode", "utf-16", "x"]),
    st.binary(max_size=80),
)
def test_any_bytes_in_any_charset_are_read(charset: str, raw: bytes) -> None:
    mail(f"Content-Type: text/plain; charset={charset}\n".encode(), raw)
