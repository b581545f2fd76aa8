"""Removes files that no row names: a worker killed between storing and committing leaves them behind.

A row names a file right after it was stored or never, so a file older than a day that
none names now is nobody's. A run looks at a bounded number, removes a bounded number,
and remembers its place: the next one goes on there, and at the end from the beginning.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby

from sqlalchemy import select
from sqlmodel import col

from casso.clock import now
from casso.db import reading
from casso.gateways import storage
from casso.models import Heartbeat
from casso.models.classification import file_columns
from casso.services.heartbeats import beat

log = logging.getLogger(__name__)
GRACE = timedelta(days=1)
AT_ONCE = 500
MOST_LOOKED_AT = 200_000
MOST_REMOVED = 2_000
PLACE = "files_swept_to"


def sweep_files() -> int:
    """Remove what nobody names, and what was half written; returns how many files went."""
    before, place = now() - GRACE, _place()
    looked_at = removed = 0
    while looked_at < MOST_LOOKED_AT and removed < MOST_REMOVED:
        page = storage.list_page(after=place, limit=AT_ONCE)
        old = [key for key, written_at in page.written_at.items() if written_at < before]
        unnamed = _unnamed(old)[: MOST_REMOVED - removed]
        for key in unnamed:
            storage.delete(key)
        looked_at, removed = looked_at + len(page.written_at), removed + len(unnamed)
        place = page.until if removed < MOST_REMOVED else unnamed[-1]
        if not place:
            break
    halves = storage.remove_halves(before)
    beat({PLACE: (now(), place)})
    log.info("files swept", extra={"looked_at": looked_at, "removed": removed, "halves": halves})
    return removed + halves


def _unnamed(keys: list[str]) -> list[str]:
    """Those of the keys, in order, that no row of their organization names."""
    found: list[str] = []
    for organization_id, theirs in groupby(keys, storage.organization_of):
        mine = list(theirs)
        named = _named(organization_id, mine)
        found += [key for key in mine if key not in named]
    return found


def _named(organization_id: int, keys: Iterable[str]) -> set[str]:
    named: set[str] = set()
    with reading(organization_id) as session:
        for column in file_columns():
            # Not empty: said for the partial indexes.
            named_here = select(column).where(column != "", column.in_(keys))
            if "organization_id" in column.table.c:  # an account's picture belongs to a person
                named_here = named_here.where(column.table.c.organization_id == organization_id)
            named.update(session.execute(named_here).scalars())
    return named


def _place() -> str:
    with reading() as session:
        return (
            session.execute(select(col(Heartbeat.detail)).where(col(Heartbeat.name) == PLACE)).scalar() or ""
        )
