"""Address lists as they are, not as RFC 5322 wishes: commas in bare names, words in quotes,
groups, `a@b (Name)`, `Name<a@b>` in raw bytes. Splitting comes first, decoding last, so
that a decoded comma or bracket cannot make a new address.
"""

import re

from casso.gateways.mime.headers import clean_line, decode_words
from casso.values.mail import MailAddress

ADDRESS_LIMIT = 1_000
_ADDRESS = re.compile(r"[^\s<>()\",;:\[\]\\]{1,200}@[^\s<>()\",;:\\]{1,255}")
_IN_BRACKETS = re.compile(r"<([^<>]{0,600})>")
_COMMENT = re.compile(r"\(((?:[^()\\]|\\.){0,500})\)")
_GROUP = re.compile(r"^[^<>@\",]{0,200}?:(?!//)")


def read_addresses(text: str) -> tuple[MailAddress, ...]:
    """Every address of a raw header value, in order; names decoded. Never raises."""
    found = _read_segments(text)
    if not found and "=?" in text:
        found = _read_segments(decode_words(text))
    return tuple(found[:ADDRESS_LIMIT])


def _read_segments(text: str) -> list[MailAddress]:
    found: list[MailAddress] = []
    pending = ""
    for segment in _split_list(text):
        if len(found) >= ADDRESS_LIMIT:
            break
        segment = _GROUP.sub("", segment.strip(), count=1) if ":" in segment else segment
        if "@" not in segment and "<" not in segment:
            pending = f"{pending}, {segment.strip()}" if pending else segment.strip()
            continue
        if pending and "<" in segment:
            segment = f"{pending}, {segment.strip()}"
        pending = ""
        address = read_one(segment)
        if address.email:
            found.append(address)
    return found


def _split_list(text: str) -> list[str]:
    """Split at commas and semicolons outside quotes, comments and angle brackets."""
    segments: list[str] = []
    start, comment, quoted, angled, escaped = 0, 0, False, False, False
    for place, sign in enumerate(text):
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == '"' and not comment:
            quoted = not quoted
        elif quoted:
            continue
        elif sign == "(":
            comment += 1
        elif sign == ")":
            comment = max(0, comment - 1)
        elif sign == "<":
            angled = True
        elif sign == ">":
            angled = False
        elif sign in ",;" and not comment and not angled:
            segments.append(text[start:place])
            start = place + 1
    if (quoted or comment or angled) and not segments and re.search("[,;]", text):
        return re.split("[,;]", text)
    return [*segments, text[start:]]


def read_one(segment: str) -> MailAddress:
    """One mailbox; an address is empty when there is none."""
    brackets = [found for found in _IN_BRACKETS.finditer(segment) if "@" in found.group(1)]
    if brackets:
        chosen = brackets[-1]
        inner = "".join(decode_words(chosen.group(1)).split())
        inner = inner.rpartition(":")[2] if inner.startswith("@") else inner
        found = _ADDRESS.search(inner)
        name = segment[: chosen.start()] or segment[chosen.end() :]
        return MailAddress(_clean_address(found.group() if found else inner), _clean_name(name))
    found = _ADDRESS.search(segment)
    if not found:
        return MailAddress("", _clean_name(segment))
    rest = segment[: found.start()] + " " + segment[found.end() :]
    comment = _COMMENT.search(rest)
    return MailAddress(_clean_address(found.group()), _clean_name(comment.group(1) if comment else rest))


def _clean_address(text: str) -> str:
    return clean_line(text).strip("'\"<>.").lower()[:320]


def _clean_name(text: str) -> str:
    """A display name without its quotes and comments, words decoded."""
    text = text.strip().strip("<>").strip()
    if "(" in text and '"' not in text and _COMMENT.sub("", text).strip():
        text = _COMMENT.sub("", text)
    if '"' in text:
        text = re.sub(r"\\(.)", r"\1", re.sub(r'(?<!\\)"', "", text))
    name = clean_line(decode_words(text)).strip().strip('"').strip()
    return re.sub(r"\s+", " ", name)[:300]
