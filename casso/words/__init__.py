"""Every word a person reads, by key, in their language.

The catalogues are en.po and de.po (a key, its text, for counted things two
texts chosen by `n`); English is what is missing elsewhere. `xx` is English made
40 % longer by code, for the pictures. Dates and sizes are in words/formats.py;
the browser's copy is written by words/browser.py.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from casso.words.pseudo import lengthen

LOCALES = ("en", "de")
PSEUDO = "xx"
Text = str | tuple[str, ...]


def word(locale: str, key: str, /, **values: str | int) -> str:
    """The text of `key` with its gaps filled; `n` picks the plural and is written as a number.

    A key that no catalogue has comes back as it is, so that a slip is seen and nothing breaks.
    """
    text = catalogue(locale).get(key) or catalogue("en").get(key) or key
    if isinstance(text, tuple):
        text = text[min(plural_of(locale, int(values.get("n", 0))), len(text) - 1)]
    for name, value in values.items():
        shown = format_decimal(value, locale=_real(locale)) if name == "n" else str(value)
        text = text.replace("{" + name + "}", shown)
    return text


def has_word(key: str) -> bool:
    """Whether the English catalogue has the key."""
    return key in catalogue("en")


def is_locale(name: str) -> bool:
    """Whether a person may choose this language."""
    return name in LOCALES or name == PSEUDO


def best_locale(accept_language: str) -> str:
    """The shipped language a browser's Accept-Language header likes best; English when none."""
    wishes = []
    for part in accept_language.split(",")[:20]:
        tag, _, quality = part.strip().partition(";q=")
        try:
            wishes.append((-float(quality or 1), tag[:2].lower()))
        except ValueError:
            continue
    return next((tag for _, tag in sorted(wishes, key=lambda wish: wish[0]) if tag in LOCALES), "en")


def plural_of(locale: str, n: int) -> int:
    """Which of a counted word's texts goes with `n`."""
    return 0 if Locale.parse(_real(locale)).plural_form(n) == "one" else 1


@cache
def catalogue(locale: str) -> Mapping[str, Text]:
    """All texts of a language by key; an unknown language is empty."""
    if locale == PSEUDO:
        return MappingProxyType({key: _longer(text) for key, text in catalogue("en").items()})
    if locale not in LOCALES:
        return MappingProxyType({})
    with (Path(__file__).parent / f"{locale}.po").open("rb") as file:
        read = read_po(file, locale=locale, abort_invalid=True)
    texts: dict[str, Text] = {}
    for message in read:
        if message.id and message.string:
            key = message.id if isinstance(message.id, str) else message.id[0]
            texts[key] = message.string if isinstance(message.string, str) else tuple(message.string)
    return MappingProxyType(texts)


def _longer(text: Text) -> Text:
    return lengthen(text) if isinstance(text, str) else tuple(lengthen(part) for part in text)


def _real(locale: str) -> str:
    return locale if locale in LOCALES else "en"
