"""The marks every writing service leaves: who did what, what screens should know, and which intent it was.

All write into the caller's transaction, so that they hold exactly when the act itself
holds. How the trail is chained is in trail_writing.py.
"""

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from casso.access import Actor, across_organizations
from casso.clock import now
from casso.db import before_commit
from casso.enums import ChangeKind
from casso.errors import AlreadyDone
from casso.models import Change, Intent
from casso.rules.browsers import browser_name
from casso.services.trail_writing import Line, append
from casso.services.upsert import table_of

# Made once and below the object layer: every act writes one, and inbound mail by the hundred.
_INSERT_CHANGE = insert(table_of(Change))
_WAITING = "trail"


def record(
    session: Session,
    actor: Actor,
    action: str,
    *,
    ticket_id: int | None = None,
    before: str = "",
    after: str = "",
) -> None:
    """Add a line to the trail: `action` is `thing.verb`, before and after are short plain values.

    Never a body, a password or a key. The line is written when the transaction ends: writers
    of one organization then wait for each other for a moment only, and never in a circle.
    """
    line = Line(
        action=action,
        at=now(),
        account_id=actor.account_id,
        ticket_id=ticket_id,
        actor_name=actor.name,
        before=before,
        after=after,
    )
    _add(session, actor.organization_id, line)


def record_access(
    session: Session,
    organization_id: int,
    account_id: int | None,
    action: str,
    *,
    ip: str,
    browser: str,
    name: str = "",
    before: str = "",
    after: str = "",
) -> None:
    """Add a line about coming and going: `session.started`, `.failed`, `.ended` or `.revoked`.

    `ip` is what web.router.client_ip() says, `browser` the User-Agent header as it came: its
    name and version are kept. A failure for an address that no account has belongs to no
    organization and is not recorded. Write a failure into the transaction that counts the
    attempt: a transaction of its own would tell by its time that the address exists.
    """
    line = Line(
        action=action,
        at=now(),
        account_id=account_id,
        actor_name=name,
        ip=ip,
        browser=browser_name(browser),
        before=before,
        after=after,
    )
    _add(session, organization_id, line)


def _add(session: Session, organization_id: int, line: Line) -> None:
    waiting: dict[int, list[Line]] | None = session.info.get(_WAITING)
    if waiting is None:
        waiting = session.info[_WAITING] = {}
        before_commit(session, _write)
    waiting.setdefault(organization_id, []).append(line)


def _write(session: Session) -> None:
    """Write what waits. Everything else first, so that the head row is the last one taken."""
    session.flush()
    for organization_id, lines in sorted(session.info.pop(_WAITING).items()):
        if session.info.get("organization_id") == organization_id:
            append(session, organization_id, lines)
            continue
        with across_organizations(session, "trail of an act that was not one organization's"):
            append(session, organization_id, lines)


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
