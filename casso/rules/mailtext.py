"""HTML to readable text, bounded. Layout comes from inscriptis with its strict CSS profile.

inscriptis and lxml are loaded at the first HTML mail, not with this module.
"""

import html as entities
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

SIZE_LIMIT = 500_000
CELL_LIMIT = 5_000
# Layout costs some ten microseconds an element: a flood of `<br>` is not worth a second.
BRACKET_LIMIT = 40_000
_HIDDEN = re.compile(r"<(style|script|title|template|!--)", re.IGNORECASE)
_CELL = re.compile(r"<t[dhr]\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,3000}>")
_BREAK = re.compile(r"(?i)<(br|/p|/div|/tr|/li|/h[1-6]|/blockquote)\b[^<>]{0,300}>")
_BLANKS = re.compile(r"\n{3,}")


def html_to_text(html: str) -> str:
    """The text a reader of the HTML sees, links and images left out. Never raises."""
    html = html[:SIZE_LIMIT]
    if not html.strip():
        return ""
    try:
        tree = read_tree(html) if _may_be_laid_out(html) else None
        text = lay_out(tree) if tree is not None else ""
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError, SyntaxError):
        text = ""
    if not text.strip():
        text = strip_tags(html)
    return tidy(text)


def _may_be_laid_out(html: str) -> bool:
    return html.count("<") <= BRACKET_LIMIT and len(_CELL.findall(html)) <= CELL_LIMIT


def tidy(text: str) -> str:
    """No trailing blanks, no runs of empty lines."""
    lines = [line.rstrip() for line in text.replace("\xa0", " ").split("\n")]
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip()


def strip_tags(html: str) -> str:
    """The text without any layout: for HTML that no parser takes."""
    return entities.unescape(_TAG.sub(" ", _BREAK.sub("\n", _drop_hidden(html)))).strip()


def _drop_hidden(html: str) -> str:
    """Cut styles, scripts and comments; an unclosed one hides the rest, as in a browser."""
    lower = html.lower()
    pieces: list[str] = []
    place = 0
    while found := _HIDDEN.search(html, place):
        pieces.append(html[place : found.start()])
        is_comment = found.group(1) == "!--"
        closing = lower.find("--" if is_comment else f"</{found.group(1).lower()}", found.end())
        place = lower.find(">", closing) + 1 if closing >= 0 else 0
        if not place:
            return " ".join(pieces)
    return " ".join([*pieces, html[place:]])


def read_tree(html: str) -> "HtmlElement | None":
    """The parsed HTML without comments; None when there is nothing to parse."""
    from lxml.etree import ParserError
    from lxml.html import HTMLParser, document_fromstring

    try:
        parser = HTMLParser(remove_comments=True, remove_pis=True)
        return document_fromstring(html[:SIZE_LIMIT].replace("\0", ""), parser=parser)
    except ParserError:
        return None


def lay_out(tree: "HtmlElement") -> str:
    """The text of a parsed HTML tree with its line breaks, lists and tables."""
    from inscriptis import Inscriptis
    from inscriptis.css_profiles import STRICT_CSS_PROFILE
    from inscriptis.model.config import ParserConfig

    return str(Inscriptis(tree, ParserConfig(css=STRICT_CSS_PROFILE)).get_text())
