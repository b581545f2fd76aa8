"""The marks every writing service leaves: who did what, what screens should know, and which intent it was.

All three write into the caller's transaction, so that they hold exactly when the
act itself holds.
"""

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from casso.access import Actor
from casso.clock import now
from casso.enums import ChangeKind, Role
from casso.errors import AlreadyDone
from casso.models import Change, Intent, TrailEntry
from casso.rules.browsers import browser_name
from casso.services.upsert import table_of

# Made once and below the object layer: every act writes both, and inbound mail by the hundred.
_INSERT_ENTRY = insert(table_of(TrailEntry))
_INSERT_CHANGE = insert(table_of(Change))


def record(
    session: Session,
    actor: Actor,
    action: str,
    *,
    ticket_id: int | None = None,
    before: str = "",
    after: str = "",
) -> None:
    """Add a line to the trail: `action` is `thing.verb`, before and after are short plain values."""
    row = {
        "organization_id": actor.organization_id,
        "ticket_id": ticket_id,
        "account_id": actor.account_id,
        "action": action,
        "before": before,
        "after": after,
        "created_at": now(),
    }
    session.execute(_INSERT_ENTRY, row)


def record_access(
    session: Session,
    organization_id: int,
    account_id: int | None,
    action: str,
    *,
    ip: str,
    browser: str,
    after: str = "",
) -> None:
    """Add a line about coming and going: `session.started`, `.failed`, `.ended` or `.revoked`.

    `ip` is what web.router.client_ip() says, `browser` the User-Agent header as it came: its
    name and version are kept. A failure for an address that no account has belongs to no
    organization and is not recorded. Write a failure into the transaction that counts the
    attempt: a transaction of its own would tell by its time that the address exists.
    """
    origin = ", ".join(filter(None, (after, browser_name(browser), ip)))
    actor = Actor(organization_id=organization_id, account_id=account_id, role=Role.SYSTEM)
    record(session, actor, action, after=origin)


def announce(session: Session, actor: Actor, kind: ChangeKind, *, ticket_id: int | None = None) -> None:
    """Tell the open screens of the organization, once this transaction is committed."""
    row = {
        "organization_id": actor.organization_id,
        "kind": kind,
        "ticket_id": ticket_id,
        "created_at": now(),
    }
    session.execute(_INSERT_CHANGE, row)


def once(session: Session, actor: Actor, intent: str) -> None:
    """Mark an intent as carried out. Raises AlreadyDone for a double click or a reconnect.

    An empty intent marks nothing (jobs and the command line have none).
    """
    if not intent:
        return
    session.add(Intent(organization_id=actor.organization_id, key=intent[:64], created_at=now()))
    try:
        session.flush()
    except IntegrityError as error:
        session.rollback()
        raise AlreadyDone() from error
