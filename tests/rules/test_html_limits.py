"""Plain tags of bounded depth: what a parser sees afterwards is what we saw."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casso.rules.html_limits import (
    MAX_BRACKETS,
    MAX_CHARS,
    MAX_DEPTH,
    MAX_REFERENCES,
    bounded,
    formatting_back,
)
from casso.rules.html_style import kept_style
from casso.rules.sanitize import clean_html


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("a < b", "a &lt; b"),
        ("<b>x</b>", "<x-b>x</x-b>"),
        ("<B CLASS=x>x</B >", "<x-b CLASS=x>x</x-b>"),
        ("<blink>x</blink>", "x"),
        ("<!-- x -->y", "y"),
        ("<!doctype html><html><body>x", "x"),
        ("<style>a<b></style>x", "x"),
        ("<script>a", "a"),
        ("<p a='>'>x", "<p a='>'>x"),
        ('<p a="b"c">x', "<p>x"),
        ("</p>x", "x"),
        ("<p>1<p>2", "<p>1<p>2"),
        ("<o:p>x</o:p>", "x"),
        ("<a href=1><a href=2>x</a></a>", "<a href=1>x</a>"),
        ("<div><table><td></div>x", "<div><table><td>x"),
        ("x<", "x&lt;"),
        ("x<p", "x&lt;p"),
        ("\x00<p\x00>x", "<p>x"),
    ],
)
def test_what_is_written(html: str, plain: str) -> None:
    assert bounded(html) == plain


def test_depth_ends_and_the_text_stays() -> None:
    html = bounded("<div>" * 1000 + "deep" + "</div>" * 1000 + "<p>after</p>")
    assert html.count("<div>") == MAX_DEPTH
    assert "deep" in html
    assert html.endswith("<p>after</p>")


def test_length_ends() -> None:
    assert len(bounded("x" * (MAX_CHARS + 5))) == MAX_CHARS


@pytest.mark.parametrize(
    "flood", ["&", "<", "&a", "&#1078;", "&lt;", "<&", "& ", "<p title=&>", "<!", "&<b>"]
)
def test_a_flood_of_signs_reaches_the_parser_only_so_far(flood: str) -> None:
    """Counted, not timed: each `&` that a parser sees costs it more than the one before."""
    plain = bounded("before " + flood * (MAX_CHARS // len(flood)))
    assert plain.startswith("before ")
    assert plain.count("&") <= 2 * MAX_REFERENCES


@pytest.mark.parametrize("flood", ["<", "< ", "</", "<?", "<a", "<p>", "</p>", "<br>", "<td>", "<i>", "<!x>"])
def test_a_flood_of_brackets_ends_the_document(flood: str) -> None:
    """Counted, not timed: each bracket costs a call, however little is written for it."""
    assert bounded("before " + flood * (MAX_BRACKETS - 1) + " after").endswith(" after")
    plain = bounded("before " + flood * (MAX_BRACKETS + 1) + " after")
    assert plain.startswith("before ")
    assert "after" not in plain
    assert plain.count("<") <= MAX_BRACKETS


def test_a_mail_with_many_tags_is_whole_below_the_limit() -> None:
    html = "<p>" + "<br>" * (MAX_BRACKETS - 2) + "</p>"
    assert bounded(html) == html
    assert bounded(html + "<p>tail") == html


def test_a_mail_with_many_references_is_whole_below_the_limit() -> None:
    html = "<p>" + "&#1078;" * MAX_REFERENCES + "</p>"
    assert bounded(html) == html
    assert clean_html(html).html == "<p>" + "ж" * MAX_REFERENCES + "</p>"
    assert bounded(html + "&amp;tail") == html


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/!-'\"= abpdivtx\n", max_size=200))
def test_every_bracket_left_begins_a_tag_we_keep(html: str) -> None:
    for found in re.finditer("<", bounded(html)):
        rest = bounded(html)[found.start() :]
        assert re.match(r"</?(a|abbr|p|div|dd|dt|td|x-[a-z]+|[a-z][a-z0-9]*)[\s/>]", rest), rest[:40]


def test_formatting_returns_and_nothing_else_does() -> None:
    assert (
        formatting_back('<x-b class="x">a</x-b> x-b &lt;x-b> <x-bold>')
        == '<b class="x">a</b> x-b &lt;x-b> <x-bold>'
    )


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("color: red; margin:0 auto !important", "color:red;margin:0 auto !important"),
        ("COLOR:Red", "color:Red"),
        ("background:#fff", "background-color:#fff"),
        ("color:rgba(1, 2, 3, .5)", "color:rgba(1, 2, 3, .5)"),
        ("font-family:'Segoe UI', Arial", "font-family:'Segoe UI', Arial"),
        ("color", ""),
        ("color:", ""),
        (":red", ""),
        ("position:fixed", ""),
        ("width:calc(1px)", ""),
        ("color:r\\65 d", ""),
        ("color:red/**/", ""),
        ("display:grid", ""),
        ("display:none !important", "display:none !important"),
        ("background:url(x)", ""),
        ("color:red;" * 1000, ";".join(["color:red"] * 400)),
    ],
)
def test_only_looks_are_kept(style: str, kept: str) -> None:
    assert kept_style(style) == kept
