"""Choosing a new password: with the one so far, or with a link from a mail.

Either way every other browser is signed out, every link made before is dead, and the person
is told by mail. The answer to a request for a link never tells whether the address is known.
"""

from sqlmodel import Session, select

from casso.access import Actor, require
from casso.db import reading, transaction
from casso.errors import Invalid, NotFound
from casso.models import Account
from casso.rules.permissions import Action
from casso.rules.sign_in_address import typed_address
from casso.services import authenticators, devices, links, notices, passwords, sessions, throttles
from casso.services.account_trail import record_for_account
from casso.services.links import LIVES, LinkPurpose
from casso.services.notices import NoticeKind
from casso.services.proofs import note_proof, require_password, require_recent_proof
from casso.services.session_ending import end_all_sessions
from casso.services.throttles import Door
from casso.values.caller import Caller


def change_password(actor: Actor, current: str, chosen: str, caller: Caller) -> str:
    """Change one's own password and renew this session; returns its new token.

    An account that has none yet (it came in through a provider) needs a recent proof instead.
    Raises NotAllowed for a wrong one, NotProved, TooManyTries, and Invalid saying what is wrong
    with the new one.
    """
    require(actor, Action.OWN_ACCOUNT)
    account = _account(actor.account_id)
    if account.password_hash:
        require_password(actor, current, caller)
    else:
        require_recent_proof(actor)
    hashed = _hashed(account, chosen)
    with transaction(actor.organization_id) as session:
        end_all_sessions(session, account.id or 0, actor, caller, but=actor.sign_in_id)
        _set(session, account, hashed, caller)
        note_proof(session, actor)
        return sessions.renew(session, actor)


def judge_mine(actor: Actor, typed: str) -> int:
    """How good a password would be for the actor, from 0 to 4."""
    require(actor, Action.OWN_ACCOUNT)
    with reading(actor.organization_id) as session:
        about = passwords.known_about(session, _account(actor.account_id))
    return passwords.score_of(typed, about=about)


def request_reset(email: str, caller: Caller) -> None:
    """Mail a link to the address, if an account that may come in has it; both steps in one.

    Raises TooManyTries, whatever the address.
    """
    count_reset(email, caller)
    mail_reset(email, caller)


def count_reset(email: str, caller: Caller) -> None:
    """All that is done before the answer, the same for every address. Raises TooManyTries."""
    throttles.take_try(Door.RESET, typed_address(email), caller.ip)


def mail_reset(email: str, caller: Caller) -> None:
    """Mail the link, if an account that may come in has the address; nobody waits for it.

    For after the answer: what it takes would tell whether the address is known.
    """
    address = typed_address(email)
    with transaction() as session:
        account = session.exec(select(Account).where(Account.email == address)).first()
        if account is None or account.disabled_at:
            return
        send_reset(session, account)
        record_for_account(session, account.id or 0, "account.reset_asked", caller)


def send_reset(session: Session, account: Account) -> str:
    """Put a link for a new password on its way; returns it, for whoever hands it over in person."""
    token = links.make(session, LinkPurpose.RESET, account_id=account.id)
    link = links.url_of("/reset", token)
    to = notices.recipient_of(session, account)
    life = LIVES[LinkPurpose.RESET]
    notices.send(session, NoticeKind.RESET, to, life=life, email=account.email, link=link)
    return link


def find_reset(token: str) -> str:
    """The address of the account that a link is for. Raises Invalid when the link is over."""
    return _account_of_link(token).email


def reset_password(token: str, chosen: str, caller: Caller) -> None:
    """Set a new password with a link and end all sessions.

    Raises Invalid: the link is over, or something is wrong with the password, and then the link stays.
    """
    account = _account_of_link(token)
    hashed = _hashed(account, chosen)
    with transaction() as session:
        links.redeem(session, LinkPurpose.RESET, token)
        end_all_sessions(session, account.id or 0, None, caller)
        _set(session, account, hashed, caller)


def _account_of_link(token: str) -> Account:
    found = links.find(LinkPurpose.RESET, token)
    if found is None:
        raise Invalid("error.link")
    account = _account(found.account_id)
    if account.disabled_at:
        raise Invalid("error.link")
    return account


def _account(account_id: int | None) -> Account:
    with reading() as session:
        found = session.get(Account, account_id) if account_id else None
    if found is None:
        raise NotFound()
    return found


def _hashed(account: Account, chosen: str) -> str:
    with reading() as session:
        about = passwords.known_about(session, account)
    return passwords.hash_new_password(chosen, about=about)


def _set(session: Session, account: Account, hashed: str, caller: Caller) -> None:
    """The new hash; every link from before is dead, and the person is told."""
    stored = session.get_one(Account, account.id)
    stored.password_hash = hashed
    links.revoke(session, account.id or 0)
    authenticators.forget_unconfirmed(session, account.id or 0)
    devices.tell(session, NoticeKind.PASSWORD_CHANGED, stored, caller)
    record_for_account(session, account.id or 0, "account.password_changed", caller)
