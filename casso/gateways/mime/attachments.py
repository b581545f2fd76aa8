"""Files of a mail: names made safe or made up, nested mail kept as .eml, uuencode read.

A file is inline only when the HTML refers to its content id; images nobody refers to
are files like others.
"""

import mimetypes
import re
import unicodedata
from dataclasses import dataclass

from casso.gateways.mime.headers import clean_line, cut_headers, decode_words, read_parameters
from casso.gateways.mime.structure import Part, decode_uu
from casso.values.mail import MailAttachment

NAME_LIMIT = 200
_UU_LINE = re.compile(r"[ -`]{1,90}")
_UNWANTED = re.compile("[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_EXTENSIONS = {
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "text/rfc822-headers": ".txt",
    "text/calendar": ".ics",
    "text/plain": ".txt",
    "text/html": ".html",
    "image/jpeg": ".jpg",
    "image/pjpeg": ".jpg",
    "application/octet-stream": ".bin",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
}


@dataclass(slots=True)
class File:
    """A part that will be a file, or the bytes already taken out of a text."""

    part: Part | None = None
    name: str = ""
    data: bytes = b""
    content_type: str = ""

    def content(self) -> bytes:
        """The decoded bytes."""
        return self.part.content() if self.part else self.data


def take_uuencoded(text: str) -> tuple[str, list[File]]:
    """Cut `begin 644 name ... end` blocks out of a text and hand them back as files."""
    files: list[File] = []
    kept: list[str] = []
    lines = text.split("\n")
    place = 0
    while place < len(lines):
        found = re.fullmatch(r"begin [0-7]{3,4} (.{1,300})", lines[place])
        stop = _uu_end(lines, place + 1) if found else 0
        if found and stop:
            data = decode_uu("\n".join(lines[place + 1 : stop]).encode("ascii", "replace"))
            name = clean_filename(found.group(1))
            files.append(File(name=name, data=data, content_type=type_of(name)))
            place = stop + 1
        else:
            kept.append(lines[place])
            place += 1
    return "\n".join(kept), files


def _uu_end(lines: list[str], place: int) -> int:
    """The line of `end` if all lines up to it can be uuencoded data; else 0."""
    while place < len(lines):
        line = lines[place]
        if line.strip() == "end":
            return place
        if line and not _UU_LINE.fullmatch(line):
            return 0
        place += 1
    return 0


def type_of(name: str) -> str:
    """The type a file name suggests."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def clean_filename(name: str) -> str:
    """A name without path, control and direction signs; empty when nothing is left."""
    name = _UNWANTED.sub("", unicodedata.normalize("NFC", name))
    name = re.split(r"[/\\]", name)[-1].strip().strip(".").strip()
    if len(name) > NAME_LIMIT:
        stem, dot, ending = name.rpartition(".")
        name = stem[: NAME_LIMIT - len(ending) - 1] + dot + ending if dot and len(ending) <= 10 else name
    return name[:NAME_LIMIT]


def build(file: File, data: bytes, number: int, html: str) -> MailAttachment:
    """The value for a file; `number` makes made-up names differ."""
    if file.part is None:
        return MailAttachment(file.name or f"file-{number}.bin", file.content_type, data)
    part = file.part
    kind = part.content_type
    content_id = clean_line(part.field_text("content-id")).strip("<> ")
    name = clean_filename(part.filename) or _made_name(part, data, kind, number)
    if kind == "message/rfc822" and not name.lower().endswith((".eml", ".msg")):
        name += ".eml"
    return MailAttachment(name, kind, data, content_id, bool(content_id) and f"cid:{content_id}" in html)


def _made_name(part: Part, data: bytes, kind: str, number: int) -> str:
    if kind == "message/rfc822":
        fields, _, _ = cut_headers(data, 0, min(len(data), 65_536))
        subject = next((value for key, value in fields if key.lower() == "subject"), b"")
        made = clean_filename(decode_words(subject.decode("utf-8", "replace")).replace("/", "-"))
        return f"{made or f'mail-{number}'}.eml"
    described = clean_filename(decode_words(part.field_text("content-description")))
    if re.search(r"\.[A-Za-z0-9]{2,5}$", described):
        return described
    location = clean_filename(read_parameters(part.field_text("content-location"))[0].partition("?")[0])
    if re.search(r"\.[A-Za-z0-9]{2,5}$", location):
        return location
    ending = _EXTENSIONS.get(kind) or mimetypes.guess_extension(kind) or ".bin"
    return f"{kind.partition('/')[0]}-{number}{ending}"
