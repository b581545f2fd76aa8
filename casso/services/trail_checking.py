"""Verifies the chains: from the checkpoint or the first entry up to the head, a thousand entries at a time.

Found are entries that were changed, removed, swapped or added, a chain cut off or
made anew since the last daily check, and a checkpoint we did not sign. A part of detail
without its salt cannot be compared; it may only say what shortening or erasing leaves, and no
row ever goes without its entry. What this cannot see: a whole database put back to an older
state (the log's seals can), and a forged name or browser beside an address cut to its network.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, literal, select, true
from sqlmodel import Session, col

from casso.clock import now
from casso.db import reading, transaction
from casso.gateways.secrets import sign, verify
from casso.models import Organization, TrailCheck, TrailCheckpoint, TrailDetail, TrailEntry, TrailHead
from casso.rules.trail_seals import digest_of, is_shortened, mark_of, seal_of, statement_of

log = logging.getLogger(__name__)
AT_ONCE = 1_000
TRIES = 3
CHECKPOINT, WITNESS = "trail checkpoint", "trail witness"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far a chain holds; `problem` is empty, or says what is wrong with `broken_number`."""

    organization_id: int
    number: int
    seal: str
    problem: str = ""
    broken_number: int = 0


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Where a chain should begin and end, and what was signed about it; read in one moment."""

    organization_id: int
    head_number: int
    head_seal: str
    lowest: int
    highest: int
    checkpoint: TrailCheckpoint | None
    witness: TrailCheck | None


def check_all() -> list[Verdict]:
    """The verdict on every organization's chain."""
    with reading() as session:
        organizations = session.execute(select(col(Organization.id)).order_by(col(Organization.id))).scalars()
        return [check_chain(int(found or 0)) for found in organizations.all()]


def check_chain(organization_id: int) -> Verdict:
    """Walk one chain. Pruning may move its beginning meanwhile; then it is walked again."""
    for _ in range(TRIES):
        bounds = _bounds(organization_id)
        verdict = _walk(bounds)
        if not verdict.problem or _bounds(organization_id).lowest == bounds.lowest:
            break
    return verdict


def note_checks() -> int:
    """Check every chain and keep the result; returns how many do not hold.

    A chain that holds is signed anew under the newest key, its checkpoint too, so that an old
    key can be retired. The log line is a witness outside of the database.
    """
    broken = 0
    for verdict in check_all():
        broken += bool(verdict.problem)
        _keep(verdict)
        said = {"organization_id": verdict.organization_id, "number": verdict.number, "seal": verdict.seal}
        if verdict.problem:
            said |= {"problem": verdict.problem, "broken_number": verdict.broken_number}
            log.error("trail does not hold", extra={"event": "trail.broken", **said})
        else:
            log.info("trail holds", extra={"event": "trail.holds", **said})
    return broken


def _bounds(organization_id: int) -> _Bounds:
    mine = col(TrailEntry.organization_id) == organization_id
    lowest = select(func.min(col(TrailEntry.number))).where(mine).scalar_subquery()
    highest = select(func.max(col(TrailEntry.number))).where(mine).scalar_subquery()
    head = select(TrailHead).where(col(TrailHead.organization_id) == organization_id).subquery()
    with reading(organization_id) as session:
        found = session.execute(
            select(lowest.label("lowest"), highest.label("highest"), head.c.number, head.c.seal).join_from(
                select(literal(1)).subquery(), head, true(), isouter=True
            )
        ).one()
        checkpoint = _row_of(session, TrailCheckpoint, organization_id)
        witness = _row_of(session, TrailCheck, organization_id)
    return _Bounds(
        organization_id=organization_id,
        head_number=found.number or 0,
        head_seal=found.seal or "",
        lowest=found.lowest or 0,
        highest=found.highest or 0,
        checkpoint=checkpoint,
        witness=witness,
    )


def _row_of(session: Session, table: Any, organization_id: int) -> Any:
    return session.execute(select(table).where(col(table.organization_id) == organization_id)).scalar()


def _walk(bounds: _Bounds) -> Verdict:
    here = bounds.organization_id
    start = bounds.checkpoint
    number, seal = (start.number, start.seal) if start else (0, "")
    wrong = _problem_of_bounds(bounds, number)
    if wrong:
        return Verdict(here, number, seal, *wrong)
    witness = bounds.witness
    for row in _rows(here, number, bounds.head_number):
        problem = _problem_of_row(row, number, seal)
        if witness and row.number == witness.number and row.seal != witness.seal:
            problem = problem or "rewritten"
        if problem:
            return Verdict(here, number, seal, problem, number + 1)
        number, seal = row.number, row.seal
    if number != bounds.head_number:
        return Verdict(here, number, seal, "missing", number + 1)
    if seal != bounds.head_seal:
        return Verdict(here, number, seal, "head", number)
    return Verdict(here, number, seal)


def _problem_of_bounds(bounds: _Bounds, start: int) -> tuple[str, int] | None:
    """What is wrong before a single entry is read, and at which number."""
    checkpoint, witness = bounds.checkpoint, bounds.witness
    if checkpoint and not _is_signed(CHECKPOINT, checkpoint, checkpoint.created_at):
        return "checkpoint", checkpoint.number
    if witness and witness.number and not _is_signed(WITNESS, witness, witness.held_at):
        return "witness", witness.number
    if witness and bounds.head_number < witness.number:
        return "missing", bounds.head_number + 1
    if bounds.highest > bounds.head_number:
        return "head", bounds.head_number + 1
    if bounds.lowest and bounds.lowest <= start:
        return "added", bounds.lowest
    return None


def _is_signed(purpose: str, row: TrailCheckpoint | TrailCheck, at: Any) -> bool:
    return verify(purpose, statement_of(row.organization_id, row.number, row.seal, at), row.signature)


def _rows(organization_id: int, after: int, up_to: int) -> Iterator[Any]:
    """Entries beside their detail, in the order of their numbers."""
    same = and_(
        col(TrailDetail.organization_id) == col(TrailEntry.organization_id),
        col(TrailDetail.number) == col(TrailEntry.number),
    )
    entry, detail = TrailEntry.__table__.c, TrailDetail.__table__.c  # type: ignore[attr-defined]
    wanted = [*entry, *(one for one in detail if one.name not in entry)]
    while after < up_to:
        with reading(organization_id) as session:
            rows = session.execute(
                select(*wanted, col(TrailDetail.number).label("detail_number"))
                .join_from(TrailEntry, TrailDetail, same, isouter=True)
                .where(
                    col(TrailEntry.organization_id) == organization_id,
                    col(TrailEntry.number) > after,
                    col(TrailEntry.number) <= up_to,
                )
                .order_by(col(TrailEntry.number))
                .limit(AT_ONCE)
            ).all()
        if not rows:
            return
        yield from rows
        after = rows[-1].number


def _problem_of_row(row: Any, number: int, seal: str) -> str:
    if row.number != number + 1:
        return "missing"
    expected = seal_of(
        seal,
        organization_id=row.organization_id,
        number=row.number,
        ticket_id=row.ticket_id,
        account_id=row.account_id,
        action=row.action,
        digest=row.digest,
        created_at=row.created_at,
    )
    if expected != row.seal:
        return "changed"
    return "" if _detail_fits(row) else "detail"


def _detail_fits(row: Any) -> bool:
    """Whether the detail is what the chain vouches for, or what shortening and erasing leave of it."""
    if row.detail_number is None:  # only an entry that never said anything has none
        return bool(row.digest == digest_of("", ""))
    return bool(_who_fits(row) and _what_fits(row) and row.digest == digest_of(row.who_mark, row.what_mark))


def _who_fits(row: Any) -> bool:
    who = (row.actor_name, row.ip, row.browser)
    if row.who_salt:
        return bool(row.who_mark == mark_of(row.who_salt, *who))
    return not any(who) or bool(row.who_mark and (not row.ip or is_shortened(row.ip)))


def _what_fits(row: Any) -> bool:
    if row.what_salt:
        return bool(row.what_mark == mark_of(row.what_salt, row.before, row.after))
    return not (row.before or row.after)


def _keep(verdict: Verdict) -> None:
    """Store the verdict; what was last signed stays when the chain no longer holds."""
    moment, here = now(), verdict.organization_id
    with transaction(here) as session:
        found = _row_of(session, TrailCheck, here) or TrailCheck(
            organization_id=here, number=0, seal="", signature="", held_at=moment, checked_at=moment
        )
        found.checked_at, found.problem, found.broken_number = moment, verdict.problem, verdict.broken_number
        if not verdict.problem:
            found.number, found.seal, found.held_at = verdict.number, verdict.seal, moment
            found.signature = sign(WITNESS, statement_of(here, verdict.number, verdict.seal, moment))
            _sign_again(session, here)
        session.add(found)


def _sign_again(session: Session, organization_id: int) -> None:
    """The checkpoint under the newest key."""
    found = _row_of(session, TrailCheckpoint, organization_id)
    if found is not None:
        said = statement_of(organization_id, found.number, found.seal, found.created_at)
        found.signature = sign(CHECKPOINT, said)
        session.add(found)
