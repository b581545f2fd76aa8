"""Writes assets/words-de.js from the catalogue: `python -m casso.words.browser`.

English is compiled into the pages, so the browser only needs the others. A test
fails while the written file differs from the catalogue.
"""

import json
from pathlib import Path

from casso.words import LOCALES, catalogue

ASSETS = Path(__file__).parents[2] / "assets"

# What only the server says (mails, plain pages) stays out of the browser's copy.
SERVER_ONLY = ("mail.", "web.", "console.")


def script_of(locale: str) -> str:
    """The script that hands one catalogue to the pages."""
    texts = {key: text for key, text in sorted(catalogue(locale).items()) if not key.startswith(SERVER_ONLY)}
    body = json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
    return f"(globalThis.cassoWords??={{}}).{locale}={body};\n"


def main() -> None:
    """Write one file a language."""
    for locale in LOCALES[1:]:
        (ASSETS / f"words-{locale}.js").write_text(script_of(locale), encoding="utf-8")


if __name__ == "__main__":
    main()
