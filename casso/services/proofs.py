"""A fresh proof of who one is, before a sensitive act on one's own account.

Signing in counts as one for ten minutes; after that the password (or a second factor) is
asked for again. Services of such acts call require_recent_proof() first.
"""

from datetime import timedelta

from sqlmodel import Session, col, select

from casso.access import Actor, require
from casso.clock import now
from casso.db import reading, transaction
from casso.errors import NotAllowed, NotProved
from casso.models import Account, SignIn
from casso.rules.permissions import Action
from casso.services import devices, passwords, throttles
from casso.services.throttles import Door
from casso.services.trail import record_access
from casso.values.caller import Caller

RECENT = timedelta(minutes=10)


def require_recent_proof(actor: Actor) -> None:
    """Raise NotProved unless this session proved who it is in the last ten minutes."""
    if not has_recent_proof(actor):
        raise NotProved()


def has_recent_proof(actor: Actor) -> bool:
    """Whether this session's last proof is recent; a proof that lies in the future is none."""
    with reading(actor.organization_id) as session:
        found = _session_of(session, actor)
        if found is None or found.proved_at is None:
            return False
        return timedelta(0) <= now() - found.proved_at <= RECENT


def prove_password(actor: Actor, password: str, caller: Caller) -> None:
    """Prove it with the password. Raises NotAllowed when it is wrong, TooManyTries after a few."""
    require(actor, Action.OWN_ACCOUNT)
    require_password(actor, password, caller)
    with transaction(actor.organization_id) as session:
        note_proof(session, actor)


def note_proof(session: Session, actor: Actor) -> None:
    """Write down that this session has just proved who it is: a second factor does it as well."""
    found = _session_of(session, actor)
    if found is not None:
        found.proved_at = now()


def require_password(actor: Actor, password: str, caller: Caller) -> None:
    """Raise NotAllowed unless this is the actor's password; tries are counted, failures recorded."""
    subject = str(actor.account_id)
    device = devices.find_device(caller.device, actor.account_id)
    throttles.take_try(Door.PASSWORD_AGAIN, subject, caller.ip, device=device)
    with reading(actor.organization_id) as session:
        account = session.get(Account, actor.account_id)
    if account is None or not passwords.is_right(account.password_hash, password):
        _record_failure(actor, caller)
        raise NotAllowed("error.password_wrong")
    throttles.note_success(Door.PASSWORD_AGAIN, subject, caller.ip, device=device)


def _record_failure(actor: Actor, caller: Caller) -> None:
    here = actor.organization_id
    with transaction(here) as session:
        record_access(session, here, actor.account_id, "session.failed", ip=caller.ip, browser=caller.browser)


def _session_of(session: Session, actor: Actor) -> SignIn | None:
    return session.exec(
        select(SignIn).where(
            SignIn.organization_id == actor.organization_id,
            col(SignIn.account_id) == actor.account_id,
            col(SignIn.id) == actor.sign_in_id,
        )
    ).first()
