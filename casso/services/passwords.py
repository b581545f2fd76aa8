"""Hashing and checking passwords: argon2id, a few at a time, one cost whatever is wrong.

Hashing takes tens of milliseconds and 19 MiB on purpose, so it is bounded; callers on an
event loop put it into a thread. New passwords are judged by rules/passwords.py.
"""

import os
import threading
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select

from casso.access import across_organizations
from casso.errors import Invalid
from casso.models import Account, Membership, Organization
from casso.rules.passwords import PASSWORD_MAX, PASSWORD_MIN, judge, normalized

# OWASP password storage cheat sheet: argon2id, 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# One core is left to those who are signed in already.
_hashing = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) - 1))
_judging = threading.BoundedSemaphore(1)
_NOBODY = _hasher.hash("nobody has this password")


def hash_new_password(password: str, *, about: Iterable[str] = ()) -> str:
    """The hash of a password somebody chose. Raises Invalid when it is too short, long, common or weak."""
    require_good(password, about=about)
    return hash_password(password)


def require_good(password: str, *, about: Iterable[str] = ()) -> None:
    """Raise Invalid saying what is wrong with a new password; `about` is what others know of the person."""
    with _judging:
        found = judge(password, about=about)
    if found.problem:
        raise Invalid(found.problem, low=PASSWORD_MIN, high=PASSWORD_MAX)


def score_of(password: str, *, about: Iterable[str] = ()) -> int:
    """How good a password is while somebody types it, from 0 to 4."""
    with _judging:
        return judge(password, about=about).score


def hash_password(password: str) -> str:
    """The hash of a password that was accepted before."""
    with _hashing:
        return _hasher.hash(normalized(password))


def is_right(stored: str, password: str) -> bool:
    """Whether the password belongs to the hash; without a hash it takes as long and is wrong."""
    text = normalized(password[: PASSWORD_MAX + 1])
    with _hashing:
        try:
            return _hasher.verify(stored or _NOBODY, text) and bool(stored)
        except (VerificationError, InvalidHashError, UnicodeError):
            return False


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def known_about(session: Session, account: Account) -> tuple[str, ...]:
    """What others know of a person, and their password must not lean on."""
    with across_organizations(session, "names a password must not lean on"):
        names = session.exec(
            select(Organization.name)
            .join(Membership, col(Membership.organization_id) == col(Organization.id))
            .where(Membership.account_id == account.id)
            .limit(20)
        ).all()
    return (account.email, account.first_name, account.last_name, *names)
