"""SQLModel tables and nothing else; importing this package registers all of them."""

from casso.models.checks import CheckRun
from casso.models.factors import Authenticator, Passkey, RecoveryCode
from casso.models.identities import LinkedIdentity
from casso.models.login import KnownDevice, LinkToken, MailChange, Throttle
from casso.models.mailbox import DomainHolder, ImapAccount, Mailbox, SpooledMail, WebhookReceipt
from casso.models.notice import Notice
from casso.models.people import Account, Instance, Membership, Organization, SignIn, Team, TeamMember
from casso.models.policies import PolicyAcceptance
from casso.models.roles import Invitation, MailboxAccess, OwnRole
from casso.models.ticket import Attachment, Customer, Message, ReadMark, Ticket, TicketTag
from casso.models.trail import TrailCheck, TrailCheckpoint, TrailDetail, TrailEntry, TrailHead
from casso.models.usage import UsageEvent
from casso.models.work import Change, Heartbeat, Intent, Outgoing, SearchDocument

OWNED = (
    Attachment,
    Change,
    Customer,
    ImapAccount,
    Intent,
    Invitation,
    Mailbox,
    MailboxAccess,
    Membership,
    Message,
    Outgoing,
    OwnRole,
    ReadMark,
    SearchDocument,
    SignIn,
    Team,
    TeamMember,
    Ticket,
    TicketTag,
    TrailCheck,
    TrailCheckpoint,
    TrailDetail,
    TrailEntry,
    TrailHead,
    UsageEvent,
)
"""Tables that belong to an organization: a query on one without its criterion raises."""

__all__ = [
    "OWNED",
    "Account",
    "Attachment",
    "Authenticator",
    "Change",
    "CheckRun",
    "Customer",
    "DomainHolder",
    "Heartbeat",
    "ImapAccount",
    "Instance",
    "Intent",
    "Invitation",
    "KnownDevice",
    "LinkToken",
    "LinkedIdentity",
    "MailChange",
    "Mailbox",
    "MailboxAccess",
    "Membership",
    "Message",
    "Notice",
    "Organization",
    "Outgoing",
    "OwnRole",
    "Passkey",
    "PolicyAcceptance",
    "ReadMark",
    "RecoveryCode",
    "SearchDocument",
    "SignIn",
    "SpooledMail",
    "Team",
    "TeamMember",
    "Throttle",
    "Ticket",
    "TicketTag",
    "TrailCheck",
    "TrailCheckpoint",
    "TrailDetail",
    "TrailEntry",
    "TrailHead",
    "UsageEvent",
    "WebhookReceipt",
]  # fmt: skip
