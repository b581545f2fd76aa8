"""Rewrites hostile or sloppy HTML into plain tags of bounded depth, so that parsing it takes linear time.

Not the sanitiser: it only makes sure that a parser sees the tags we see. Formatting
tags get another name (`b` becomes `x-b`) on the way in, because HTML's rules for
misnested formatting copy every open one into each paragraph: 37 kB become 28 MB.
"""

import re

MAX_CHARS = 1_000_000
MAX_DEPTH = 250
MAX_STRAY_ENDS = 2000
# The parser's time grows faster than the number of `&`: a million took more than a minute.
MAX_REFERENCES = 50_000
# Each bracket costs a call of ours and some of the parser's work; mail that says something has fewer.
MAX_BRACKETS = 150_000

FORMATTING = frozenset("b big code em font i s small strike strong tt u".split())
_VOID = frozenset("br hr img col wbr".split())
_RAW = ("script", "style", "title", "template", "noscript", "xmp", "iframe", "noembed", "noframes")
_DROPPED_WHOLE = (
    *_RAW,
    "textarea",
    "select",
    "svg",
    "math",
    "object",
    "applet",
    "audio",
    "video",
    "plaintext",
)
_TABLE_PARTS = frozenset("table caption colgroup thead tbody tfoot tr td th".split())
_SCOPES = frozenset("table td th caption".split())
_CLOSED_BY_NEXT = frozenset("p li dd dt td th tr".split())
_BLOCKS = frozenset(
    "a abbr acronym address article aside bdi bdo blockquote center cite dd del details dfn div dl dt "
    "figcaption figure footer h1 h2 h3 h4 h5 h6 header ins kbd li main mark nav ol p pre q samp section span "
    "sub summary sup time ul var".split()
)
KEPT = _BLOCKS | FORMATTING | _VOID | _TABLE_PARTS

_NAME = r"[a-zA-Z][a-zA-Z0-9:_-]{0,40}"
_VALUE = r"""(?:"[^"]{0,8000}"|'[^']{0,8000}'|[^\s"'=<>`]{1,4000})"""
_ATTRIBUTE = rf"""[\s/]+[^\s"'<>/=]{{1,80}}(?:\s{{0,20}}=\s{{0,20}}{_VALUE})?"""
_TOKEN = re.compile(
    rf"<(?P<end>/?)(?P<name>{_NAME})"
    rf"(?:(?P<attributes>(?:{_ATTRIBUTE}){{0,60}}+)[\s/]{{0,200}}+>|(?=[\s/>\"'=])[^<>]*>)|<!?"
)
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_FORMAT_BACK = re.compile(rf"<(/?)x-({'|'.join(sorted(FORMATTING))})(?=[ >])")


def bounded(html: str) -> str:
    """The same document as plain tags: no comments, no unknown tags, at most MAX_DEPTH deep, not too long."""
    text = _up_to(html[:MAX_CHARS].replace("\x00", ""), "&", MAX_REFERENCES)
    text = _up_to(text, "<", MAX_BRACKETS)
    text = _without_spans(text, "<!--", "-->")
    for name in _DROPPED_WHOLE:
        text = _without_element(text, name)
    return _Writer(_DECLARATION.sub("", text)).write()


def formatting_back(html: str) -> str:
    """Undo the renaming of formatting tags in a sanitised document."""
    return _FORMAT_BACK.sub(r"<\1\2", html)


class _Writer:
    """One pass over the tags, with the stack of those that are open (never shorter than a parser's own)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stack: list[str] = []
        self.stray_ends = 0
        self.stray_starts = 0

    def write(self) -> str:
        return _TOKEN.sub(self._token, self.text)

    def _token(self, match: re.Match[str]) -> str:
        name = (match["name"] or "").lower()
        if not name:
            self.stray_starts += 1
            return "&lt;" if match[0] == "<" and self.stray_starts <= MAX_REFERENCES else ""
        if name not in KEPT:
            return ""
        written = f"x-{name}" if name in FORMATTING else name
        if match["end"]:
            return f"</{written}>" if self._close(name) else ""
        if name not in _VOID and not self._open(name):
            return ""
        return f"<{written}{match['attributes'] or ''}>"

    def _open(self, name: str) -> bool:
        if name in _CLOSED_BY_NEXT and self.stack and self.stack[-1] == name:
            self.stack.pop()
        if len(self.stack) >= MAX_DEPTH or (name == "a" and "a" in self.stack[-20:]):
            return False
        self.stack.append(name)
        return True

    def _close(self, name: str) -> bool:
        """Close as a parser would; a tag that is not open, or beyond a table's border, closes nothing."""
        borders = {"table"} if name in _TABLE_PARTS else _SCOPES
        farthest = 0 if self.stray_ends < MAX_STRAY_ENDS else max(0, len(self.stack) - 10)
        for at in range(len(self.stack) - 1, farthest - 1, -1):
            if self.stack[at] == name:
                del self.stack[at:]
                return True
            if self.stack[at] in borders:
                break
        self.stray_ends += 1
        return False


def _up_to(text: str, sign: str, most: int) -> str:
    """The text up to the last permitted sign; what lies beyond is left out, as beyond MAX_CHARS."""
    if text.count(sign) <= most:
        return text
    end = -1
    for _ in range(most + 1):
        end = text.find(sign, end + 1)
    return text[:end]


def _without_element(text: str, name: str) -> str:
    """Cut an element with all it holds; one that never ends loses its tag only (its text is harmless)."""
    opening = re.compile(rf"<{name}(?=[\s/>])", re.IGNORECASE)
    closing = re.compile(rf"</{name}(?=[\s/>])[^<>]*>?", re.IGNORECASE)
    kept: list[str] = []
    start = 0
    while found := opening.search(text, start):
        end = closing.search(text, found.end())
        if end is None:
            break
        kept.append(text[start : found.start()])
        start = end.end()
    return "".join(kept) + text[start:]


def _without_spans(text: str, opening: str, closing: str) -> str:
    """Cut from each opening mark to the next closing one; an unclosed last one stays."""
    kept: list[str] = []
    start = 0
    while (found := text.find(opening, start)) >= 0:
        end = text.find(closing, found + 2)
        if end < 0:
            break
        kept.append(text[start:found])
        start = end + len(closing)
    return "".join(kept) + text[start:]
