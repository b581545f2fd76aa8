"""The tree of parts, cut from the raw bytes by offsets: no copies, bounded in depth and number.

An own cutter instead of the standard library's feed parser, because that one recurses
without a limit and keeps every line as an object; here a bomb costs what its limits allow.
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from casso.gateways.mime.headers import (
    RawHeader,
    clean_line,
    cut_headers,
    declared_charset,
    decode_words,
    lenient_base64,
    raw_text,
    read_parameters,
)

DEPTH_LIMIT = 20
PART_LIMIT = 500
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+*-]{1,100}")
_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} [^\r\n]{1,300}\r?\n")


@dataclass(slots=True)
class Part:
    """One node: its header fields, where its content lies in the raw bytes, and its children."""

    raw: bytes
    headers: list[RawHeader]
    start: int
    end: int
    content_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    filename: str = ""
    parent_type: str = ""
    place: int = 0
    children: list["Part"] = field(default_factory=list)

    def field_text(self, name: str) -> str:
        """The first field of that name, words not yet decoded; empty when absent."""
        value = next((value for key, value in self.headers if key.lower() == name), b"")
        return raw_text(value, "" if value.isascii() else declared_charset(self.raw))

    def content(self) -> bytes:
        """The content after undoing the transfer encoding; never raises."""
        data = self.raw[self.start : self.end]
        encoding = self.field_text("content-transfer-encoding").partition(";")[0].strip().strip("\"'").lower()
        if encoding == "base64":
            return lenient_base64(data)
        if encoding == "quoted-printable":
            return quopri.decodestring(data)
        if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
            found = _UU_BEGIN.search(data)
            return decode_uu(data[found.end() :]) if found else data
        return data

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


def decode_uu(data: bytes) -> bytes:
    """The lines of a uuencoded file up to its `end`; broken lines are read as far as they go."""
    whole = bytearray()
    for line in data.splitlines():
        if line.strip() == b"end":
            break
        if not line or line == b"`":
            continue
        try:
            whole += binascii.a2b_uu(line)
        except binascii.Error:
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                whole += binascii.a2b_uu(line[:wanted])
            except binascii.Error:
                continue
    return bytes(whole)


def read_tree(raw: bytes) -> tuple[Part, list[str]]:
    """The tree of a raw mail and what was odd or left out."""
    defects: list[str] = []
    left = [PART_LIMIT]
    root = _read_part(raw, skip_blank_lines(raw), len(raw), "text/plain", "", 0, 0, left, defects)
    return root, list(dict.fromkeys(defects))


def skip_blank_lines(raw: bytes) -> int:
    """Where a mail really begins: some doors put empty lines in front."""
    top = raw[:4096]
    return len(top) - len(top.lstrip(b"\r\n"))


def _read_part(
    raw: bytes, start: int, end: int, default_type: str, parent: str, place: int, depth: int,
    left: list[int], defects: list[str],
) -> Part:  # fmt: skip
    headers, body, odd = cut_headers(raw, start, end)
    defects += odd
    part = Part(raw, headers, body, end, parent_type=parent, place=place)
    _read_content_fields(part, default_type)
    if part.content_type.startswith("multipart/"):
        _read_children(part, depth, left, defects)
    return part


def _read_content_fields(part: Part, default_type: str) -> None:
    kind, part.parameters = read_parameters(part.field_text("content-type"))
    kind = clean_line(decode_words(kind)).replace(" ", "")
    found = _TYPE.match(kind)
    part.content_type = found.group() if found else {"html": "text/html"}.get(kind, default_type)
    disposition, parameters = read_parameters(part.field_text("content-disposition"))
    part.disposition = disposition.partition(" ")[0]
    part.filename = parameters.get("filename") or part.parameters.get("name") or parameters.get("name") or ""


def _read_children(part: Part, depth: int, left: list[int], defects: list[str]) -> None:
    boundary = part.parameters.get("boundary", "")
    if depth >= DEPTH_LIMIT:
        defects.append("nested deeper than the limit, left out")
        return
    default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    spans = cut_spans(part.raw, part.start, part.end, boundary.encode("utf-8", "replace"))
    found = False
    for place, (start, end) in enumerate(spans):
        found = True
        if left[0] <= 0:
            defects.append("more parts than the limit, left out")
            return
        left[0] -= 1
        part.children.append(
            _read_part(part.raw, start, end, default, part.content_type, place, depth + 1, left, defects)
        )
    if not found:
        defects.append("multipart without parts, read as text")
        part.content_type = "text/plain"
        part.parameters.pop("boundary", None)


def cut_spans(raw: bytes, start: int, end: int, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Where each part between boundary lines begins and ends (RFC 2046 5.1.1), lazily."""
    if not boundary:
        return
    delimiter = b"--" + boundary.rstrip()
    opened = -1
    place = start
    while (spot := raw.find(delimiter, place, end)) >= 0:
        place = spot + len(delimiter)
        if spot > start and raw[spot - 1] not in b"\r\n":
            continue
        stop = raw.find(b"\n", place, end)
        stop = end if stop < 0 else stop + 1
        rest = raw[place : min(stop, place + 200)].strip()
        if rest not in (b"", b"--"):
            continue
        if opened >= 0:
            yield opened, _before_break(raw, opened, spot)
        opened = stop
        place = stop
        if rest == b"--":
            return
    if opened >= 0 and opened < end:
        yield opened, end


def _before_break(raw: bytes, start: int, spot: int) -> int:
    """The line break before a boundary belongs to the boundary."""
    if spot - 1 >= start and raw[spot - 1] == 10:
        spot -= 1
    if spot - 1 >= start and raw[spot - 1] == 13:
        spot -= 1
    return spot
