"""Whether a new password is good enough: long, not a common one, and hard to guess by zxcvbn's estimate.

The estimate knows 30,000 common passwords, names, dates, keyboard rows and repetitions,
works offline, and counts the person's own name, address and organization as known. It
reads the first 40 letters only: its time grows steeply with the length.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

PASSWORD_MIN, PASSWORD_MAX = 10, 256
ENOUGH = 3
ESTIMATED = 40
_WORDS = re.compile(r"[^\W_]{3,40}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`score` from 0 to 4; `problem` is a catalogue key, empty when the password may be used."""

    score: int
    problem: str


def normalized(password: str) -> str:
    """One spelling for what looks the same: keyboards send ü as one letter or as two (NFC)."""
    return unicodedata.normalize("NFC", password)


def judge(password: str, *, about: Iterable[str] = ()) -> Judgement:
    """How good a new password is; `about` is what others know of the person (names, address)."""
    text = normalized(password)
    if not PASSWORD_MIN <= len(text) <= PASSWORD_MAX:
        return Judgement(0, "error.password_length")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        return Judgement(0, "error.password_letters")
    if text.lower() in _common():
        return Judgement(0, "error.password_common")
    score = _score(text[:ESTIMATED], _parts(about))
    return Judgement(score, "" if score >= ENOUGH else "error.password_weak")


def _parts(about: Iterable[str]) -> list[str]:
    """The words in what is known of the person, and each text as a whole."""
    texts = [text.lower()[:100] for text in about if text]
    return list(dict.fromkeys(texts + [part for text in texts for part in _WORDS.findall(text)]))[:40]


def _score(text: str, known: list[str]) -> int:
    from zxcvbn import zxcvbn  # a third of a second and 25 MB: only for whoever chooses a password

    return int(zxcvbn(text, user_inputs=known)["score"])


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])
