"""Gives back at once what ended processes of this machine and data folder still hold.

A lease runs out by itself; that is for machines that vanish. A worker killed here is known
to be gone as soon as the next one starts. What it was taking in or fetching is free again;
what it was sending may have left, so that becomes `uncertain` and is never repeated by itself.
"""

import logging

from sqlalchemy import ColumnElement, select, update
from sqlmodel import col

from casso.access import across_organizations
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import Delivery, SpoolState
from casso.gateways import processes
from casso.models import ImapAccount, Notice, Outgoing, SpooledMail
from casso.services import delivery

log = logging.getLogger(__name__)

Leased = type[SpooledMail] | type[ImapAccount] | type[Notice]


def free_dead() -> int:
    """Free the leases of processes that ended here; returns how many. Another machine's run out."""
    place = processes.place()
    if not place:
        return 0
    # A mail whose worker died counts as tried (jobs/claim): its lease is over, not taken off.
    count = _free(SpooledMail, col(SpooledMail.state) == SpoolState.CLAIMED)
    count += _free(ImapAccount)
    count += _free(Notice, col(Notice.state) == Delivery.SENDING)
    count += delivery.give_up(_dead(Outgoing, col(Outgoing.state) == Delivery.SENDING))
    if count:
        log.warning("leases of ended processes freed", extra={"event": "leases.freed", "count": count})
    return count


def _free(table: Leased, *held: ColumnElement[bool]) -> int:
    dead = _dead(table, *held)
    if not dead:
        return 0
    with transaction() as session, across_organizations(session, "leases of ended processes"):
        freed: int = session.execute(
            update(table)
            .where(col(table.lease_owner).in_(dead), *held)
            .values(lease_until=now(), lease_owner="")
        ).rowcount  # type: ignore[attr-defined]
    return freed


def _dead(table: Leased | type[Outgoing], *held: ColumnElement[bool]) -> list[str]:
    """Marks of this place on leases that still run although their process does not."""
    ours = col(table.lease_owner).startswith(processes.place(), autoescape=True)
    with reading() as session, across_organizations(session, "leases of ended processes"):
        marks = session.execute(
            select(col(table.lease_owner)).where(ours, col(table.lease_until) > now(), *held).distinct()
        ).scalars().all()  # fmt: skip
    return [mark for mark in marks if processes.is_gone(mark)]
