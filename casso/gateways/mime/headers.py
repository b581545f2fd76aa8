"""Header fields: cutting the block, decoding encoded words, reading parameters.

Adjacent encoded words are joined as bytes before decoding, since mailers cut signs in two.
Raw 8-bit values are read as UTF-8 or by the mail's own charset. Everything is bounded.
"""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from casso.gateways.mime.charset import decode

HEADER_LIMIT = 256 * 1024
COUNT_LIMIT = 2_000
_VALUE_LIMIT = 64 * 1024
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000}(?:\?(?!=)[^?]{0,200}){0,4})\?=")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_UNSAFE = re.compile("[\0-\x08\x0a-\x1f\x7f\u2028\u2029]+")
_MISSING_SEMICOLON = re.compile(r"^(\s{0,9}[\w.+-]{1,100}/[\w.+-]{1,100})\s{1,99}(?=[\w*-]{1,40}=)")
_PIECE = re.compile(r"^([^*]+)(?:\*(\d{1,3}))?(\*)?$")

_KNOWN_BELOW = re.compile(
    rb"(?im)^(?:from|to|subject|date|message-id|mime-version|content-type|content-transfer-encoding):"
)
_HINT = re.compile(rb"(?i)(?:charset\s?=\s?[\"']?|=\?)([a-z][a-z0-9_:.-]{2,30})")

RawHeader = tuple[str, bytes]


def cut_headers(raw: bytes, start: int, end: int) -> tuple[list[RawHeader], int, list[str]]:
    """The fields between start and end, the place where the body begins, and what was odd."""
    fields: list[tuple[str, list[bytes]]] = []
    defects: list[str] = []
    place = start
    limit = min(end, start + HEADER_LIMIT)
    while place < end:
        if place >= limit or len(fields) >= COUNT_LIMIT:
            defects.append("header longer than the limit, cut")
            return _joined(fields), _after_blank_line(raw, place, end), defects
        stop = raw.find(b"\n", place, end)
        following = end if stop < 0 else stop + 1
        line = raw[place : min(following, place + HEADER_LIMIT)].rstrip(b"\r\n")
        if not line:
            return _joined(fields), following, defects
        if line[0] in b" \t" and fields:
            fields[-1][1].append(line)
        elif found := _FIELD.match(line):
            fields.append((found.group(1).decode("ascii"), [line[found.end() :]]))
        elif not line.strip() or (place == start and line.startswith((b"From ", b">From "))):
            pass
        elif _KNOWN_BELOW.search(raw, place, _after_blank_line(raw, place, min(end, place + 8_192))):
            defects.append("a line in the header was no field, left out")
        else:
            defects.append("no empty line between header and body")
            return _joined(fields), place, defects
        place = following
    return _joined(fields), end, defects


def _joined(fields: list[tuple[str, list[bytes]]]) -> list[RawHeader]:
    return [(name, b"".join(lines).strip()[:_VALUE_LIMIT]) for name, lines in fields]


def _after_blank_line(raw: bytes, place: int, end: int) -> int:
    ends = [spot + len(gap) for gap in (b"\n\n", b"\n\r\n") if (spot := raw.find(gap, place, end)) >= 0]
    return min(ends, default=end)


def raw_text(value: bytes, charset: str = "") -> str:
    """A header's bytes as text, encoded words still in place."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    try:
        return value.decode("utf-8") if b"\x1b" not in value else decode(value, "iso-2022-jp")
    except UnicodeError:
        return decode(value, charset)


def declared_charset(raw: bytes) -> str:
    """The first charset a mail names anywhere near its top: what its raw 8-bit headers are likely in."""
    for found in _HINT.finditer(raw, 0, 65_536):
        name = found.group(1).decode("ascii").lower()
        if name not in ("us-ascii", "ascii", "utf-8"):
            return name
    return ""


def clean_line(text: str) -> str:
    """One line without control signs: what may be stored and shown."""
    return _UNSAFE.sub(" ", text).strip() if not text.isprintable() else text.strip()


def decode_words(text: str) -> str:
    """Text with its encoded words (RFC 2047) decoded, tolerating wrong padding and stray spaces."""
    if "=?" not in text:
        return text
    pieces: list[str] = []
    pending = b""
    pending_charset = ""
    place = 0
    for found in _WORD.finditer(text):
        gap = text[place : found.start()]
        charset = found.group(1).partition("*")[0].lower()
        data = _word_bytes(found.group(2), found.group(3))
        if pending_charset and (gap.strip() or charset != pending_charset):
            pieces.append(decode(pending, pending_charset))
            pending = b""
        if gap.strip() or not pending_charset:
            pieces.append(gap)
        pending, pending_charset = pending + data, charset
        place = found.end()
    if pending_charset:
        pieces.append(decode(pending, pending_charset))
    pieces.append(text[place:])
    return "".join(pieces)


def _word_bytes(kind: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if kind in "qQ":
        return _HEX.sub(lambda found: bytes((int(found.group(1), 16),)), data.replace(b"_", b" "))
    return lenient_base64(data)


def lenient_base64(data: bytes) -> bytes:
    """Base64 with foreign signs, missing or surplus padding; decodes as much as there is."""
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        pass
    kept = re.sub(rb"[^A-Za-z0-9+/=]", b"", data)
    pieces = [piece for piece in re.split(rb"=+", kept) if piece]
    whole = bytearray()
    for piece in pieces:
        piece = piece[:-1] if len(piece) % 4 == 1 else piece
        whole += base64.b64decode(piece + b"=" * (-len(piece) % 4))
    return bytes(whole)


def decode_value(value: bytes, charset: str = "") -> str:
    """A header's bytes as one clean line of text."""
    return clean_line(decode_words(raw_text(value, charset)))


def read_parameters(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset=x; name*0*=...` as its main value and its parameters (RFC 2231)."""
    sections = _split_sections(_MISSING_SEMICOLON.sub(r"\1; ", value, count=1))
    main = sections[0].strip().lower() if sections else ""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for section in sections[1:100]:
        name, sign, content = section.partition("=")
        name = name.strip().lower()
        found = _PIECE.match(name)
        if not sign or not found:
            continue
        content = _unquoted(content.strip())
        if found.group(2) is None and found.group(3) is None:
            plain.setdefault(name, clean_line(decode_words(content)))
        else:
            pieces.setdefault(found.group(1), []).append(
                (int(found.group(2) or 0), bool(found.group(3)), content)
            )
    return main, plain | {name: clean_line(_join_pieces(parts)) for name, parts in pieces.items()}


def _split_sections(value: str) -> list[str]:
    """Split at semicolons that stand outside quotes."""
    if '"' not in value:
        return value.split(";")
    sections: list[str] = []
    start, quoted, escaped = 0, False, False
    for place, sign in enumerate(value):
        if escaped:
            escaped = False
        elif sign == "\\" and quoted:
            escaped = True
        elif sign == '"':
            quoted = not quoted
        elif sign == ";" and not quoted:
            sections.append(value[start:place])
            start = place + 1
    return [*sections, value[start:]]


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == '"':
        inner = text[1:-1] if text[-1] == '"' else text[1:].partition('"')[0]
        return re.sub(r"\\([\"\\])", r"\1", inner)
    return text.strip("'") if text.startswith("'") else text


def _join_pieces(parts: list[tuple[int, bool, str]]) -> str:
    """RFC 2231 pieces in order; the charset stands in the first encoded one."""
    charset, whole = "", b""
    for number, (_, is_encoded, content) in enumerate(sorted(parts, key=lambda part: part[0])):
        if number == 0 and is_encoded and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        whole += unquote_to_bytes(content) if is_encoded else content.encode("utf-8", "replace")
    text = decode(whole, charset)
    return decode_words(text)
