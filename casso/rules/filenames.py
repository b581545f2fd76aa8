"""The name a file is shown under and the type it is served as; neither is ever trusted.

A name is for reading only and never becomes a path. A type comes from an allow-list;
only raster images whose first bytes agree may be shown inside a page, everything a
browser could run (SVG, HTML, XML, PDF) is a download.
"""

import re
import unicodedata

LONGEST_NAME = 150
DOWNLOAD = "application/octet-stream"

_EXTENSIONS = {
    "application/gzip": ".gz",
    "application/json": ".json",
    "application/msword": ".doc",
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/zip": ".zip",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/plain": ".txt",
    "text/vcard": ".vcf",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
}
_DOWNLOAD_EXTENSIONS = {"message/rfc822": ".eml", "text/html": ".html", "image/svg+xml": ".svg"}
_RASTER = ("image/png", "image/jpeg", "image/gif", "image/webp")
_UNREADABLE = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
_EXTENSION = re.compile(r"\.[^.\s]{1,10}\Z")


def display_name(raw: str, content_type: str) -> str:
    """A readable name of at most 150 characters, without path, control or direction characters."""
    last = re.split(r"[/\\]", raw)[-1]
    readable = "".join(" " if letter.isspace() else letter for letter in last if _is_readable(letter))
    name = " ".join(readable.translate(_NO_FILE_SYSTEM_LETTERS).split()).strip(". ")
    if not name:
        return f"file{extension_for(content_type)}"
    if last.strip().startswith(".") and "." not in name:
        name = f"_.{name}"
    return _shortened(name)


def extension_for(content_type: str) -> str:
    """The usual extension of a type, with its dot; `.bin` when unknown."""
    wanted = essence(content_type)
    return _EXTENSIONS.get(wanted) or _DOWNLOAD_EXTENSIONS.get(wanted) or ".bin"


def allowed_type(declared: str, data_head: bytes) -> tuple[str, bool]:
    """The type to serve a file as, and whether it may be shown inside a page.

    `data_head` is the first 16 bytes or more. A file said to be an image, or said to be
    nothing in particular, is what its bytes say; an image that is none is a download.
    """
    wanted = essence(declared)
    found = _raster_type(data_head)
    if found and (wanted.startswith("image/") or wanted in ("", DOWNLOAD)):
        return found, True
    if wanted in _RASTER or wanted not in _EXTENSIONS:
        return DOWNLOAD, False
    return wanted, False


def essence(content_type: str) -> str:
    """The type without parameters, in lower case: `Image/JPG; name=x` is image/jpeg."""
    plain = content_type.partition(";")[0].strip().lower()
    return {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}.get(
        plain, plain
    )


def _raster_type(head: bytes) -> str:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return ""


_NO_FILE_SYSTEM_LETTERS = str.maketrans(dict.fromkeys('<>:"|?*', "_"))


def _is_readable(letter: str) -> bool:
    """Everything but controls, direction marks, zero-width and unassigned characters."""
    return letter.isspace() or unicodedata.category(letter) not in _UNREADABLE


def _shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    found = _EXTENSION.search(name)
    extension = found.group() if found else ""
    return name[: LONGEST_NAME - len(extension)].rstrip(". ") + extension
