"""Both forms of Mailgun's inbound webhook, as raw mail for the spool.

The raw form carries the MIME message. The parsed form is put together again; headers
stand in it as raw UTF-8 lines (RFC 6532), which keeps addresses readable, and
nothing random goes in, so that the same webhook gives the same bytes.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from casso.errors import GatewayError

_BREAKS = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029\x00]+")
_HEADER_NAME = re.compile(r"[!-9;-~]{1,100}")
_MADE_ANEW = (
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
    "content-length",
    "mime-version",
)
_MIME_TYPE = re.compile(r"([a-z0-9][a-z0-9!#$&^_.+-]{0,60})/([a-z0-9][a-z0-9!#$&^_.+-]{0,80})")


@dataclass(frozen=True, slots=True)
class FormFile:
    """One uploaded file of the webhook; `field` is attachment-1 and so on."""

    field: str
    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class HookMail:
    """One mail out of a webhook: the envelope, and bytes for the spool."""

    recipients: tuple[str, ...]
    sender: str
    raw: bytes


def read_form(fields: Mapping[str, str | bytes], files: tuple[FormFile, ...] = ()) -> HookMail:
    """The mail in a webhook whose signature was checked. Raises GatewayError when there is none."""
    recipients = tuple(dict.fromkeys(part.strip().lower() for part in _text(fields, "recipient").split(",")))
    if not recipients[0]:
        raise GatewayError("The webhook names no recipient", permanent=True, code="bad_webhook")
    if "body-mime" in fields:
        given = fields["body-mime"]
        raw = given if isinstance(given, bytes) else given.encode("utf-8", "surrogateescape")
    else:
        raw = _rebuilt(fields, files)
    if not raw.strip():
        raise GatewayError("The webhook carries no mail", permanent=True, code="bad_webhook")
    return HookMail(recipients, _text(fields, "sender").strip(), raw)


def _rebuilt(fields: Mapping[str, str | bytes], files: tuple[FormFile, ...]) -> bytes:
    headers = "".join(f"{name}: {value}\r\n" for name, value in _headers(fields))
    return headers.encode("utf-8", "replace") + b"MIME-Version: 1.0\r\n" + _body(fields, files)


def _headers(fields: Mapping[str, str | bytes]) -> list[tuple[str, str]]:
    """The original headers in their order, and the few that a mail needs when they are not listed."""
    try:
        listed = json.loads(_text(fields, "message-headers") or "[]")
    except ValueError:
        listed = []
    pairs = (
        [pair for pair in listed if isinstance(pair, list) and len(pair) == 2]
        if isinstance(listed, list)
        else []
    )
    found = [(str(name), _one_line(str(value))) for name, value in pairs if _HEADER_NAME.fullmatch(str(name))]
    found = [(name, value) for name, value in found if name.lower() not in _MADE_ANEW]
    present = {name.lower() for name, _ in found}
    needed = (("From", "from"), ("To", "recipient"), ("Subject", "subject"))
    return found + [
        (name, _one_line(_text(fields, key))) for name, key in needed if name.lower() not in present
    ]


def _body(fields: Mapping[str, str | bytes], files: tuple[FormFile, ...]) -> bytes:
    """Text, HTML with its inline images, and attachments, nested as mail programs do it."""
    text, html = _text(fields, "body-plain"), _text(fields, "body-html")
    inline_ids = _inline_ids(fields) if html else {}
    images = [_file(file, inline_ids[file.field]) for file in files if file.field in inline_ids]
    rest = [_file(file) for file in files if file.field not in inline_ids]
    shown = []
    if text or not html:
        shown.append(_leaf("text/plain; charset=utf-8", text.encode("utf-8", "replace")))
    if html:
        page = _leaf("text/html; charset=utf-8", html.encode("utf-8", "replace"))
        shown.append(_joined("related", [page, *images]))
    return _joined("mixed", [_joined("alternative", shown), *rest])


def _joined(kind: str, parts: list[bytes]) -> bytes:
    """Several parts as one; a single part stays as it is. Base64 leaves cannot contain the boundary."""
    if len(parts) == 1:
        return parts[0]
    boundary = f"=_casso_{kind}".encode()
    inner = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    head = b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + boundary + b'"\r\n\r\n'
    return head + inner + b"--" + boundary + b"--\r\n"


def _leaf(content_type: str, data: bytes, *more: str) -> bytes:
    headers = [f"Content-Type: {content_type}", "Content-Transfer-Encoding: base64", *more]
    encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    return "\r\n".join(headers).encode() + b"\r\n\r\n" + encoded


def _file(file: FormFile, content_id: str = "") -> bytes:
    kind = file.content_type.partition(";")[0].strip().lower()
    if not _MIME_TYPE.fullmatch(kind) or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    name = quote(_one_line(file.filename).encode("utf-8", "replace"), safe="")
    disposition = f"Content-Disposition: {'inline' if content_id else 'attachment'}; filename*=UTF-8''{name}"
    return _leaf(kind, file.data, disposition, *([f"Content-ID: <{content_id}>"] if content_id else []))


def _inline_ids(fields: Mapping[str, str | bytes]) -> dict[str, str]:
    """Which upload is which inline image: {"attachment-1": "image001@x"}."""
    try:
        listed = json.loads(_text(fields, "content-id-map") or "{}")
    except ValueError:
        return {}
    if not isinstance(listed, dict):
        return {}
    cleaned = {str(name): re.sub(r"[^!-;=?-~]", "", str(cid)) for cid, name in listed.items()}
    return {name: cid for name, cid in cleaned.items() if cid}


def _text(fields: Mapping[str, str | bytes], name: str) -> str:
    found = fields.get(name, "")
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else found


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()
