"""Encoded words, parameters, base64 and charsets, one rule at a time."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casso.gateways.mime import charset
from casso.gateways.mime.addresses import read_addresses
from casso.gateways.mime.attachments import clean_filename, take_uuencoded
from casso.gateways.mime.bodies import unflow
from casso.gateways.mime.charset import decode, find_codec
from casso.gateways.mime.headers import decode_words, lenient_base64, read_parameters


@pytest.mark.parametrize("name", sorted({*charset._WIDER.values(), *charset._GUESSES}))
def test_every_charset_we_turn_to_is_known_to_python(name: str) -> None:
    assert codecs.lookup(name)
    assert find_codec(name)


@pytest.mark.parametrize(
    "name", ["hex", "zlib", "bz2", "rot13", "idna", "punycode", "unicode_escape", "undefined", ""]
)
def test_codecs_that_are_no_charset_are_refused(name: str) -> None:
    assert find_codec(name) == ""


@pytest.mark.parametrize("name", ["a\0b", "x" * 500, "ütf-8", "../x", "utf 8", "none", "utf-8\n"])
def test_nonsense_names_never_raise(name: str) -> None:
    assert decode("Grüße".encode(), name) == "Grüße"


def test_few_broken_signs_do_not_change_the_charset() -> None:
    assert decode("Здравствуйте".encode() + b"\xaa", "utf-8") == "Здравствуйте\ufffd"


def test_a_utf_8_text_declared_as_latin_is_still_read() -> None:
    assert decode("Grüße".encode(), "iso-8859-1") == "Grüße"


def test_the_five_gaps_of_cp1252_do_not_lose_text() -> None:
    assert decode(b"a\x81\xe4", "iso-8859-1") == "a\x81ä"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"),
        ("=?utf-8?q?a?= =?iso-8859-1?q?=E4?=", "aä"),
        ("x=?utf-8?q?a?=y", "xay"),
        ("=?utf-8?q?a b?=", "a b"),
        ("=?utf-8?q?who?_me?=", "who? me"),
        ("=?utf-8?b?w6R?=", "ä"),
        ("=?utf-8?b?w6Q?=", "ä"),
        ("=?utf-8?b?w6Q==?=", "ä"),
        ("=?utf-8?b?!?=", ""),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?=zz?=", "=zz"),
        ("=??q?a?=", "=??q?a?="),
    ],
)
def test_encoded_words(raw: str, text: str) -> None:
    assert decode_words(raw) == text


@pytest.mark.parametrize(
    ("raw", "data"),
    [
        (b"Q2F0", b"Cat"),
        (b"Q2F0Cg", b"Cat\n"),
        (b"Q 2\r\nF0", b"Cat"),
        (b"Q2F0=Q2F0", b"CatCat"[:3] + b"Cat"),
        (b"Q2F0\x00\xff!", b"Cat"),
        (b"Q", b""),
        (b"====", b""),
        (b"", b""),
    ],
)
def test_base64_is_read_as_far_as_it_goes(raw: bytes, data: bytes) -> None:
    assert lenient_base64(raw) == data


@pytest.mark.parametrize(
    ("raw", "main", "parameters"),
    [
        ("text/plain", "text/plain", {}),
        ('a/b; x="1;2"; y=3', "a/b", {"x": "1;2", "y": "3"}),
        ('a/b; x="q\\"q"', "a/b", {"x": 'q"q'}),
        ("a/b; x*=utf-8'de'%C3%A4", "a/b", {"x": "ä"}),
        ("a/b; x*1=b; x*0=a", "a/b", {"x": "ab"}),
        ("a/b; x*0*=utf-8''%C3; x*1*=%A4", "a/b", {"x": "ä"}),
        ("a/b; x=1; x=2", "a/b", {"x": "1"}),
        ("a/b; x*=utf-8''new; x=old", "a/b", {"x": "new"}),
        ('a/b; x="open', "a/b", {"x": "open"}),
        ("; x=1", "", {"x": "1"}),
        ("a/b; novalue; =; x*x*x=1", "a/b", {}),
        ("A/B ;X = 1", "a/b", {"x": "1"}),
    ],
)
def test_parameters(raw: str, main: str, parameters: dict[str, str]) -> None:
    assert read_parameters(raw) == (main, parameters)


@pytest.mark.parametrize(
    ("raw", "emails"),
    [
        ("a@x.example, b@x.example", ["a@x.example", "b@x.example"]),
        ("a@x.example; b@x.example", ["a@x.example", "b@x.example"]),
        ('"a, b" <a@x.example>, b@x.example', ["a@x.example", "b@x.example"]),
        ("Team: a@x.example, B <b@x.example>;, c@x.example", ["a@x.example", "b@x.example", "c@x.example"]),
        ("a@x.example (one, two), b@x.example", ["a@x.example", "b@x.example"]),
        ('"unclosed <a@x.example>, b@x.example', ["a@x.example", "b@x.example"]),
        ("<a@x.example>,,,;<b@x.example>", ["a@x.example", "b@x.example"]),
        ("<mailto:a@x.example>", ["a@x.example"]),
        ("=?utf-8?q?a=40x=2Eexample?=", ["a@x.example"]),
        ("undisclosed-recipients:;", []),
        ("nobody", []),
    ],
)
def test_address_lists(raw: str, emails: list[str]) -> None:
    assert [one.email for one in read_addresses(raw)] == emails


def test_a_line_break_inside_the_brackets_is_no_part_of_the_address() -> None:
    assert [one.email for one in read_addresses("<mia@\nlotus.example>")] == ["mia@lotus.example"]


def test_the_number_of_addresses_is_bounded() -> None:
    assert len(read_addresses("a@x.example," * 5_000)) == 1_000


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='ab@.<>()",;:\\ =?utf-8q\n', max_size=80))
def test_any_address_header_is_read(raw: str) -> None:
    for one in read_addresses(raw):
        assert not set(one.email) & set("<> \n")
        assert "\n" not in one.name


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_file_name_becomes_harmless(name: str) -> None:
    clean = clean_filename(name)
    assert not set(clean) & set("/\\\0\r\n\u202e")
    assert clean not in (".", "..")
    assert len(clean) <= 200


def test_two_uuencoded_files_in_one_text() -> None:
    block = "begin 644 {}\n#0V%T\n`\nend\n"
    text, files = take_uuencoded(f"a\n{block.format('../x/1.txt')}b\n{block.format('2.txt')}c")
    assert text == "a\nb\nc"
    assert [one.name for one in files] == ["1.txt", "2.txt"]


@pytest.mark.parametrize(
    ("raw", "delete_space", "text"),
    [
        ("a \nb", False, "a b"),
        ("a \nb", True, "ab"),
        ("a\nb", False, "a\nb"),
        ("> a \n> b\nc", False, "> a b\nc"),
        ("> a \nb", False, "> a \nb"),
        (">> a \n>> b", False, ">> a b"),
        ("a \n-- \nb", False, "a \n-- \nb"),
        (" > a", False, "> a"),
    ],
)
def test_flowed_lines(raw: str, delete_space: bool, text: str) -> None:
    assert unflow(raw, delete_space) == text
