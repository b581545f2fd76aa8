"""HTML to readable text, bounded. Layout comes from inscriptis with its strict CSS profile.

inscriptis and lxml are loaded at the first HTML mail, not with this module.
"""

import html as entities
import re

SIZE_LIMIT = 1_000_000
_HIDDEN = re.compile(r"(?is)<(style|script|title|template)\b[^>]{0,2000}>.{0,300000}?</\1\s{0,9}>")
_TAG = re.compile(r"<[^<>]{0,3000}>")
_BREAK = re.compile(r"(?i)<(br|/p|/div|/tr|/li|/h[1-6]|/blockquote)\b[^<>]{0,300}>")
_BLANKS = re.compile(r"\n{3,}")


def html_to_text(html: str) -> str:
    """The text a reader of the HTML sees, links and images left out. Never raises."""
    html = html[:SIZE_LIMIT]
    if not html.strip():
        return ""
    try:
        text = _lay_out(html)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError, SyntaxError):
        text = strip_tags(html)
    lines = [line.rstrip() for line in text.replace("\xa0", " ").split("\n")]
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip()


def strip_tags(html: str) -> str:
    """The text without any layout: for HTML that no parser takes."""
    html = _HIDDEN.sub(" ", html)
    return entities.unescape(_TAG.sub(" ", _BREAK.sub("\n", html)))


def _lay_out(html: str) -> str:
    from inscriptis import Inscriptis
    from inscriptis.css_profiles import STRICT_CSS_PROFILE
    from inscriptis.model.config import ParserConfig
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser(remove_comments=True, remove_pis=True)
    tree = document_fromstring(html.replace("\0", ""), parser=parser)
    return str(Inscriptis(tree, ParserConfig(css=STRICT_CSS_PROFILE)).get_text())
