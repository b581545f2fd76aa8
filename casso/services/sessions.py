"""Sessions: opened for somebody proved, found at every event, renewed, ended.

The cookie's token is 256 random bits and lies here only as SHA-256; a token that came from
outside is never taken over. Idle 14 days, 60 days at most. What is over is removed when it
is seen, so that a clock set back brings nothing back.
"""

import hashlib
import secrets
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, update
from sqlalchemy import select as select_columns
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from casso.access import Actor, across_organizations
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import STRONG
from casso.errors import NotAllowed, NotFound, TooWeak
from casso.models import Account, Membership, Organization, SignIn
from casso.queries.shown import is_id
from casso.rules.session_limits import ABSOLUTE_LIMIT, is_over
from casso.services import authenticators, devices
from casso.services.rights import RIGHTS, rights_of
from casso.services.trail import record_access
from casso.values.caller import Caller
from casso.values.proved import Proved

SEEN_EVERY = timedelta(minutes=5)
CLOCK_SLACK = timedelta(minutes=1)

# Read at every event of every screen, so: columns, not rows.
_ACTOR_COLUMNS: tuple[Any, ...] = (
    col(SignIn.id).label("sign_in_id"),
    col(SignIn.token_hash),
    col(SignIn.account_id),
    col(SignIn.organization_id),
    col(SignIn.last_seen_at),
    col(SignIn.expires_at),
    col(SignIn.strength),
    col(Organization.requires_second_factor),
    col(Account.first_name),
    col(Account.last_name),
    col(Account.email),
    col(Account.locale),
    col(Account.time_zone),
    col(Account.theme),
    col(Account.disabled_at),
    col(Membership.usage_agreed_at),
    col(Organization.locale).label("organization_locale"),
    col(Organization.time_zone).label("organization_zone"),
    *RIGHTS,
)
_SIGNED_IN = (
    select_columns(*_ACTOR_COLUMNS)
    .where(col(Account.id) == SignIn.account_id)
    .where(col(Membership.account_id) == SignIn.account_id)
    .where(col(Membership.organization_id) == SignIn.organization_id)
    .where(col(Organization.id) == SignIn.organization_id)
)
# Made once: building the statement takes as long as running it.
_ACTOR = _SIGNED_IN.where(col(SignIn.token_hash) == bindparam("token_hash"))
_ACTORS = _SIGNED_IN.where(col(SignIn.token_hash).in_(bindparam("digests", expanding=True)))


def open_session(proved: Proved, caller: Caller) -> str:
    """A new session's token, in the organization that the account used last.

    Raises NotAllowed when the account was disabled meanwhile or belongs to no organization.
    """
    token = secrets.token_urlsafe(32)
    moment = now()
    with transaction() as session, across_organizations(session, "a session of whoever was proved"):
        account = session.get(Account, proved.account_id)
        membership = last_membership(session, proved.account_id)
        if account is None or membership is None or account.disabled_at:
            raise NotAllowed("error.sign_in")
        session.add(
            SignIn(
                token_hash=digest(token),
                account_id=proved.account_id,
                organization_id=membership.organization_id,
                created_at=moment,
                last_seen_at=moment,
                expires_at=moment + ABSOLUTE_LIMIT,
                ip=caller.ip,
                browser=caller.browser[:300],
                strength=proved.strength,
                proved_at=moment,
            )
        )
        membership.last_seen_at = moment
        devices.greet(session, account, caller)
        _record(session, membership.organization_id, proved.account_id, "session.started", caller)
    return token


def find_session(token: str) -> Actor | None:
    """Who holds this token, or None when it is unknown, over, or the person may no longer come in."""
    moment = now()
    with reading() as session, across_organizations(session, "session cookie"):
        found = session.execute(_ACTOR, {"token_hash": digest(token)}).first()
    if found is None:
        return None
    if is_over(found.expires_at, found.last_seen_at, moment):
        _forget(found.token_hash)
    elif not -CLOCK_SLACK < moment - found.last_seen_at < SEEN_EVERY and not found.disabled_at:
        _touch(found.token_hash)
    return _actor_of(found, moment)


def find_sessions(digests: Collection[str]) -> dict[str, Actor]:
    """Who holds these sessions, by the digest of the token, in one look-up; that is no visit.

    A digest opens nothing by itself: who calls has seen the token before.
    """
    moment = now()
    with reading() as session, across_organizations(session, "live watcher"):
        found = session.execute(_ACTORS, {"digests": list(digests)}).all()
    for row in found:
        if is_over(row.expires_at, row.last_seen_at, moment):
            _forget(row.token_hash)
    actors = {row.token_hash: _actor_of(row, moment) for row in found}
    return {held: actor for held, actor in actors.items() if actor is not None}


def renew(session: Session, actor: Actor) -> str:
    """A new token for the actor's session; the one before is dead once this transaction is committed.

    For every change of what the session may do: a new password, a second factor, another
    organization. The limits stay where they were. Raises NotAllowed when the session is gone.
    """
    fresh = secrets.token_urlsafe(32)
    _session_of(session, actor).token_hash = digest(fresh)
    return fresh


def switch_organization(actor: Actor, organization_id: int, caller: Caller) -> str:
    """Go on in another organization of the same account; returns the session's new token.

    Raises NotFound where the account is no member, and TooWeak where a second factor is demanded
    that this session was not opened with: it stays as it was.
    """
    with transaction() as session, across_organizations(session, "from one organization to another"):
        there = _belongs_to(session, actor, organization_id)
        if there.requires_second_factor and _session_of(session, actor).strength not in STRONG:
            raise TooWeak(organization=there.name)
        fresh = renew(session, actor)
        _session_of(session, actor).organization_id = organization_id
        session.flush()
        account_id = actor.account_id or 0
        note_visit(session, organization_id, account_id, now())
        _record(session, actor.organization_id, account_id, "session.ended", caller)
        _record(session, organization_id, account_id, "session.started", caller)
    return fresh


def sign_out(token: str, caller: Caller | None = None) -> None:
    """End the session of this token; an unknown token changes nothing."""
    with transaction() as session, across_organizations(session, "sign-out by cookie"):
        found = session.exec(_by_hash(digest(token))).first()
        if found is None:
            return
        _record(session, found.organization_id, found.account_id, "session.ended", caller or Caller())
        authenticators.forget_unconfirmed(session, found.account_id)
        session.delete(found)


def last_membership(session: Session, account_id: int | None) -> Membership | None:
    """Where somebody goes after signing in: what they used last, or joined since.

    The session must look across organizations.
    """
    used_at = func.coalesce(col(Membership.last_seen_at), col(Membership.created_at))
    mine = select(Membership).where(Membership.account_id == account_id)
    return session.exec(mine.order_by(used_at.desc(), col(Membership.id)).limit(1)).first()


def digest(token: str) -> str:
    """How a token is stored: SHA-256 in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _actor_of(found: Any, moment: datetime) -> Actor | None:
    """The person of a stored session; None when it is over or they may no longer come in."""
    is_too_weak = found.requires_second_factor and found.strength not in STRONG
    if is_too_weak or found.disabled_at or is_over(found.expires_at, found.last_seen_at, moment):
        return None
    return Actor(
        organization_id=found.organization_id,
        account_id=found.account_id,
        name=f"{found.first_name} {found.last_name}".strip(),
        email=found.email,
        sign_in_id=found.sign_in_id,
        locale=found.locale or found.organization_locale,
        time_zone=found.time_zone or found.organization_zone,
        theme=found.theme,
        usage_agreed_at=found.usage_agreed_at,
        **rights_of(found),
    )


def note_visit(session: Session, organization_id: int, account_id: int, moment: datetime) -> None:
    """When a member was last here; it outlives the session."""
    session.execute(
        update(Membership)
        .where(col(Membership.organization_id) == organization_id, col(Membership.account_id) == account_id)
        .values(last_seen_at=moment)
    )


def _belongs_to(session: Session, actor: Actor, organization_id: int) -> Organization:
    """An organization of the actor's account. Raises NotFound."""
    theirs = col(Membership.organization_id) == col(Organization.id)
    mine = (col(Organization.id) == organization_id, col(Membership.account_id) == actor.account_id)
    found = None
    if is_id(organization_id):
        found = session.exec(select(Organization).join(Membership, theirs).where(*mine)).first()
    if found is None:
        raise NotFound()
    return found


def _record(session: Session, organization_id: int, account_id: int, action: str, caller: Caller) -> None:
    record_access(session, organization_id, account_id, action, ip=caller.ip, browser=caller.browser)


def _session_of(session: Session, actor: Actor) -> SignIn:
    found = session.exec(
        select(SignIn).where(
            SignIn.organization_id == actor.organization_id,
            col(SignIn.account_id) == actor.account_id,
            col(SignIn.id) == actor.sign_in_id,
        )
    ).first()
    if found is None or is_over(found.expires_at, found.last_seen_at, now()):
        raise NotAllowed()
    return found


def _touch(token_hash: str) -> None:
    """Remember the visit. A database that is busy now is no reason to turn somebody away.

    When the clock was set back, the end comes as much earlier: no session lives longer for it.
    """
    with (
        suppress(OperationalError),
        transaction() as session,
        across_organizations(session, "session cookie"),
    ):
        found = session.exec(_by_hash(token_hash)).first()
        moment = now()
        if found is None:
            return
        found.expires_at -= max(found.last_seen_at - moment, timedelta(0))
        found.last_seen_at = moment
        note_visit(session, found.organization_id, found.account_id, moment)


def _forget(token_hash: str) -> None:
    """Remove a session that is over; a busy database leaves it to the next look or the sweep."""
    with (
        suppress(OperationalError),
        transaction() as session,
        across_organizations(session, "session cookie"),
    ):
        found = session.exec(_by_hash(token_hash)).first()
        if found is not None and is_over(found.expires_at, found.last_seen_at, now()):
            session.delete(found)


def _by_hash(token_hash: str) -> Any:
    return select(SignIn).where(SignIn.token_hash == token_hash)
