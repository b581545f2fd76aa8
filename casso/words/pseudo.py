"""A language nobody speaks: English with accents, 40 % longer, gaps untouched.

It shows at a glance which text is not from the catalogue and which place is too
narrow. assets/casso.js does the same to the words of the browser.
"""

import re
from math import ceil

_ACCENTS = str.maketrans("aeiouAEIOUnNyYcC", "áéíóúÁÉÍÓÚñÑýÝçÇ")
_GAP = re.compile(r"(\{\w+\})")


def lengthen(text: str) -> str:
    """`Save` becomes `Sáávéé`: every second vowel doubled until 40 % is reached, then padded."""
    wanted = ceil(len(text) * 1.4)
    parts = _GAP.split(text)
    missing = wanted - len(text)
    for index, part in enumerate(parts):
        if part.startswith("{"):
            continue
        letters = []
        for letter in part:
            letters.append(letter)
            if missing > 0 and letter in "aeiouAEIOU":
                letters.append(letter.lower())
                missing -= 1
        parts[index] = "".join(letters).translate(_ACCENTS)
    return "".join(parts) + "~" * max(missing, 0)
