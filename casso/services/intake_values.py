"""What the parts of intake hand to one another, and the two ways a mail is not taken in."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime

from casso.values.mail import Envelope, ParsedMail, ReadMail

MAIL_KEY_LIMIT = 500
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class CannotPlace(Exception):
    """The mail can be read but has no place; it is kept aside and shown under this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class LeaseLost(Exception):
    """Another worker took the mail over; whatever this one did is rolled back."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one spooled mail until that moment, which is also what proves it.

    `organization_id`: whose it was found to be before. `ordered_by`: the account that said it is a ticket.
    """

    spool_id: str
    until: datetime
    attempts: int = 0
    organization_id: int | None = None
    ordered_by: int | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """The mailbox a mail came to, its organization's other addresses, and the moment of judging."""

    mailbox_id: int
    address: str
    uses_reply_to: bool
    trusted_receiver: str
    unfolds_forwards: bool
    own_addresses: frozenset[str]
    reopen_days: int
    moment: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """A spooled mail after reading. `digest` is of the content: another route gives the same one.

    `ordered_by`: the account that takes it as a ticket, whatever the guards say.
    """

    envelope: Envelope
    raw: bytes
    read: ReadMail
    mail_key: str
    digest: str
    ordered_by: int | None = None

    @property
    def mail(self) -> ParsedMail:
        """The parsed mail."""
        return self.read.mail

    @classmethod
    def of(cls, envelope: Envelope, raw: bytes, read: ReadMail) -> "Arrival":
        """Make an arrival; a mail without Message-ID is known by the hash of its raw bytes."""
        message_id = storable(read.mail.message_id).strip()[:MAIL_KEY_LIMIT]
        return cls(
            envelope=envelope,
            raw=raw,
            read=read,
            mail_key=message_id or f"sha256:{envelope.digest}",
            digest=content_digest(read.mail),
        )

    def taken_by(self, account_id: int | None) -> "Arrival":
        """The same mail on that person's word: no report, and never answered by itself."""
        if account_id is None:
            return self
        read = replace(self.read, bounce=None, may_answer=False)
        return replace(self, read=read, ordered_by=account_id)


def content_digest(mail: ParsedMail) -> str:
    """A hash over what a reader sees; headers added on the way (Received, DKIM) do not count."""
    found = hashlib.sha256()
    for text in (mail.sender.email, mail.subject, mail.text, mail.html):
        found.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    for file in mail.attachments:
        found.update(hashlib.sha256(file.data).digest())
    return found.hexdigest()


def storable(text: str) -> str:
    """Text that both databases take: no NUL, no half of a surrogate pair."""
    return _UNSTORABLE.sub("\ufffd", text)
