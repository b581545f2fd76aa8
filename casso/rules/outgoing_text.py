"""What an answer looks like on its way out: its subject line, and plain text as simple HTML."""

import html
import re

from casso.rules.headers import clean_header

SUBJECT_LIMIT = 300
MOST_REFERENCES = 20
LONGEST_REFERENCE = 250
_PREFIX = re.compile(r"(?:re|aw|sv|antw|rv)\s{0,3}(?:\[\d{1,3}\])?\s{0,3}:\s{0,10}", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"']{1,2000}")
_LINK_END = ".,;:!?)]}"
_REFERENCE = re.compile(r"[!-;=?-~]{1,250}")


def reply_subject(subject: str, number: int) -> str:
    """`Re: subject [#number]` on one line; neither prefix nor number is doubled."""
    plain = clean_header(subject)
    while match := _PREFIX.match(plain):
        plain = plain[match.end() :]
    mark = f"[#{number}]"
    plain = plain.replace(mark, "").strip()[:SUBJECT_LIMIT].strip()
    return f"Re: {plain} {mark}" if plain else f"Re: {mark}"


def references_for(chain: tuple[str, ...]) -> tuple[str, ...]:
    """The thread's Message-IDs, oldest first and each once: the first and the newest ones (RFC 5322, 3.6.4).

    What is no Message-ID (a hash kept for a mail without one, blanks, brackets) is left out.
    """
    usable = [one for one in dict.fromkeys(chain) if _REFERENCE.fullmatch(one) and "@" in one]
    return tuple(usable[:1] + usable[1:][-(MOST_REFERENCES - 1) :])


def text_to_html(text: str) -> str:
    """The same words as HTML: paragraphs, line breaks, links. Nothing in the text becomes a tag."""
    paragraphs = re.split(r"\n[ \t]*\n+", text.strip("\n"))
    shown = "".join(f"<p>{_lines(paragraph)}</p>" for paragraph in paragraphs)
    return f'<div dir="auto" style="font-family:sans-serif;font-size:14px;line-height:1.5">{shown}</div>'


def _lines(paragraph: str) -> str:
    pieces: list[str] = []
    at = 0
    for match in _LINK.finditer(paragraph):
        address = match[0].rstrip(_LINK_END)
        end = match.start() + len(address)
        safe = html.escape(address)
        pieces += [html.escape(paragraph[at : match.start()]), f'<a href="{safe}">{safe}</a>']
        at = end
    pieces.append(html.escape(paragraph[at:]))
    return "".join(pieces).replace("\n", "<br>\n")
