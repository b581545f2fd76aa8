"""What the sanitiser lets through: looks and words, never anything that acts, fetches or leaves its place."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casso.rules.html_frame import for_frame
from casso.rules.html_limits import KEPT
from casso.rules.sanitize import clean_html
from tests.rules.xss_vectors import vectors

ATTRIBUTES = frozenset(
    "style dir lang title class id align href name src alt width height border hspace vspace cellpadding "
    "cellspacing bgcolor summary valign colspan rowspan nowrap scope headers span color face size start type "
    "value noshade datetime rel target".split()
)
BAD_STYLE = re.compile(
    r"url|expression|position|import|@|\\|/\*|behavior|binding|image|var\(|attr\(", re.IGNORECASE
)
GOOD_LINK = re.compile(r"(https?|mailto|tel|cid):", re.IGNORECASE)
GOOD_IMAGE = re.compile(r"(https?|cid):", re.IGNORECASE)


class Inspector(HTMLParser):
    """Reads a document with another parser than the sanitiser's, and lists what should not be in it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in KEPT:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            self.look_at(tag, name, value or "")

    def look_at(self, tag: str, name: str, value: str) -> None:
        if name not in ATTRIBUTES:
            self.wrong.append(f"{tag} {name}")
        if name == "href" and not GOOD_LINK.match(value):
            self.wrong.append(f"href {value}")
        if name == "src" and not GOOD_IMAGE.match(value):
            self.wrong.append(f"src {value}")
        if name == "style" and BAD_STYLE.search(value):
            self.wrong.append(f"style {value}")
        if name == "target" and value != "_blank":
            self.wrong.append(f"target {value}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.wrong.append("instruction")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append("declaration")


def problems(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.wrong


def test_there_are_more_than_three_hundred_vectors() -> None:
    assert len(vectors()) >= 300


@pytest.mark.parametrize("number", range(len(vectors())))
def test_nothing_that_acts_comes_through(number: int) -> None:
    cleaned = clean_html(vectors()[number]).html
    assert problems(cleaned) == []
    assert problems(for_frame(cleaned, cid_urls={}, show_remote=True, fold=False)) == []


def test_vectors_side_by_side_do_not_help_one_another() -> None:
    cleaned = clean_html("".join(vectors())).html
    assert problems(cleaned) == []


@pytest.mark.parametrize("number", range(len(vectors())))
def test_cleaning_twice_changes_nothing(number: int) -> None:
    once = clean_html(vectors()[number]).html
    assert clean_html(once).html == once


def test_the_inspector_notices_what_it_should() -> None:
    planted = (
        '<script>x</script><a onclick="x" href="javascript:x" target="_top">x</a><p style="a:url(x)"><!--x-->'
    )
    assert len(problems(planted)) == 6


PIECES = [
    "<",
    ">",
    '"',
    "'",
    "</",
    "<!--",
    "-->",
    "<svg>",
    "<math>",
    "<style>",
    "</style>",
    "<p ",
    "<b>",
    "</b>",
]
PIECES += [
    "<table>",
    "<td>",
    "<img src=x onerror=y>",
    "<a href=javascript:x>",
    "<x-b>",
    "&lt;",
    "=",
    " ",
    "x",
    "/",
]
PIECES += [
    "<title>",
    "<template>",
    "<noscript>",
    "<textarea>",
    "<!",
    "<?",
    "]]>",
    "\x00",
    "\n",
    "<blockquote type=cite>",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_no_mixture_of_broken_pieces_comes_through(html: str) -> None:
    cleaned = clean_html(html).html
    assert problems(cleaned) == []
    shown = for_frame(cleaned, cid_urls={}, show_remote=False)
    assert {wrong for wrong in problems(shown) if wrong != "img data-src"} == set()


def test_ordinary_mail_keeps_its_looks() -> None:
    html = (
        '<h2>Hi</h2><p style="color:#333;margin:0 0 8px">Dear <b>Ann</b>, <font color="red">now</font></p>'
        '<table border="1" cellpadding="4"><tr><td bgcolor="#eee" colspan="2">1</td></tr></table>'
        "<ul><li>one<li>two</ul><pre>a\n b</pre><hr>"
    )
    cleaned = clean_html(html).html
    for kept in (
        "<h2>Hi</h2>",
        'style="color:#333;margin:0 0 8px"',
        "<b>Ann</b>",
        '<font color="red">now</font>',
    ):
        assert kept in cleaned
    for kept in ('bgcolor="#eee"', 'colspan="2"', "<li>one</li><li>two</li>", "<pre>a\n b</pre>", "<hr>"):
        assert kept in cleaned


def test_a_link_opens_elsewhere_and_tells_nobody() -> None:
    cleaned = clean_html('<a href="https://a.example/?x=1&y=2" rel="opener" target="_self">x</a>').html
    assert 'target="_blank"' in cleaned
    assert 'rel="noopener noreferrer nofollow"' in cleaned
    assert 'href="https://a.example/?x=1&amp;y=2"' in cleaned


@pytest.mark.parametrize(
    "address", ["mailto:a@b.example", "tel:+49301234", "http://a.example", "https://a.example"]
)
def test_harmless_schemes_stay(address: str) -> None:
    assert f'href="{address}"' in clean_html(f'<a href="{address}">x</a>').html


def test_a_background_that_is_only_a_colour_stays() -> None:
    assert 'style="background-color:#fff"' in clean_html('<p style="background:#fff">x</p>').html
    assert (
        'style="background-color:rgb(1, 2, 3)"' in clean_html('<p style="background:rgb(1, 2, 3)">x</p>').html
    )


@pytest.mark.parametrize(
    ("html", "has_remote"),
    [
        ('<img src="https://a.example/x.png">', True),
        ('<img src=" HTTP://a.example/x.png">', True),
        ('<img src="ht\ntps://a.example/x.png">', True),
        ('<img src="cid:logo@x">', False),
        ('<img src="data:image/png;base64,AAAA">', False),
        ('<a href="https://a.example">x</a>', False),
    ],
)
def test_remote_images_are_noticed(html: str, has_remote: bool) -> None:
    assert clean_html(html).has_remote_images is has_remote


def test_a_mail_too_long_is_cut_and_still_closed() -> None:
    cleaned = clean_html("<div>" + "word " * 400_000).html
    assert cleaned.startswith("<div>")
    assert cleaned.endswith("</div>")
    assert len(cleaned) < 1_100_000


HOSTILE = {
    "formatting": "<p>" + "".join(f"<b title={i}>" for i in range(30_000)) + "</p>" + "<p>x</p>" * 30_000,
    "depth": "<div>" * 180_000,
    "table depth": "<div><table><td></div>" * 40_000,
    "stray ends": "<div>" * 240 + "</p>" * 200_000,
    "brackets": "<" * 900_000,
    "quotes": '<a b="' * 150_000,
    "mixed quotes": "<a b='<a c=\"" * 80_000,
    "comments": "<!--" * 200_000,
    "scripts": "<script>" * 100_000,
    "attributes": "<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_shapes_grow_neither_in_time_nor_in_size(name: str) -> None:
    """Without html_limits.py the first two take minutes and hundreds of megabytes."""
    assert len(clean_html(HOSTILE[name]).html) < 5_000_000
