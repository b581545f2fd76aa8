"""A mail as plain values: what came in after parsing, what goes out before building.

Parsing never raises for odd input; what it had to guess or leave out is named
in `ParsedMail.defects`.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One address; `email` in lower case, `name` decoded and possibly empty."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class MailAttachment:
    """One file of a mail; `content_id` without brackets, `filename` cleaned, never a path."""

    filename: str
    content_type: str
    data: bytes
    content_id: str = ""
    is_inline: bool = False

    @property
    def size(self) -> int:
        """Decoded size in bytes."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail after decoding. Ids are without angle brackets; `html` is raw, never shown as it is."""

    subject: str = ""
    sender: MailAddress = MailAddress("")
    reply_to: tuple[MailAddress, ...] = ()
    to: tuple[MailAddress, ...] = ()
    cc: tuple[MailAddress, ...] = ()
    delivered_to: tuple[str, ...] = ()
    date: datetime | None = None
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: str = ""
    html: str = ""
    attachments: tuple[MailAttachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    is_report: bool = False
    defects: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """The first header of that name (any case), decoded; empty when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    def all_headers(self, name: str) -> tuple[str, ...]:
        """Every header of that name, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report. `original_ids` are Message-IDs found in the returned part."""

    is_permanent: bool
    recipients: tuple[str, ...] = ()
    status: str = ""
    reason: str = ""
    original_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forward:
    """A mail forwarded inline: its own sender and text, and the note written above it."""

    sender: MailAddress
    subject: str
    body: str
    message: str


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A parsed mail plus everything the rules say of it (services/reading.py)."""

    mail: ParsedMail
    body_text: str
    reply_text: str
    is_automatic: bool
    may_answer: bool
    bounce: Bounce | None = None
    forward: Forward | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One mail for one envelope recipient, its bytes ready to send."""

    sender: str
    recipient: str
    raw: bytes
    message_id: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where a raw mail came from: the door, the envelope addresses, and the bytes' SHA-256 (hex)."""

    source: str
    recipient: str
    sender: str
    digest: str
    received_at: datetime
    detail: str = ""
