"""Another mail address for an account: asked for with a fresh proof, counts once BOTH addresses confirmed it.

Whoever holds a stolen session, or only the new address, changes nothing. Whether the new
address belongs to somebody already, nobody is told: its owner gets a notice in place of the
link, and the change waits until it is over. The links live an hour, like all that open an
account. Of two accounts on their way to one address the first to finish has it.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from casso.access import Actor, require
from casso.clock import now
from casso.db import reading, transaction
from casso.errors import Invalid, NotFound
from casso.models import Account, MailChange
from casso.rules.permissions import Action
from casso.rules.sign_in_address import typed_address
from casso.services import devices, links, notices, throttles
from casso.services.account_trail import record_for_account
from casso.services.links import LIVES, LinkPurpose
from casso.services.notices import NoticeKind, Recipient
from casso.services.profile import own_account, tell_organizations
from casso.services.proofs import require_recent_proof
from casso.services.session_ending import end_all_sessions
from casso.services.setup import checked_email
from casso.services.throttles import Door
from casso.values.caller import Caller

PURPOSE = LinkPurpose.MAIL_CHANGE
LIFE = LIVES[PURPOSE]


class Side(StrEnum):
    """Which address a link was sent to."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link is about: the side it was sent to, the address so far and the wanted one."""

    side: Side
    email: str
    new_email: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What came of it: `is_done`, or the other side has to confirm as well."""

    is_done: bool
    new_email: str


def request_mail_change(actor: Actor, new_email: str, caller: Caller) -> None:
    """Send the links; what was asked for before is over. Raises NotProved, TooManyTries, Invalid."""
    require(actor, Action.OWN_ACCOUNT)
    require_recent_proof(actor)
    address = checked_email(new_email, "error.email")
    if address == actor.email:
        raise Invalid("error.email_same")
    for subject in (str(actor.account_id), address):
        throttles.take_try(Door.MAIL_CHANGE, subject, caller.ip)
    with transaction(actor.organization_id) as session:
        account = _locked(session, own_account(session, actor).id)
        _forget(session, account)
        moment = now()
        session.add(
            MailChange(
                account_id=account.id or 0,
                new_email=address,
                sign_in_id=actor.sign_in_id,
                created_at=moment,
                expires_at=moment + LIFE,
            )
        )
        _send(session, account, address)
        record_for_account(session, account.id or 0, "account.mail_change_asked", caller)


def cancel_mail_change(actor: Actor, caller: Caller) -> None:
    """Stop one's own change; without one nothing happens."""
    require(actor, Action.OWN_ACCOUNT)
    with transaction(actor.organization_id) as session:
        account = _locked(session, own_account(session, actor).id)
        if _change_of(session, account.id) is not None:
            _forget(session, account)
            record_for_account(session, account.id or 0, "account.mail_change_canceled", caller)


def find_mail_change(token: str) -> Asked:
    """What a link is about; opening it changes nothing. Raises Invalid when it is over."""
    found = links.find(PURPOSE, token)
    if found is None:
        raise Invalid("error.link")
    with reading() as session:
        account = session.get(Account, found.account_id)
        change = _change_of(session, found.account_id)
    if account is None or account.disabled_at or change is None:
        raise Invalid("error.link")
    return Asked(Side(found.detail), account.email, change.new_email)


def confirm_mail_change(token: str, caller: Caller) -> Confirmed:
    """Confirm one side with its link; the second one to do so changes the address.

    Then every other session and every other link of the account is over. Raises Invalid: the
    link is over, or somebody else has the address by now.
    """
    with transaction() as session:
        side, account, change = _redeem(session, token)
        if side is Side.OLD:
            change.old_confirmed_at = now()
        else:
            change.new_confirmed_at = now()
        is_done = change.old_confirmed_at is not None and change.new_confirmed_at is not None
        if is_done:
            _move(session, account, change.new_email, caller, but=change.sign_in_id, is_own=True)
        else:
            record_for_account(session, account.id or 0, "account.mail_change_confirmed", caller)
        return Confirmed(is_done, change.new_email)


def refuse_mail_change(token: str, caller: Caller) -> None:
    """Whoever reads the mail did not want this: the change is over. Raises Invalid for a link that is."""
    with transaction() as session:
        _, account, _ = _redeem(session, token)
        _forget(session, account)
        record_for_account(session, account.id or 0, "account.mail_change_refused", caller)


def set_mail_address(email: str, new_email: str) -> tuple[int, str, int]:
    """Give an account another address from the command line, when its old mailbox is lost.

    Returns its id, the address and how many sessions ended. Raises NotFound, Invalid.
    """
    address = checked_email(new_email, "error.email")
    with transaction() as session:
        known = session.exec(select(Account.id).where(Account.email == typed_address(email))).first()
        if known is None:
            raise NotFound("error.account_not_found")
        account = _locked(session, known)
        if account.email == address:
            raise Invalid("error.email_same")
        ended = _move(session, account, address, Caller(), but=None, is_own=False)
        return known, address, ended


def _send(session: Session, account: Account, address: str) -> None:
    """A link to each side. One that nobody gets is made for a taken address too: it waits like any other."""
    mine = notices.recipient_of(session, account)
    old, new = (links.make(session, PURPOSE, account_id=account.id, detail=side) for side in Side)
    values = {"email": account.email, "new_email": address}
    notices.send(session, NoticeKind.MAIL_CHANGE_OLD, mine, life=LIFE, link=_url(old), **values)
    owner = session.exec(select(Account).where(Account.email == address)).first()
    if owner is None:
        to = Recipient(address, mine.locale, account.id)
        notices.send(session, NoticeKind.MAIL_CHANGE_NEW, to, life=LIFE, link=_url(new), new_email=address)
    else:
        to = notices.recipient_of(session, owner)
        notices.send(session, NoticeKind.MAIL_CHANGE_TAKEN, to, life=LIFE, email=address)


def _url(token: str) -> str:
    return links.url_of("/mail-change", token)


def _redeem(session: Session, token: str) -> tuple[Side, Account, MailChange]:
    """Use a link up. The account is locked first, so that both sides at once are seen one by one."""
    found = links.find(PURPOSE, token)
    account = _locked(session, found.account_id if found else None)
    used = links.redeem(session, PURPOSE, token)
    change = _change_of(session, account.id)
    if account.disabled_at or change is None:
        raise Invalid("error.link")
    return Side(used.detail), account, change


def _move(
    session: Session, account: Account, address: str, caller: Caller, *, but: int | None, is_own: bool
) -> int:
    """The account has that address now; returns how many sessions ended, all `but` one."""
    before, account.email = account.email, address
    try:
        session.flush()
    except IntegrityError as error:
        raise Invalid("error.email_taken") from error
    account_id = account.id or 0
    ended = end_all_sessions(session, account_id, None, caller, but=but)
    _forget(session, account)
    links.revoke(session, account_id)
    for one in (before, address):
        devices.tell(session, NoticeKind.MAIL_CHANGED, account, caller, address=one)
    tell_organizations(
        session, account, "account.mail_changed", caller, is_own=is_own, before=before, after=address
    )
    return ended


def _forget(session: Session, account: Account) -> None:
    """End a change and its links, if there is one."""
    links.revoke(session, account.id or 0, PURPOSE)
    session.execute(delete(MailChange).where(col(MailChange.account_id) == account.id))


def _change_of(session: Session, account_id: int | None) -> MailChange | None:
    return session.exec(
        select(MailChange).where(col(MailChange.account_id) == account_id, col(MailChange.expires_at) > now())
    ).first()


def _locked(session: Session, account_id: int | None) -> Account:
    """The account, changed by one transaction at a time. Raises Invalid when there is none."""
    found = session.exec(select(Account).where(col(Account.id) == account_id).with_for_update()).first()
    if found is None:
        raise Invalid("error.link")
    return found
