"""HTML to text: what a reader sees, bounded."""

import time

import pytest

from casso.rules.mailtext import BRACKET_LIMIT, html_to_text, strip_tags


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("  ", ""),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two", "One\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("a&nbsp;b &lt;c&gt; &#228;", "a b <c> ä"),
        ("<title>T</title><style>p{}</style><script>x()</script><!-- c -->One", "One"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a  b"),
        ("<a href='https://x.example/'>link</a>", "link"),
        ("<p>One<p><p><p><p><p>Two", "One\n\nTwo"),
        ("no tags at all", "no tags at all"),
    ],
)
def test_html_reads_as_a_reader_sees_it(html: str, text: str) -> None:
    assert html_to_text(html) == text


def test_html_deeper_than_the_parser_allows_still_gives_its_words() -> None:
    assert html_to_text("<b>" * 20_000 + "deep") == "deep"


def test_an_unclosed_script_hides_the_rest_when_only_tags_are_stripped() -> None:
    assert strip_tags("One<script>two<p>three") == "One"
    assert strip_tags("One<style>x</style >two<!-- > -->three") == "One two three"


@pytest.mark.parametrize(
    "html",
    [
        "<style>" * 100_000,
        "<!--" * 100_000,
        "<" * 1_000_000,
        "<a " + "b=c " * 200_000,
        "<table>" + "<tr><td>x</td></tr>" * 100_000,
        "&amp;" * 200_000,
    ],
)
def test_hostile_html_takes_little_time(html: str) -> None:
    start = time.process_time()
    html_to_text(html)
    assert time.process_time() - start < 6


def test_a_huge_table_is_not_laid_out_but_its_words_are_kept() -> None:
    row = "<tr><td><ul><li>word</ul></td></tr>"
    assert html_to_text(f"<table>{row}</table>").strip() == "* word"
    huge = html_to_text(f"<table>{row * 6_000}</table>")
    assert "*" not in huge
    assert huge.split()[:2] == ["word", "word"]


def test_a_flood_of_tags_is_not_laid_out_but_its_words_are_kept() -> None:
    listed = "<ul><li>One</li></ul>"
    laid_out = html_to_text(listed)
    assert laid_out == "* One"
    flooded = html_to_text(listed + "<i></i>" * (BRACKET_LIMIT // 2 - 2))
    assert flooded == laid_out
    assert html_to_text(listed + "<i></i>" * (BRACKET_LIMIT // 2)) == "One"
