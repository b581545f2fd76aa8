"""Asking for checks, doing them, keeping what was found: one of a kind at a time, whoever asks.

The unique index on what is not ended lets one in. A run whose process died is over after
an hour and says so; the next is due a month after the last one was asked for, whatever restarts.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from casso.access import Actor, across_organizations, require_operator
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import ChangeKind, CheckKind
from casso.models import Account, CheckRun, Instance, Membership
from casso.services.checks import isolation, security
from casso.services.checks.findings import Found, from_json, wrong
from casso.services.trail import announce

MONTH = timedelta(days=30)
# A new desk has other things to do on its first day.
FIRST_AFTER = timedelta(days=1)
DEAD_AFTER = timedelta(hours=1)
KEPT = timedelta(days=730)
KINDS = tuple(CheckKind)


def ask_for_checks(actor: Actor) -> int:
    """Let the worker do all checks now; returns how many were not asked for already. Raises NotAllowed."""
    require_operator(actor)
    return sum(_ask(kind, actor.account_id) is not None for kind in KINDS)


def run_due(is_stopping: Callable[[], bool] = lambda: False) -> int:
    """What the worker does: begin what is asked for or due; returns how many runs ended."""
    _end_dead()
    count = 0
    for kind in KINDS:
        if is_stopping():
            break
        if _is_due(kind):
            _ask(kind, None)
        run_id = _begin(kind)
        if run_id is not None:
            count += _do(kind, run_id, is_stopping)
    return count


def run_now(kind: CheckKind) -> list[Found] | None:
    """From the command line: do it at once and keep it; None while another process does it."""
    _end_dead()
    _ask(kind, None)
    run_id = _begin(kind)
    if run_id is None:
        return None
    _do(kind, run_id, lambda: False)
    with reading() as session:
        findings = session.execute(select(col(CheckRun.findings)).where(col(CheckRun.id) == run_id))
        return [from_json(one) for one in json.loads(findings.scalar_one())]


def sweep_checks() -> int:
    """Forget what is older than two years."""
    with transaction() as session:
        old = col(CheckRun.finished_at) < now() - KEPT
        return int(session.execute(delete(CheckRun).where(old)).rowcount)  # type: ignore[attr-defined]


def _ask(kind: CheckKind, account_id: int | None) -> int | None:
    """A new run; None when one is asked for or running."""
    try:
        with transaction() as session:
            made = CheckRun(kind=kind, asked_by_id=account_id, asked_at=now())
            session.add(made)
            session.flush()
            _tell(session)
            return made.id
    except IntegrityError:
        return None


def _begin(kind: CheckKind) -> int | None:
    """Take what is asked for; of several processes one gets it."""
    waiting = (col(CheckRun.kind) == kind, col(CheckRun.started_at).is_(None))
    with reading() as session:
        run_id: int | None = session.execute(select(col(CheckRun.id)).where(*waiting)).scalar()
    if run_id is None:
        return None
    with transaction() as session:
        mine = update(CheckRun).where(col(CheckRun.id) == run_id, *waiting).values(started_at=now())
        is_mine: bool = session.execute(mine).rowcount > 0  # type: ignore[attr-defined]
        if is_mine:
            _tell(session)
        return run_id if is_mine else None


def _do(kind: CheckKind, run_id: int, is_stopping: Callable[[], bool]) -> int:
    """One look; when the process stops it is given back, to be done by the next."""
    counts: dict[str, Any] = {}
    try:
        if kind is CheckKind.ISOLATION:
            findings, counts = isolation.probe(is_stopping)
        else:
            findings = security.look()
    except isolation.Stopped:
        _set(run_id, started_at=None)
        return 0
    except Exception as error:
        _end(run_id, [wrong("broken", name=kind.value, error=type(error).__name__)], counts)
        raise
    _end(run_id, findings, counts)
    return 1


def _end(run_id: int, findings: list[Found], counts: dict[str, Any]) -> None:
    told = json.dumps([one.as_json() for one in findings])
    _set(run_id, finished_at=now(), findings=told, counts=json.dumps(counts))


def _set(run_id: int, **values: object) -> None:
    with transaction() as session:
        session.execute(update(CheckRun).where(col(CheckRun.id) == run_id).values(**values))
        _tell(session)


def _tell(session: Session) -> None:
    """Let the screens of operators know, in whichever organizations they are."""
    with across_organizations(session, "checks: screens of operators"):
        found = session.execute(
            select(col(Membership.organization_id))
            .where(
                col(Membership.account_id).in_(
                    select(col(Account.id)).where(col(Account.is_operator).is_(True))
                )
            )
            .distinct()
        )
        for organization_id in found.scalars().all():
            announce(session, Actor.system(organization_id), ChangeKind.SETTINGS)


def _end_dead() -> None:
    """Runs whose process died: over, and said so."""
    dead = (col(CheckRun.finished_at).is_(None), col(CheckRun.started_at) < now() - DEAD_AFTER)
    with reading() as session:
        if session.execute(select(col(CheckRun.id)).where(*dead)).first() is None:
            return
    broken = json.dumps([wrong("broke_off").as_json()])
    with transaction() as session:
        session.execute(update(CheckRun).where(*dead).values(finished_at=now(), findings=broken))


def _is_due(kind: CheckKind) -> bool:
    """A month after the last one was asked for; for a new desk, a day after it was set up."""
    with reading() as session:
        last = select(func.max(col(CheckRun.asked_at))).where(col(CheckRun.kind) == kind)
        newest: datetime | None = session.execute(last).scalar()
        if newest is not None:
            return now() - newest >= MONTH
        begun = session.get(Instance, 1)
    return begun is not None and now() - begun.created_at >= FIRST_AFTER
