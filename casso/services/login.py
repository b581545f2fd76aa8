"""Proving who one is; opening a session is another matter (services/sessions.py).

Every way in ends in a `Proved`: the password here, a provider, a passkey. A password that
needs a second step is kept as a half-done sign-in: ten minutes, one use, opens nothing else.
Whatever is wrong, the answer and the work are the same.
"""

import logging
import threading
from dataclasses import dataclass

from sqlmodel import Session, select

from casso.access import across_organizations
from casso.db import reading, transaction
from casso.enums import Strength
from casso.errors import NotAllowed
from casso.models import Account, Membership
from casso.rules.browsers import browser_name
from casso.rules.sign_in_address import typed_address
from casso.services import authenticators, devices, links, passwords, sessions, throttles
from casso.services.links import LinkPurpose
from casso.services.throttles import Door
from casso.services.trail import record_access
from casso.values.caller import Caller
from casso.values.proved import Proved

log = logging.getLogger(__name__)
# Between check and count nobody slips past the limit but these.
_trying = threading.BoundedSemaphore(4)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Whose address it is, if anybody's who may come in."""

    account: Account | None
    membership: Membership | None

    @property
    def may_enter(self) -> bool:
        return self.account is not None and self.membership is not None and not self.account.disabled_at


def check_password(email: str, password: str, caller: Caller) -> Proved:
    """Who signs in with that address and password. Raises NotAllowed whatever is wrong, and TooManyTries."""
    address = typed_address(email)
    found = _find(address)
    device = devices.find_device(caller.device, found.account.id if found.account else None)
    stored = found.account.password_hash if found.account else ""
    with _trying:
        throttles.check(Door.SIGN_IN, address, caller.ip, device=device)
        is_right = passwords.is_right(stored, password)
        if not is_right or not found.may_enter or found.account is None:
            _note_failure(found.membership, address, device, caller)
            raise NotAllowed("error.sign_in")
    throttles.trust(Door.SIGN_IN, address, caller.ip, device=device)
    if passwords.needs_rehash(stored):
        _keep_better_hash(found.account, password)
    return Proved(found.account.id or 0, Strength.PASSWORD)


def sign_in(email: str, password: str, *, ip: str, browser: str) -> str:
    """A new session's token for the right address and password, without a second step.

    For programs and tests; people come through web/entry.py, which asks for the second step.
    """
    caller = Caller(ip=ip, browser=browser)
    return sessions.open_session(check_password(email, password, caller), caller)


def keep_half(proved: Proved) -> str:
    """Keep a sign-in that still needs its second step; the token goes into a cookie of its own."""
    with transaction() as session:
        links.revoke(session, proved.account_id, LinkPurpose.SECOND_FACTOR)
        authenticators.forget_unconfirmed(session, proved.account_id)
        return links.make(
            session, LinkPurpose.SECOND_FACTOR, account_id=proved.account_id, detail=proved.strength
        )


def find_half(token: str) -> Proved | None:
    """Whose half-done sign-in this is, while it is valid."""
    found = links.find(LinkPurpose.SECOND_FACTOR, token)
    return None if found is None else Proved(found.account_id or 0, Strength(found.detail))


def finish_half(session: Session, token: str) -> Proved:
    """Use a half-done sign-in up, once its second step is proved. Raises Invalid when it is over."""
    found = links.redeem(session, LinkPurpose.SECOND_FACTOR, token)
    return Proved(found.account_id or 0, Strength.TWO_FACTORS)


def _find(address: str) -> _Candidate:
    with reading() as session, across_organizations(session, "sign-in by address"):
        account = session.exec(select(Account).where(Account.email == address)).first()
        membership = sessions.last_membership(session, account.id if account else None)
    return _Candidate(account, membership)


def _note_failure(membership: Membership | None, address: str, device: str, caller: Caller) -> None:
    """Count it, with a line in the trail of whose address it is: one transaction whether or not it is one."""
    if membership is None:
        log.info("sign-in failed", extra={"event": "login.failed"})
    browser_name(caller.browser)  # read for nobody's address too: it takes a moment
    with transaction(membership.organization_id if membership else None) as session:
        throttles.note_failure(session, Door.SIGN_IN, address, caller.ip, device=device)
        if membership is not None:
            record_access(
                session,
                membership.organization_id,
                membership.account_id,
                "session.failed",
                ip=caller.ip,
                browser=caller.browser,
            )


def _keep_better_hash(account: Account, password: str) -> None:
    better = passwords.hash_password(password)
    with transaction() as session:
        stored = session.get(Account, account.id)
        if stored is not None and stored.password_hash == account.password_hash:
            stored.password_hash = better
