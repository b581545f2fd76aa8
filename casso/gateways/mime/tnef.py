"""Opening winmail.dat (application/ms-tnef) with tnefparse, which is loaded only then.

The library trusts its input, so every error it may raise means: keep the raw file.
"""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casso.gateways.mime.attachments import File, clean_filename, type_of
from casso.gateways.mime.charset import decode

if TYPE_CHECKING:
    from tnefparse.tnef import TNEFAttachment

SIZE_LIMIT = 32 * 1024 * 1024
FILE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Winmail:
    """What a TNEF file held."""

    text: str
    html: str
    files: tuple[File, ...]


def is_tnef(content_type: str, filename: str) -> bool:
    """Whether a part is Outlook's own wrapping."""
    return (
        content_type in ("application/ms-tnef", "application/vnd.ms-tnef")
        or filename.lower() == "winmail.dat"
    )


def open_tnef(data: bytes) -> Winmail | None:
    """The content of a TNEF file, or None when it cannot be read."""
    if len(data) > SIZE_LIMIT or not data.startswith(b"\x78\x9f\x3e\x22"):
        return None
    from tnefparse import TNEF

    logging.getLogger("tnef-decode").setLevel(logging.CRITICAL)
    try:
        opened = TNEF(data, do_checksum=False)
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception:
        return None
    files = [_read_file(item) for item in opened.attachments[:FILE_LIMIT]]
    text, html = _text(opened.body), _text(opened.htmlbody)
    if any(not file.data for file in files) or not (files or text or html):
        return None
    return Winmail(text, html, tuple(files))


def _read_file(item: "TNEFAttachment") -> File:
    try:
        name = clean_filename(_text(item.long_filename() or item.name))
        data = item.data if isinstance(item.data, bytes) else b""
    except (ValueError, TypeError, LookupError, AttributeError):
        return File()
    return File(name=name, data=data, content_type=type_of(name))


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return decode(value).rstrip("\0")
    return value.rstrip("\0") if isinstance(value, str) else ""
