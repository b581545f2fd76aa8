"""Text as search terms, the same on SQLite and PostgreSQL and the same for storing and for asking.

Words lose accents and case; Chinese, Japanese and Korean runs become overlapping
pairs, so a two-character word is found without a dictionary. Each term begins
with the organization's number, so a small organization never walks through a
large one's terms. A term is always a single token to FTS5's unicode61.
"""

import re
import unicodedata

TEXT_LIMIT = 100_000
TERM_LIMIT = 4_000
TERM_LENGTH = 64
QUERY_LIMIT = 16
PREFIX_MARK = "*"

_VOICE_MARKS = "\u3099\u309a"
# Letters to Python that unicode61 takes for separators (New Tai Lue, Vedic signs).
_SPLIT_BY_UNICODE61 = frozenset({*range(0x19B0, 0x19CA), 0x1CF2, 0x1CF3})
# Han, kana, bopomofo, hangul, and their extensions: written without spaces between words.
_PAIRED = re.compile(
    "[\u1100-\u11ff\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u312f\u3130-\u318f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b16f"
    "\U00020000-\U000323af]+"
)


def terms(organization_id: int, text: str) -> str:
    """Every distinct term of the text, separated by single spaces, in order of appearance."""
    found: dict[str, None] = {}
    for word in _words(text[:TEXT_LIMIT]):
        if word.isascii():
            found[word[:TERM_LENGTH]] = None
        else:
            found.update(dict.fromkeys(_stored_pieces(word)))
        if len(found) >= TERM_LIMIT:
            break
    prefix = f"{organization_id}x"
    return " ".join(prefix + piece for piece in list(found)[:TERM_LIMIT])


def query_terms(organization_id: int, query: str) -> tuple[str, ...]:
    """Terms that a document must all hold. One ending in `*` is a prefix: the word still being typed."""
    words = _words(query[:500])
    is_typing = bool(query) and not query[-1].isspace()
    found: dict[str, None] = {}
    for position, word in enumerate(words):
        is_last = is_typing and position == len(words) - 1
        found.update(dict.fromkeys(_asked_pieces(word, is_last=is_last)))
    return tuple(f"{organization_id}x{piece}" for piece in list(found)[:QUERY_LIMIT])


def folded(text: str) -> str:
    """Text as the terms see it: letters and digits folded, everything else a space or gone."""
    return text.translate(_FOLD)


def _words(text: str) -> list[str]:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return text.translate(_FOLD).split()


class _Fold(dict[int, str]):
    """What each character becomes: folded letters and digits, nothing (a mark), or a space."""

    def __missing__(self, point: int) -> str:
        pieces = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(point)).casefold())
        kept = (c for c in pieces if c in _VOICE_MARKS or not unicodedata.category(c).startswith("M"))
        folded = unicodedata.normalize("NFC", "".join(kept)).strip(_VOICE_MARKS)
        folded = "".join(c if c.isalnum() and ord(c) not in _SPLIT_BY_UNICODE61 else " " for c in folded)
        self[point] = folded
        return folded


_FOLD = _Fold()


def _stored_pieces(word: str) -> list[str]:
    """Pieces of one word to store; a paired run also gives its last character, so that any one is found."""
    found: list[str] = []
    for piece, is_paired in _split_scripts(word):
        if is_paired:
            found += [piece[at : at + 2] for at in range(len(piece))]
        else:
            found.append(piece[:TERM_LENGTH])
    return found


def _asked_pieces(word: str, *, is_last: bool) -> list[str]:
    """Pieces of one word to ask for; one paired character alone is the beginning of a pair."""
    found: list[str] = []
    for piece, is_paired in _split_scripts(word):
        if not is_paired:
            found.append(piece[:TERM_LENGTH])
        elif len(piece) == 1:
            found.append(piece + PREFIX_MARK)
        else:
            found += [piece[at : at + 2] for at in range(len(piece) - 1)]
    last = found[-1] if found else ""
    is_word = last and not last.endswith(PREFIX_MARK) and not _PAIRED.fullmatch(last)
    if is_last and is_word and 2 <= len(last) < TERM_LENGTH:
        found[-1] = last + PREFIX_MARK
    return found


def _split_scripts(word: str) -> list[tuple[str, bool]]:
    """The word's runs in order, each with whether it is written without spaces."""
    found: list[tuple[str, bool]] = []
    end = 0
    for match in _PAIRED.finditer(word):
        if match.start() > end:
            found.append((word[end : match.start()], False))
        found.append((match.group(), True))
        end = match.end()
    if end < len(word):
        found.append((word[end:], False))
    return found
