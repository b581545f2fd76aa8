"""The words that were looked for, marked where they stand: each between U+2068 and U+2069.

Made from the row that was found, never by the database, so both databases show
the same. A text without the words is shown from its beginning, without marks.
A line of the list shows some 35 characters, so a found word comes soon.
"""

import re
import unicodedata
from collections.abc import Iterator

from casso.rules.search_terms import PREFIX_MARK, folded

MARK_START, MARK_END = "\u2068", "\u2069"
LENGTH = 160
LEAD = 16
LOOK_AT = 6_000
_MARKS = str.maketrans("", "", MARK_START + MARK_END)


def snippet(text: str, terms: tuple[str, ...]) -> str:
    """At most about LENGTH characters of `text`; `terms` are those of search_terms.query_terms."""
    plain, spans = _looked_at(text, terms)
    start = _start(plain, spans[0][0]) if spans else 0
    end = min(len(plain), start + LENGTH)
    return ("…" if start else "") + _marked(plain, spans, start, end) + ("…" if end < len(plain) else "")


def marked(text: str, terms: tuple[str, ...]) -> str:
    """The whole of a short text (a subject, a name) with its found words marked."""
    plain, spans = _looked_at(text, terms)
    return _marked(plain, spans, 0, len(plain))


def _looked_at(text: str, terms: tuple[str, ...]) -> tuple[str, list[tuple[int, int]]]:
    """The text on one line without marks of its own, and where the words stand in it."""
    plain = unicodedata.normalize("NFC", " ".join(text[:LOOK_AT].translate(_MARKS).split()))
    return plain, list(_found_spans(plain, [term.partition("x")[2] for term in terms]))


def _marked(plain: str, spans: list[tuple[int, int]], start: int, end: int) -> str:
    pieces, at = [], start
    for left, right in spans:
        if left < at or right > end:
            continue
        pieces += [plain[at:left], MARK_START, plain[left:right], MARK_END]
        at = right
    return "".join([*pieces, plain[at:end]])


def _start(plain: str, first: int) -> int:
    """Where to begin so that the first found word has some words before it."""
    if first <= LEAD:
        return 0
    space = plain.find(" ", first - LEAD, first)
    return space + 1 if space >= 0 else first - LEAD


def _found_spans(plain: str, pieces: list[str]) -> Iterator[tuple[int, int]]:
    """Where the pieces stand in the text, in order, overlapping ones (pairs of a run) joined."""
    if not pieces:
        return
    flat, origin = _fold_keeping_places(plain)
    pattern = _strict(pieces)
    if not pattern.search(flat):
        pattern = re.compile("|".join(re.escape(piece.rstrip(PREFIX_MARK)) for piece in pieces))
    left = right = -1
    for match in pattern.finditer(flat):
        begin = match.start(1) if match.lastindex else match.start()
        begin, end = origin[begin], origin[match.end() - 1 if not match.lastindex else match.end(1) - 1] + 1
        if begin <= right:
            right = max(right, end)
            continue
        if right > 0:
            yield left, right
        left, right = begin, end
    if right > 0:
        yield left, right


def _strict(pieces: list[str]) -> re.Pattern[str]:
    """Whole words; inside runs written without spaces, anywhere (looking ahead, since pairs overlap)."""
    choices = []
    for piece in sorted(pieces, key=len, reverse=True):
        bare = re.escape(piece.rstrip(PREFIX_MARK))
        if len(piece.rstrip(PREFIX_MARK)) <= 2 and not piece.isascii():
            choices.append(bare)
        elif piece.endswith(PREFIX_MARK):
            choices.append(rf"(?<!\S){bare}\S*")
        else:
            choices.append(rf"(?<!\S){bare}(?!\S)")
    return re.compile(f"(?=({'|'.join(choices)}))")


def _fold_keeping_places(plain: str) -> tuple[str, list[int] | range]:
    """The folded text, and for each of its characters the place it came from."""
    if plain.isascii():
        return folded(plain), range(len(plain))
    parts = [folded(character) for character in plain]
    return "".join(parts), [place for place, part in enumerate(parts) for _ in part]
