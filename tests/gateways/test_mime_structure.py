"""How a raw mail is cut into parts: boundaries, nesting, limits, and what is named when something is odd."""

import pytest

from casso.gateways.mime import parse
from casso.gateways.mime.parsing import read_ids
from casso.gateways.mime.structure import DEPTH_LIMIT, PART_LIMIT, Part, read_tree
from casso.values.mail import ParsedMail


def shape(part: Part) -> object:
    """The tree as nested lists of types."""
    return (
        [part.content_type, *(shape(child) for child in part.children)]
        if part.children
        else part.content_type
    )


def texts(raw: bytes) -> str:
    return parse(raw).text


def nested(depth: int) -> bytes:
    levels = (b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (one, one) for one in range(depth))
    return b"".join(levels) + b"\ninnermost words\n"


def test_parts_come_in_order_without_preamble_and_epilogue() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\none\n--b\n\ntwo\n--b--\nepilogue\n"
    assert texts(raw) == "one\ntwo"


@pytest.mark.parametrize("line", [b"\n", b"\r\n"])
def test_the_line_break_before_a_boundary_belongs_to_it(line: bytes) -> None:
    raw = line.join(
        [b"Content-Type: multipart/mixed; boundary=b", b"", b"--b", b"", b"one", b"", b"--b--", b""]
    )
    assert texts(raw) == "one\n"


@pytest.mark.parametrize(
    "raw",
    [
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\none\n--b\n\ntwo\n',
        b"Content-Type: multipart/mixed; boundary=b\n\n--b  \t\n\none\n--b \n\ntwo\n--b-- \n",
        b"Content-Type: multipart/mixed; boundary=b \n\n--b\n\none\n--b\n\ntwo\n--b--",
        b"Content-Type: multipart/mixed\n boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--",
        b"Content-Type: Multipart/Mixed; BOUNDARY=b\n\n--b\n\none\n--b\n\ntwo\n--b--",
        b"Content-Type: multipart/mixed; boundary*0=b; boundary*1=\n\n--b\n\none\n--b\n\ntwo\n--b--",
    ],
)
def test_boundaries_are_found_in_sloppy_forms(raw: bytes) -> None:
    assert texts(raw).rstrip() == "one\ntwo"


def test_a_boundary_that_begins_like_another_is_told_apart() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n"
        b"--bb\n\none\n--bb\n\ntwo\n--bb--\n--b\n\nthree\n--b--\n"
    )
    assert texts(raw) == "one\ntwo\nthree"


def test_a_boundary_inside_a_line_is_text() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee --b and --bx\n--b--\n"
    assert texts(raw) == "see --b and --bx"


def test_an_inner_part_left_open_ends_where_the_outer_goes_on() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n"
        b"--c\n\none\n--b\n\ntwo\n--b--\n"
    )
    root, _ = read_tree(raw)
    assert shape(root) == ["multipart/mixed", ["multipart/mixed", "text/plain"], "text/plain"]
    assert texts(raw) == "one\ntwo"


def test_a_multipart_without_parts_is_read_as_text() -> None:
    found = parse(b"Content-Type: multipart/alternative; boundary=b\n\njust words\n")
    assert found.text == "just words\n"
    assert found.defects == ("multipart without parts, read as text",)


def test_depth_up_to_the_limit_is_read_and_one_more_is_named() -> None:
    within, beyond = parse(nested(DEPTH_LIMIT)), parse(nested(DEPTH_LIMIT + 1))
    assert "innermost words" in within.text
    assert within.defects == ()
    assert beyond.text == ""
    assert beyond.defects == ("nested deeper than the limit, left out",)


def test_parts_up_to_the_limit_are_read_and_more_are_named() -> None:
    head = b"Content-Type: multipart/mixed; boundary=b\n\n"
    within, beyond = (parse(head + b"--b\n\nword\n" * count) for count in (PART_LIMIT, PART_LIMIT + 1))
    assert within.text.count("word") == beyond.text.count("word") == PART_LIMIT
    assert within.defects == ()
    assert beyond.defects == ("more parts than the limit, left out",)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"\n\nx", "text/plain"),
        (b"Content-Type:\n\nx", "text/plain"),
        (b"Content-Type: text\n\nx", "text/plain"),
        (b"Content-Type: html\n\nx", "text/html"),
        (b"Content-Type: TEXT/HTML;\n\nx", "text/html"),
        (b"Content-Type: text/html charset=utf-8\n\nx", "text/html"),
        (b'Content-Type: application/x; name="a;b"\n\nx', "application/x"),
        (b"Content-Type: \xff\xfe/\xff\n\nx", "text/plain"),
        (b"Content-Type: " + b"a" * 5_000 + b"/b\n\nx", "text/plain"),
    ],
)
def test_types_are_read_from_sloppy_fields(raw: bytes, kind: str) -> None:
    assert read_tree(raw)[0].content_type == kind


def test_the_first_field_of_a_name_counts() -> None:
    found = parse(b"Subject: one\nSubject: two\nFrom: a@x.example\nFrom: b@x.example\n\nx")
    assert (found.subject, found.sender.email) == ("one", "a@x.example")
    assert found.all_headers("subject") == ("one", "two")


def test_folded_fields_are_joined_and_mbox_lines_skipped() -> None:
    raw = b"From a@x.example Mon Jan 5\nSubject: one\n\ttwo\n three\nX-Y:z\n\nx"
    found = parse(raw)
    assert found.subject == "one\ttwo three"
    assert found.header("x-y") == "z"
    assert found.text == "x"


def test_a_stray_line_among_fields_is_left_out_and_named() -> None:
    found = parse(b"Subject: one\nthis is no field\nFrom: a@x.example\n\nx")
    assert (found.subject, found.sender.email, found.text) == ("one", "a@x.example", "x")
    assert found.defects == ("a line in the header was no field, left out",)


def test_empty_lines_above_the_header_are_skipped() -> None:
    assert parse(b"\r\n\r\nSubject: one\r\n\r\nx").subject == "one"


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@x> <b@x>\n <c@x>", ("a@x", "b@x", "c@x")),
        ("<a@x><b@x>", ("a@x", "b@x")),
        ("<a@x> <a@x>", ("a@x",)),
        ("Message of Monday <a@x> from Bob", ("a@x",)),
        ("a@x, b@x", ("a@x", "b@x")),
        ("no-at-sign", ("no-at-sign",)),
        ("several words", ()),
        ("", ()),
        ("<>", ()),
    ],
)
def test_ids_are_read_without_brackets(value: str, ids: tuple[str, ...]) -> None:
    assert read_ids(value) == ids


def body_of(kind: str, *parts: bytes) -> ParsedMail:
    raw = f"Content-Type: multipart/{kind}; boundary=b\n\n".encode()
    return parse(raw + b"".join(b"--b\n" + part + b"\n" for part in parts) + b"--b--\n")


PLAIN = b"Content-Type: text/plain\n\nplain"
RICH = b"Content-Type: text/html\n\n<p>rich</p>"
FILE = b"Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment; filename=a.txt\n\nfile words"
RELATED = (
    b"Content-Type: multipart/related; boundary=c\n\n--c\n"
    + RICH
    + b"\n--c\nContent-Type: image/png\n\nx\n--c--"
)


@pytest.mark.parametrize(
    ("kind", "parts", "text", "html", "files"),
    [
        ("alternative", (PLAIN, RICH), "plain", "<p>rich</p>", 0),
        ("alternative", (PLAIN, RELATED), "plain", "<p>rich</p>", 1),
        ("alternative", (b"Content-Type: text/plain\n\n ", RICH), "", "<p>rich</p>", 0),
        ("alternative", (PLAIN, b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR"), "plain", "", 1),
        ("mixed", (PLAIN, FILE), "plain", "", 1),
        ("mixed", (FILE,), "", "", 1),
        ("mixed", (PLAIN, b"Content-Type: text/csv\n\na,b"), "plain", "", 1),
        ("mixed", (PLAIN, b"Content-Type: text/plain; name=b.txt\n\nnamed"), "plain", "", 1),
        ("related", (RICH, PLAIN), "", "<p>rich</p>", 1),
        ("signed", (PLAIN, b"Content-Type: application/pgp-signature\n\nx"), "plain", "", 1),
        ("report", (PLAIN, b"Content-Type: text/rfc822-headers\n\nSubject: x"), "plain", "", 1),
        ("unheard-of", (PLAIN, RICH), "", None, 0),
    ],
)
def test_what_is_body_and_what_is_a_file(
    kind: str, parts: tuple[bytes, ...], text: str, html: str | None, files: int
) -> None:
    found = body_of(kind, *parts)
    assert found.text == text
    assert html is None or found.html == html
    assert len(found.attachments) == files
