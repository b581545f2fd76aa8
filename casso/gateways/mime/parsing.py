"""The whole reading of one raw mail: tree, headers, bodies, files, and the defects by name.

Decides nothing about what the mail is; casso/rules do. Decoded files are bounded
together, so a small mail cannot become a large one.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from casso.gateways.mime.addresses import read_addresses
from casso.gateways.mime.attachments import File, build
from casso.gateways.mime.bodies import Content, Segment, gather
from casso.gateways.mime.calendars import summarise
from casso.gateways.mime.headers import (
    RawHeader,
    clean_line,
    cut_headers,
    declared_charset,
    decode_value,
    decode_words,
    raw_text,
)
from casso.gateways.mime.structure import read_tree, skip_blank_lines
from casso.gateways.mime.tnef import is_tnef, open_tnef
from casso.values.mail import MailAddress, MailAttachment, ParsedMail

DECODED_LIMIT = 100 * 1024 * 1024
ID_LIMIT = 100
_DELIVERED = (
    "delivered-to",
    "x-original-to",
    "x-delivered-to",
    "envelope-to",
    "x-envelope-to",
    "x-forwarded-to",
)
_ID = re.compile(r"<([^<>\s]{1,900})>")
_BARE_ID = re.compile(r"[^\s<>,;\"]{1,400}@[^\s<>,;\"]{1,400}")


def parse(raw: bytes) -> ParsedMail:
    """Read a raw mail. Whatever is odd is named in `defects`; nothing odd raises."""
    root, defects = read_tree(raw)
    content = gather(root)
    attachments = _read_files(content)
    text, html = _bodies(content, attachments)
    return replace(
        _read_headers(root.headers, raw),
        text=text,
        html=html,
        attachments=attachments,
        is_report=root.content_type == "multipart/report",
        defects=tuple(dict.fromkeys(defects + content.defects)),
    )


def read_heads(raw: bytes) -> ParsedMail:
    """What the headers alone say, read as `parse` reads them; the beginning of a mail is enough."""
    headers, _, _ = cut_headers(raw, skip_blank_lines(raw), len(raw))
    return _read_headers(headers, raw)


def _read_headers(headers: list[RawHeader], raw: bytes) -> ParsedMail:
    charset = declared_charset(raw) if any(not value.isascii() for _, value in headers) else ""
    texts: dict[str, list[str]] = {}
    for name, value in headers:
        texts.setdefault(name.lower(), []).append(raw_text(value, charset))
    return ParsedMail(
        subject=_first(headers, "subject", charset),
        sender=_read_sender(texts),
        reply_to=_addresses(texts, "reply-to"),
        to=_addresses(texts, "to"),
        cc=_addresses(texts, "cc"),
        delivered_to=tuple(
            dict.fromkeys(one.email for name in _DELIVERED for one in _addresses(texts, name))
        ),
        date=_read_date(_text(texts, "date")),
        message_id=next(iter(read_ids(_text(texts, "message-id"))), ""),
        in_reply_to=read_ids(" ".join(texts.get("in-reply-to", []))),
        references=read_ids(" ".join(texts.get("references", []))),
        headers=tuple((name, decode_value(value, charset)) for name, value in headers),
    )


def _first(headers: list[RawHeader], name: str, charset: str) -> str:
    return next((decode_value(value, charset) for key, value in headers if key.lower() == name), "")


def _text(texts: dict[str, list[str]], name: str) -> str:
    return next(iter(texts.get(name, [])), "")


def _addresses(texts: dict[str, list[str]], name: str) -> tuple[MailAddress, ...]:
    return tuple(one for value in texts.get(name, [])[:20] for one in read_addresses(value))


def _read_sender(texts: dict[str, list[str]]) -> MailAddress:
    """From, else what else names a sender; a From without an address still gives its text."""
    for name in ("from", "reply-to", "sender", "x-sender", "return-path"):
        found = _addresses(texts, name)
        if found:
            return found[0]
    return MailAddress("", clean_line(decode_words(_text(texts, "from")))[:300])


def read_ids(value: str) -> tuple[str, ...]:
    """Message ids of a header without brackets; bare ones count when there are no others."""
    value = value[:32_768]
    found = _ID.findall(value) or _BARE_ID.findall(value)
    if not found and value.strip() and " " not in value.strip():
        found = [value.strip().strip("<>")]
    cleaned = (clean_line(one) for one in found)
    return tuple(dict.fromkeys(one for one in cleaned if one))[:ID_LIMIT]


def _read_date(value: str) -> datetime | None:
    """The Date header in UTC; one without a zone counts as UTC; unreadable is None."""
    try:
        found = parsedate_to_datetime(value[:200])
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None


def _read_files(content: Content) -> tuple[MailAttachment, ...]:
    """Decode the files within the common limit, opening winmail.dat on the way."""
    html = content.joined_html()
    left = DECODED_LIMIT
    found: list[MailAttachment] = []
    waiting = list(content.files)
    while waiting:
        file = waiting.pop(0)
        data = file.content()
        left -= len(data)
        if left < 0:
            content.defects.append("attachments larger than the limit, left out")
            break
        opened = _open(file, data, content)
        if opened is None:
            found.append(build(file, data, len(found) + 1, html))
        else:
            waiting = [*opened, *waiting]
    return tuple(found)


def _open(file: File, data: bytes, content: Content) -> tuple[File, ...] | None:
    if file.part is None or not is_tnef(file.part.content_type, file.part.filename):
        return None
    winmail = open_tnef(data)
    if winmail is None:
        content.defects.append("winmail.dat could not be opened")
        return None
    if not content.segments and (winmail.text or winmail.html):
        content.segments.append(Segment(winmail.text, winmail.html))
    return winmail.files


def _bodies(content: Content, attachments: tuple[MailAttachment, ...]) -> tuple[str, str]:
    """Text and HTML; a mail that is nothing but an invitation or encrypted says so."""
    text, html = content.joined_text(), content.joined_html()
    if text.strip() or html.strip():
        return text, html
    for file in attachments:
        if file.content_type == "text/calendar":
            return summarise(file.data), ""
        if file.content_type in (
            "application/pgp-encrypted",
            "application/pkcs7-mime",
            "application/x-pkcs7-mime",
        ):
            content.defects.append("encrypted, kept as a file")
            break
    return text, html
