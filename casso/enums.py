"""Closed sets that the database stores and several floors name."""

from enum import StrEnum


class Role(StrEnum):
    """What a membership allows (rules/permissions.py). Own: the organization wrote the set itself."""

    OWNER = "owner"
    ADMIN = "admin"
    AGENT = "agent"
    VIEWER = "viewer"
    OWN = "own"
    SYSTEM = "system"


class Strength(StrEnum):
    """How a person proved who they are when they signed in."""

    PASSWORD = "password"  # noqa: S105 (a word)
    PROVIDER = "provider"
    PASSKEY = "passkey"
    TWO_FACTORS = "two factors"


STRONG = (Strength.TWO_FACTORS, Strength.PASSKEY)
"""Both factors were shown: something known or a body's mark, and something owned."""


class Sees(StrEnum):
    """How much of the organization's tickets a member sees."""

    ALL = "all"
    TEAMS = "teams"
    MAILBOXES = "mailboxes"


class Status(StrEnum):
    """Where a ticket stands. New: nobody answered yet. Pending: waiting for the customer."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    SOLVED = "solved"
    CLOSED = "closed"


OPEN_STATUSES = (Status.NEW, Status.OPEN, Status.PENDING)
CLOSED_STATUSES = (Status.SOLVED, Status.CLOSED)


class Priority(StrEnum):
    """How soon a ticket needs an answer."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class WorkType(StrEnum):
    """What kind of work a ticket is."""

    QUESTION = "question"
    PROBLEM = "problem"
    TASK = "task"
    FEATURE = "feature"


class MessageKind(StrEnum):
    """Incoming and reply are public; a note never leaves the organization."""

    INCOMING = "incoming"
    REPLY = "reply"
    NOTE = "note"


class Delivery(StrEnum):
    """What became of an outgoing message, worst recipient first when summed up."""

    NONE = "none"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRYING = "retrying"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    CANCELED = "canceled"


class SpoolState(StrEnum):
    """Where a spooled mail stands between acknowledgement and ticket."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    QUARANTINED = "quarantined"
    UNROUTED = "unrouted"


class MailSource(StrEnum):
    """The door a mail came through."""

    SMTP = "smtp"
    PIPE = "pipe"
    IMAP = "imap"
    MAILGUN = "mailgun"
    TEST = "test"


class AuthResult(StrEnum):
    """What the receiving server said of a mail's sender (SPF, DKIM, DMARC)."""

    PASS = "pass"  # noqa: S105 (a verdict, no password)
    FAIL = "fail"
    UNKNOWN = "unknown"


class Queue(StrEnum):
    """The stock queues of the inbox."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    OPEN = "open"
    CLOSED = "closed"


class Use(StrEnum):
    """Pages and features whose use is counted, of those who agreed. The whole list: nothing else is kept."""

    INBOX = "inbox"
    TICKET = "ticket"
    SEARCH = "search"
    WRITE = "write"
    UNDO = "undo"
    ASSIGN = "assign"
    STATUS = "status"
    PROPERTIES = "properties"
    GENERAL = "general"
    MEMBERS = "members"
    TEAMS = "teams"
    ROLES = "roles"
    MAILBOXES = "mailboxes"
    QUARANTINE = "quarantine"
    ACTIVITY = "activity"
    PROFILE = "profile"
    APPEARANCE = "appearance"
    SECURITY = "security"
    SESSIONS = "sessions"


class ChangeKind(StrEnum):
    """What the live watcher tells open screens."""

    TICKET_CREATED = "ticket.created"
    MESSAGE_ADDED = "message.added"
    TICKET_CHANGED = "ticket.changed"
    DELIVERY = "delivery"
    SETTINGS = "settings"
    PEOPLE = "people"


class CheckKind(StrEnum):
    """What the desk looks at: its walls between organizations; settings, files, headers, packages, trail."""

    ISOLATION = "isolation"
    SECURITY = "security"


class Level(StrEnum):
    """How much a finding matters: nothing to do, to be known, to be mended."""

    FINE = "fine"
    NOTICE = "notice"
    WRONG = "wrong"
