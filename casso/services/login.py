"""Signing in and out with a password; the cookie's token is 256 random bits, stored only as SHA-256.

Hashing takes tens of milliseconds and 19 MiB on purpose, so it is bounded to a
few at a time. A wrong address costs as much as a wrong password.
"""

import hashlib
import logging
import secrets
import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select as select_columns
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from casso.access import Actor, across_organizations
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import Role
from casso.errors import Invalid, NotAllowed
from casso.models import Account, Membership, Organization, SignIn
from casso.services.trail import record_access

PASSWORD_MIN, PASSWORD_MAX = 10, 256
IDLE_LIMIT = timedelta(days=14)
ABSOLUTE_LIMIT = timedelta(days=60)
SEEN_EVERY = timedelta(minutes=5)

log = logging.getLogger(__name__)

# OWASP password storage cheat sheet: argon2id, 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_hashing = threading.BoundedSemaphore(4)
_NOBODY = _hasher.hash("nobody has this password")


# Read at every event of every screen, so: columns, not rows.
_ACTOR_COLUMNS: tuple[Any, ...] = (
    col(SignIn.id).label("sign_in_id"),
    col(SignIn.account_id),
    col(SignIn.organization_id),
    col(SignIn.last_seen_at),
    col(SignIn.expires_at),
    col(Account.first_name),
    col(Account.last_name),
    col(Account.email),
    col(Account.locale),
    col(Account.time_zone),
    col(Account.theme),
    col(Account.disabled_at),
    col(Account.is_operator),
    col(Membership.role),
    col(Organization.locale).label("organization_locale"),
    col(Organization.time_zone).label("organization_zone"),
)


def hash_password(password: str) -> str:
    """An argon2id hash. Raises Invalid when the password is too short or too long."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise Invalid("error.password_length", low=PASSWORD_MIN, high=PASSWORD_MAX)
    with _hashing:
        return _hasher.hash(password)


def sign_in(email: str, password: str, *, ip: str, browser: str) -> str:
    """A new session's token for the right address and password. Raises NotAllowed, whatever the cause."""
    with reading() as session, across_organizations(session, "sign-in by address"):
        account = session.exec(select(Account).where(Account.email == email.strip().lower())).first()
        membership = _first_membership(session, account)
    stored = account.password_hash if account and account.password_hash else _NOBODY
    is_right = _verify(stored, password[: PASSWORD_MAX + 1])
    if not is_right or account is None or membership is None or account.disabled_at:
        _note_failure(membership, ip=ip, browser=browser)
        raise NotAllowed("error.sign_in")
    return _open_session(account, membership, stored, password, ip=ip, browser=browser)


def find_session(token: str) -> Actor | None:
    """Who holds this token, or None when it is unknown, over, or the person may no longer come in."""
    moment = now()
    with reading() as session, across_organizations(session, "session cookie"):
        found = session.execute(
            select_columns(*_ACTOR_COLUMNS)
            .where(col(SignIn.token_hash) == _digest(token))
            .where(col(Account.id) == SignIn.account_id)
            .where(col(Membership.account_id) == SignIn.account_id)
            .where(col(Membership.organization_id) == SignIn.organization_id)
            .where(col(Organization.id) == SignIn.organization_id)
        ).first()
    if found is None or found.disabled_at:
        return None
    if found.expires_at <= moment or found.last_seen_at + IDLE_LIMIT <= moment:
        return None
    if moment - found.last_seen_at > SEEN_EVERY:
        _touch(token)
    return Actor(
        organization_id=found.organization_id,
        account_id=found.account_id,
        role=Role(found.role),
        name=f"{found.first_name} {found.last_name}".strip(),
        email=found.email,
        sign_in_id=found.sign_in_id,
        locale=found.locale or found.organization_locale,
        time_zone=found.time_zone or found.organization_zone,
        theme=found.theme,
        is_operator=found.is_operator,
    )


def sign_out(token: str, *, ip: str = "", browser: str = "") -> None:
    """End the session of this token; an unknown token changes nothing."""
    with transaction() as session, across_organizations(session, "sign-out by cookie"):
        found = session.exec(select(SignIn).where(SignIn.token_hash == _digest(token))).first()
        if found is None:
            return
        here, account_id = found.organization_id, found.account_id
        record_access(session, here, account_id, "session.ended", ip=ip, browser=browser)
        session.delete(found)


def _first_membership(session: Session, account: Account | None) -> Membership | None:
    if account is None:
        return None
    return session.exec(
        select(Membership).where(Membership.account_id == account.id).order_by("id").limit(1)
    ).first()


def _verify(stored: str, password: str) -> bool:
    with _hashing:
        try:
            return _hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def _open_session(
    account: Account, membership: Membership, stored: str, password: str, *, ip: str, browser: str
) -> str:
    token = secrets.token_urlsafe(32)
    moment = now()
    better = hash_password(password) if _hasher.check_needs_rehash(stored) else ""
    with transaction(membership.organization_id) as session:
        if better:
            session.merge(account).password_hash = better
        session.add(
            SignIn(
                token_hash=_digest(token),
                account_id=membership.account_id,
                organization_id=membership.organization_id,
                created_at=moment,
                last_seen_at=moment,
                expires_at=moment + ABSOLUTE_LIMIT,
                ip=ip,
                browser=browser[:300],
            )
        )
        record_access(
            session,
            membership.organization_id,
            membership.account_id,
            "session.started",
            ip=ip,
            browser=browser,
        )
    return token


def _note_failure(membership: Membership | None, *, ip: str, browser: str) -> None:
    """A line in the trail of the organization; an address that no account has is only counted in the log."""
    if membership is None:
        log.info("sign-in failed", extra={"event": "login.failed"})
        return
    with transaction(membership.organization_id) as session:
        record_access(
            session,
            membership.organization_id,
            membership.account_id,
            "session.failed",
            ip=ip,
            browser=browser,
        )


def _touch(token: str) -> None:
    """Remember the visit. A database that is busy now is no reason to turn somebody away."""
    with (
        suppress(OperationalError),
        transaction() as session,
        across_organizations(session, "session cookie"),
    ):
        session.exec(select(SignIn).where(SignIn.token_hash == _digest(token))).one().last_seen_at = now()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
