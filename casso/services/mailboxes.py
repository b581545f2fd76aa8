"""Mailboxes and the IMAP accounts behind them: made, changed and tested by people who may change settings.

A stored password never leaves. It is kept only for the server and name it was
given for: pointing it to another server needs it typed again. A repeated intent
raises AlreadyDone and changes nothing.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from casso.access import Actor, require
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import ChangeKind
from casso.errors import Invalid, NotFound
from casso.gateways import imap, secrets
from casso.gateways.imap_session import ImapTarget
from casso.models import ImapAccount, Mailbox
from casso.rules.addresses import LOCAL_PART_LIMIT, TOKEN_LENGTH
from casso.rules.differences import differences
from casso.rules.permissions import Action
from casso.services import unrouted
from casso.services.setup import checked_email
from casso.services.trail import announce, once, record

# How far a mail server's clock may be behind ours before new mail is taken for old.
CLOCK_SLACK = timedelta(minutes=5)
SECURITIES = ("tls", "starttls", "none")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:_-]{0,252}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class MailboxForm:
    """What the settings page asks of a mailbox.

    `uses_reply_to`: the customer is who Reply-To names (contact forms). `trusted_receiver`:
    the name of the mail server whose Authentication-Results count. `unfolds_forwards`: whoever
    forwards a mail, its original sender becomes the customer.
    """

    address: str
    name: str = ""
    uses_reply_to: bool = False
    trusted_receiver: str = ""
    unfolds_forwards: bool = False


@dataclass(frozen=True, slots=True)
class ImapForm:
    """Where to fetch a mailbox from; an empty password keeps the stored one."""

    host: str
    username: str
    password: str = field(default="", repr=False)
    port: int = 993
    security: str = "tls"
    folder: str = "INBOX"
    is_enabled: bool = True


def create_mailbox(actor: Actor, form: MailboxForm, *, intent: str = "") -> int:
    """A new mailbox; returns its id. Raises NotAllowed, and Invalid for a bad or taken address."""
    require(actor, Action.MANAGE_MAILBOXES)
    address = _checked_address(form.address)
    mailbox = Mailbox(organization_id=actor.organization_id, address=address, created_at=now())
    _fill(mailbox, form)
    try:
        with transaction(actor.organization_id) as session:
            once(session, actor, intent)
            session.add(mailbox)
            session.flush()
            unrouted.welcome(session, mailbox)
            _note(session, actor, "mailbox.created", address)
    except IntegrityError as error:
        raise Invalid("error.mailbox_taken") from error
    return mailbox.id or 0


def update_mailbox(actor: Actor, mailbox_id: int, form: MailboxForm, *, intent: str = "") -> None:
    """Change a mailbox. Raises NotFound, NotAllowed, and Invalid for a bad or taken address."""
    require(actor, Action.MANAGE_MAILBOXES)
    address = _checked_address(form.address)
    try:
        with transaction(actor.organization_id) as session:
            once(session, actor, intent)
            mailbox = _mailbox(session, actor, mailbox_id)
            is_new_address, old = mailbox.address != address, _shown(mailbox)
            mailbox.address = address
            _fill(mailbox, form)
            session.add(mailbox)
            session.flush()
            if is_new_address:
                unrouted.welcome(session, mailbox)
            _note(session, actor, "mailbox.changed", address, old, _shown(mailbox))
    except IntegrityError as error:
        raise Invalid("error.mailbox_taken") from error


def save_imap(actor: Actor, mailbox_id: int, form: ImapForm, *, intent: str = "") -> None:
    """Set where a mailbox is fetched from; it is polled at once. Raises NotFound, NotAllowed, Invalid."""
    require(actor, Action.MANAGE_MAILBOXES)
    _check(form)
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        mailbox = _mailbox(session, actor, mailbox_id)
        account = _account(session, actor, mailbox_id)
        sealed = _sealed_password(account, form)
        old = _fetched(account) if account else {}
        if account is None:
            account = ImapAccount(
                organization_id=actor.organization_id,
                mailbox_id=mailbox_id,
                host=form.host,
                username=form.username,
                password_sealed=sealed,
                take_from=now() - CLOCK_SLACK,
            )
        elif (account.host, account.username, account.folder) != (form.host, form.username, form.folder):
            account.uid_validity = account.last_uid = 0
            account.take_from = now() - CLOCK_SLACK
        account.host, account.port, account.security = form.host, form.port, form.security
        account.username, account.password_sealed = form.username, sealed
        account.folder, account.is_enabled = form.folder, form.is_enabled
        account.next_poll_at, account.failures, account.error_code = None, 0, ""
        account.lease_until = None
        session.add(account)
        new = _fetched(account) | ({"password": "replaced"} if form.password else {})
        _note(session, actor, "mailbox.imap_changed", mailbox.address, old, new)


def test_imap(actor: Actor, mailbox_id: int, form: ImapForm) -> imap.ConnectionReport:
    """Try these settings now, without saving them. Raises NotFound, NotAllowed, Invalid."""
    require(actor, Action.MANAGE_MAILBOXES)
    _check(form)
    with reading(actor.organization_id) as session:
        _mailbox(session, actor, mailbox_id)
        sealed = _sealed_password(_account(session, actor, mailbox_id), form)
    return imap.check_connection(target_of(form, secrets.decrypt(sealed)))


test_imap.__test__ = False  # type: ignore[attr-defined]  # a name for people, not a test


def target_of(settings: ImapForm | ImapAccount, password: str) -> ImapTarget:
    """The gateway's view of an account."""
    assert settings.security in ("tls", "starttls", "none")
    return ImapTarget(
        host=settings.host,
        username=settings.username,
        password=password,
        port=settings.port,
        security=settings.security,  # type: ignore[arg-type]
        folder=settings.folder,
    )


def _sealed_password(account: ImapAccount | None, form: ImapForm) -> str:
    """The new password sealed, or the stored one when it was given for this very server and name."""
    if form.password:
        return secrets.encrypt(form.password)
    if account is None or _whereabouts(account) != _whereabouts(form):
        raise Invalid("error.imap_password")
    return account.password_sealed


def _whereabouts(one: ImapAccount | ImapForm) -> tuple[str, int, str, str]:
    return one.host, one.port, one.security, one.username


def _check(form: ImapForm) -> None:
    if not _HOST.fullmatch(form.host):
        raise Invalid("error.imap_host")
    if not 1 <= form.port <= 65535 or form.security not in SECURITIES:
        raise Invalid("error.imap_port")
    if not form.username.strip() or not form.folder.strip():
        raise Invalid("error.imap_login")


def _checked_address(text: str) -> str:
    """An address whose local part has room for a signed reply token, and no tag of its own."""
    address = checked_email(text, "error.mailbox")
    local = address.rpartition("@")[0]
    if len(local.encode()) + 1 + TOKEN_LENGTH > LOCAL_PART_LIMIT:
        raise Invalid("error.mailbox")
    return address


def _fill(mailbox: Mailbox, form: MailboxForm) -> None:
    mailbox.name = form.name.strip()[:200]
    mailbox.uses_reply_to = form.uses_reply_to
    mailbox.trusted_receiver = form.trusted_receiver.strip().lower()[:255]
    mailbox.unfolds_forwards = form.unfolds_forwards


def _shown(mailbox: Mailbox) -> dict[str, object]:
    """A mailbox as the trail tells its changes."""
    return {
        "address": mailbox.address,
        "name": mailbox.name,
        "uses Reply-To": mailbox.uses_reply_to,
        "unfolds forwards": mailbox.unfolds_forwards,
        "trusted receiver": mailbox.trusted_receiver,
    }


def _fetched(account: ImapAccount) -> dict[str, object]:
    """Where a mailbox is fetched from, without its password."""
    return {
        "host": account.host,
        "port": account.port,
        "security": account.security,
        "login": account.username,
        "folder": account.folder,
        "fetches": account.is_enabled,
    }


def _note(
    session: Session,
    actor: Actor,
    action: str,
    address: str,
    old: dict[str, object] | None = None,
    new: dict[str, object] | None = None,
) -> None:
    """Trail and news: which mailbox, and what of it changed."""
    before, after = (f"{address}; {said}" if said else "" for said in differences(old or {}, new or {}))
    record(session, actor, action, before=before, after=after or address)
    announce(session, actor, ChangeKind.SETTINGS)


def _mailbox(session: Session, actor: Actor, mailbox_id: int) -> Mailbox:
    found = session.exec(
        select(Mailbox).where(Mailbox.organization_id == actor.organization_id, Mailbox.id == mailbox_id)
    ).first()
    if found is None:
        raise NotFound("error.not_found")
    return found


def _account(session: Session, actor: Actor, mailbox_id: int) -> ImapAccount | None:
    return session.exec(
        select(ImapAccount).where(
            ImapAccount.organization_id == actor.organization_id, col(ImapAccount.mailbox_id) == mailbox_id
        )
    ).first()
