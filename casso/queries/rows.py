"""What a screen gets to see: frozen, flat rows of plain values.

The contract between the queries that fill them and the states that hold them.
Nothing here is a table; all moments are UTC in ISO 8601 ending in `Z`, shown in
the reader's zone by the browser. Closed sets travel as their stored value and
become words on the screen. An empty string or 0 means "none".
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One ticket in a queue; fifty of them must stay below 40 kB of JSON.

    `preview` is at most 120 characters, `subject` 200; `key` is the keyset
    cursor of this row; `last_author` is the agent's first name when the newest
    public message came from us, else empty.
    """

    number: int
    subject: str
    preview: str
    customer_name: str
    category: str
    status: str
    priority: str
    age_iso: str
    assignee_initials: str
    assignee_name: str
    attachment_count: int
    is_unread: bool
    last_author: str
    key: str
    assignee_picture: str = ""


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many tickets of a queue have this status."""

    status: str
    count: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Fifty rows, newest activity first; `next_cursor` is empty on the last page.

    `count` and `statuses` are about the whole queue, whatever narrows the rows.
    """

    rows: tuple[QueueRow, ...]
    next_cursor: str
    count: int
    statuses: tuple[StatusCount, ...]


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How many tickets a queue holds; `queue` is a value of enums.Queue."""

    queue: str
    count: int


@dataclass(frozen=True, slots=True)
class FileRow:
    """An attachment; `size` in bytes; `id` is its random public id, fetched from /files/{id}."""

    id: str
    name: str
    size: int
    content_type: str
    is_image: bool


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message or note in the time line.

    `text` is the visible new text, cut at 4,000 characters (`is_cut`);
    `full_text` stays empty until somebody unfolds the message. `quoted` says
    that quoted history was folded away. `thread_reason` and `delivery` are
    catalogue suffixes (`reason.…`, `delivery.…`).
    """

    id: int
    kind: str
    author_name: str
    author_initials: str
    author_email: str
    to_line: str
    cc_line: str
    at_iso: str
    text: str
    quoted: bool
    is_cut: bool
    full_text: str
    has_html: bool
    has_remote_images: bool
    attachments: tuple[FileRow, ...]
    delivery: str
    delivery_error: str
    thread_reason: str
    is_unverified: bool
    is_automatic: bool
    undo_until_iso: str
    author_picture: str = ""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One grey line: who changed what, from what, to what.

    `action` is the trail's name of it: `ticket.created`, `ticket.status`,
    `ticket.priority`, `ticket.work_type`, `ticket.category`, `ticket.assignee`,
    `ticket.team`, `ticket.tags`, `ticket.subject`; others show as a plain line.
    """

    id: int
    at_iso: str
    actor_name: str
    action: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A message or an event, never both; `key` is unique in the time line (`m12`, `e7`)."""

    key: str
    message: MessageRow | None
    event: EventRow | None


@dataclass(frozen=True, slots=True)
class PastTicket:
    """Another ticket of the same customer."""

    number: int
    subject: str
    status: str
    at_iso: str


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """Who wrote; `local_time_zone` is an IANA name or empty when unknown."""

    id: int
    name: str
    initials: str
    company: str
    email: str
    phone: str
    local_time_zone: str
    past: tuple[PastTicket, ...]


@dataclass(frozen=True, slots=True)
class TicketPage:
    """An open ticket with its newest entries (oldest first, at most 50, at most 40 kB).

    `older_cursor` is empty when nothing older is left; `version` goes back with
    every write; `reply_to` is the address an answer goes to; `id` is what changes name.
    """

    id: int
    number: int
    subject: str
    status: str
    priority: str
    work_type: str
    category: str
    assignee_id: int
    assignee_name: str
    assignee_initials: str
    team_name: str
    tags: tuple[str, ...]
    customer: CustomerCard
    reply_to: str
    cc: tuple[str, ...]
    version: int
    opened_iso: str
    entries: tuple[TimelineEntry, ...]
    older_cursor: str
    assignee_picture: str = ""


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A hit; subject, snippet and customer_name have the found words between U+2068 and U+2069."""

    number: int
    subject: str
    snippet: str
    customer_name: str
    status: str
    age_iso: str


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """A person a ticket can be assigned to."""

    id: int
    name: str
    initials: str


@dataclass(frozen=True, slots=True)
class TeamChoice:
    """A team a ticket can belong to."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class MeRow:
    """The signed-in person and their organization, for the frame of every page.

    `theme` is light, dark or system; `locale` a shipped catalogue; `zone` IANA.
    """

    account_id: int
    name: str
    initials: str
    email: str
    role: str
    organization_name: str
    locale: str
    theme: str
    zone: str
    is_operator: bool = False
    picture: str = ""


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """A mailbox, and for who manages it the state of its sources; the IMAP password never travels."""

    id: int
    address: str
    name: str
    is_default: bool = False
    is_imap_on: bool = False
    imap_host: str = ""
    imap_port: int = 993
    imap_security: str = "tls"
    imap_login: str = ""
    imap_folder: str = "INBOX"
    last_checked_iso: str = ""
    last_error: str = ""
    uses_reply_to: bool = False
    trusted_receiver: str = ""
    unfolds_forwards: bool = False
    is_in_clear: bool = False


@dataclass(frozen=True, slots=True)
class OrganizationCard:
    """The general settings of an organization."""

    name: str
    zone: str
    locale: str
    smtp_address: str
    version: int
    requires_second_factor: bool = False
    may_be_overheard: bool = False
