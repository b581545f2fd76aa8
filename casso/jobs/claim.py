"""Claims on spooled mail: one conditional insert-or-update a batch, so that two workers never take the same.

The moment a lease ends is also its proof: finishing checks it, so a worker that
came back after its lease cannot write over the one that took over. A lease that
ran out counts as a try, because a mail that kills its worker must not go on for ever.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from casso.clock import now
from casso.db import reading, transaction
from casso.enums import SpoolState
from casso.gateways.processes import new_mark
from casso.models import SpooledMail
from casso.services.intake import Lease
from casso.services.upsert import insert_into

LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """`busy`: held by another worker, or waiting for its next try. `tried`: it failed, or its worker died."""

    busy: frozenset[str]
    tried: frozenset[str]


def find_finished(spool_ids: list[str]) -> dict[str, SpoolState]:
    """Those of the ids that need no work at all, with their state: a crash left their file behind."""
    with reading() as session:
        rows = session.exec(
            select(SpooledMail.spool_id, SpooledMail.state).where(
                col(SpooledMail.spool_id).in_(spool_ids),
                col(SpooledMail.state).not_in([SpoolState.WAITING, SpoolState.CLAIMED]),
            )
        ).all()
    return {spool_id: SpoolState(state) for spool_id, state in rows}


def find_unfinished(spool_ids: list[str]) -> Unfinished:
    """What is known of those of the ids that somebody has begun with."""
    moment = now()
    with reading() as session:
        rows = session.execute(
            select_columns(
                col(SpooledMail.spool_id), col(SpooledMail.state), col(SpooledMail.attempts),
                col(SpooledMail.lease_until), col(SpooledMail.next_try_at),
            ).where(
                col(SpooledMail.spool_id).in_(spool_ids),
                col(SpooledMail.state).in_([SpoolState.WAITING, SpoolState.CLAIMED]),
            )
        ).all()  # fmt: skip
    busy, tried = set(), set()
    for spool_id, state, attempts, lease_until, next_try_at in rows:
        not_before = lease_until if state == SpoolState.CLAIMED else next_try_at
        if not_before is not None and not_before > moment:
            busy.add(spool_id)
        if attempts or state == SpoolState.CLAIMED:
            tried.add(spool_id)
    return Unfinished(frozenset(busy), frozenset(tried))


def claim_spooled(spool_ids: list[str]) -> list[Lease]:
    """Leases on those of the ids that are free, in the order given."""
    moment = now()
    until, owner = moment + LEASE, new_mark()
    rows = [
        {
            "spool_id": spool_id,
            "source": "",
            "state": SpoolState.CLAIMED,
            "lease_until": until,
            "lease_owner": owner,
            "received_at": moment,
        }
        for spool_id in spool_ids
    ]
    ran_out = (col(SpooledMail.state) == SpoolState.CLAIMED) & (col(SpooledMail.lease_until) <= moment)
    is_due = col(SpooledMail.next_try_at).is_(None) | (col(SpooledMail.next_try_at) <= moment)
    with transaction() as session:
        statement = (
            insert_into(session, SpooledMail)
            .values(rows)
            .on_conflict_do_update(
                index_elements=["spool_id"],
                set_={
                    "state": SpoolState.CLAIMED,
                    "lease_until": until,
                    "lease_owner": owner,
                    "attempts": SpooledMail.attempts + case((ran_out, 1), else_=0),
                },
                where=ran_out | ((col(SpooledMail.state) == SpoolState.WAITING) & is_due),
            )
            .returning(
                col(SpooledMail.spool_id),
                col(SpooledMail.attempts),
                col(SpooledMail.organization_id),
                col(SpooledMail.ordered_by_id),
            )
        )
        taken = {row[0]: Lease(row[0], until, *row[1:]) for row in session.execute(statement)}
    return [taken[spool_id] for spool_id in spool_ids if spool_id in taken]
