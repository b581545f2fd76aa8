"""A mail of ours as plain values, every header already cleaned: what gateways/compose.py turns into bytes."""

from dataclasses import dataclass
from datetime import datetime

from casso.values.mail import MailAddress, MailAttachment


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything one message says on the wire. Ids are without angle brackets; `references` oldest first.

    `is_automatic`: no person wrote it, so nothing should answer it (RFC 3834).
    """

    sender: MailAddress
    to: tuple[MailAddress, ...]
    cc: tuple[MailAddress, ...]
    reply_to: str
    subject: str
    message_id: str
    references: tuple[str, ...]
    date: datetime
    text: str
    html: str
    loop_mark: str
    attachments: tuple[MailAttachment, ...] = ()
    is_automatic: bool = False
