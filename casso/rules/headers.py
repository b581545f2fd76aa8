"""What may stand in a mail header: one line, whatever somebody typed or sent.

Every character at which some mail program, or Python's own `splitlines`, begins a
new line becomes a space; NUL and the other control characters go.
"""

import re
import unicodedata

_BREAKS = re.compile("[\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029]+")


def clean_header(text: str) -> str:
    """One line of the same words, without control characters and outer blanks."""
    one_line = _BREAKS.sub(" ", text)
    return "".join(letter for letter in one_line if not _is_control(letter)).strip()


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs") and letter != "\t"
