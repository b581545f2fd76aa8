"""The trail as owners and admins read it: fifty entries, newest first, narrowed by what the address bar says.

The cursor is a place (moment and number). Kinds and words are first turned into the
actions that really occur, and each action is read from its index by itself: a rare one
is found at once among millions of common ones.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select, tuple_, union_all
from sqlmodel import Session, col

from casso.access import Actor, require
from casso.db import reading
from casso.models import Account, Ticket, TrailDetail, TrailEntry
from casso.queries.shown import LARGEST_ID, full_name, is_id, iso
from casso.queries.trail_words import sentence, speaks_of
from casso.rules.permissions import Action

PAGE = 50
EXPORTED_AT_ONCE = 500
NOBODY = -1
# Ids that nobody and nothing has. A criterion that is simply false would make the organization's vanish.
NO_ACCOUNT = NO_TICKET = 0
_CURSOR = re.compile(r"([0-9]{1,17})\.([0-9]{1,10})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A ticket's entries are read in the order of their numbers, which is the order of its own index.
_BY_TIME, _BY_NUMBER = ("created_at", "number"), ("number",)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """What to show: empty and 0 mean anything; days are the reader's, `person` NOBODY is the desk itself."""

    person: int = 0
    kind: str = ""
    ticket: int = 0
    first_day: str = ""
    last_day: str = ""
    words: str = ""


ANYTHING = TrailFilter()


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One entry; `said` is its sentence in the reader's language, `key` its place for a cursor."""

    number: int
    at_iso: str
    account_id: int
    who: str
    action: str
    said: str
    ticket_number: int
    before: str
    after: str
    ip: str
    browser: str
    seal: str
    key: str


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Rows, newest first; `next_cursor` is empty on the last page."""

    rows: tuple[TrailRow, ...]
    next_cursor: str


def list_trail(
    actor: Actor, wanted: TrailFilter = ANYTHING, *, cursor: str = "", limit: int = PAGE
) -> TrailPage:
    """One page of the trail after the cursor. Raises NotAllowed."""
    require(actor, Action.READ_TRAIL)
    with reading(actor.organization_id) as session:
        found = _page(session, actor, wanted, cursor, limit)
    rows = tuple(_row(actor, one) for one in found[:limit])
    return TrailPage(rows=rows, next_cursor=rows[-1].key if len(found) > limit else "")


def export_trail(actor: Actor, wanted: TrailFilter = ANYTHING) -> Iterator[TrailRow]:
    """Every entry that fits, newest first, read in pieces. Raises NotAllowed before the first one."""
    require(actor, Action.READ_TRAIL)
    return _every(actor, wanted)


def _every(actor: Actor, wanted: TrailFilter) -> Iterator[TrailRow]:
    cursor = ""
    while True:
        page = list_trail(actor, wanted, cursor=cursor, limit=EXPORTED_AT_ONCE)
        yield from page.rows
        cursor = page.next_cursor
        if not cursor:
            return


def actions_in_use(session: Session, actor: Actor) -> list[str]:
    """The actions that occur, by jumping from one to the next in their index."""
    return [str(one) for one in _distinct(session, actor, col(TrailEntry.action))]


def people_in_use(session: Session, actor: Actor) -> list[int]:
    """The accounts that did something, found in the same way; also people who have left."""
    return [int(one) for one in _distinct(session, actor, col(TrailEntry.account_id))]


def _distinct(session: Session, actor: Actor, column: Any) -> list[Any]:
    mine = col(TrailEntry.organization_id) == actor.organization_id
    first = select(func.min(column).label("value")).where(mine, column.is_not(None))
    walk = first.cte("walk", recursive=True)
    further = select(func.min(column)).where(mine, column > walk.c.value).scalar_subquery()
    walk = walk.union_all(select(further).where(walk.c.value.is_not(None)))
    return list(session.execute(select(walk.c.value).where(walk.c.value.is_not(None))).scalars())


def _page(session: Session, actor: Actor, wanted: TrailFilter, cursor: str, limit: int) -> list[Any]:
    """The entries with their detail, one more than asked for."""
    numbers = _numbers(session, actor, wanted, cursor, limit + 1)
    entry, detail = col(TrailEntry.number), col(TrailDetail.number)
    here = actor.organization_id
    statement = (
        select(
            entry, col(TrailEntry.created_at), col(TrailEntry.action), col(TrailEntry.account_id),
            col(TrailEntry.seal), col(TrailDetail.actor_name), col(TrailDetail.before),
            col(TrailDetail.after), col(TrailDetail.ip), col(TrailDetail.browser),
            col(Account.first_name), col(Account.last_name), col(Account.email),
            col(Ticket.number).label("ticket_number"),
        )
        .join(
            TrailDetail,
            and_(col(TrailDetail.organization_id) == col(TrailEntry.organization_id), detail == entry),
            isouter=True,
        )
        .join(Account, col(Account.id) == col(TrailEntry.account_id), isouter=True)
        .join(
            Ticket,
            and_(
                col(Ticket.organization_id) == col(TrailEntry.organization_id),
                col(Ticket.id) == col(TrailEntry.ticket_id),
            ),
            isouter=True,
        )
        .where(col(TrailEntry.organization_id) == here, entry.in_(numbers))
    )  # fmt: skip
    found = {row.number: row for row in session.execute(statement)}
    return [found[number] for number in numbers if number in found]


def _numbers(session: Session, actor: Actor, wanted: TrailFilter, cursor: str, limit: int) -> list[int]:
    """The numbers of the newest entries that fit, in their order."""
    order = _BY_NUMBER if wanted.ticket else _BY_TIME
    mine = [col(TrailEntry.organization_id) == actor.organization_id]
    criteria = mine + _criteria(session, actor, wanted) + _after(cursor, order)
    if not (wanted.kind or wanted.words):
        return [int(row.number) for row in session.execute(_newest(criteria, order, limit))]
    known, asked = actions_in_use(session, actor), (wanted.kind, wanted.words)
    actions = [one for one in known if speaks_of(actor.locale, one, *asked)]
    if not actions:
        return []
    each = [
        select(_newest([*criteria, col(TrailEntry.action) == one], order, limit).subquery())
        for one in actions
    ]
    found = union_all(*each).subquery()
    merged = select(found).order_by(*(found.c[name].desc() for name in order)).limit(limit)
    return [int(row.number) for row in session.execute(merged)]


def _newest(criteria: list[ColumnElement[bool]], order: tuple[str, ...], limit: int) -> Any:
    columns = {name: col(getattr(TrailEntry, name)) for name in _BY_TIME}
    return (
        select(*columns.values())
        .where(*criteria)
        .order_by(*(columns[name].desc() for name in order))
        .limit(limit)
    )


def _criteria(session: Session, actor: Actor, wanted: TrailFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.person == NOBODY:
        found.append(col(TrailEntry.account_id).is_(None))
    elif wanted.person:
        found.append(col(TrailEntry.account_id) == (wanted.person if is_id(wanted.person) else NO_ACCOUNT))
    if wanted.ticket:
        found.append(_of_ticket(session, actor, wanted.ticket))
    first, last = _days(actor, wanted)
    if first:
        found.append(col(TrailEntry.created_at) >= first)
    if last:
        found.append(col(TrailEntry.created_at) < last)
    return found


def _of_ticket(session: Session, actor: Actor, number: int) -> ColumnElement[bool]:
    if not is_id(number):
        return col(TrailEntry.ticket_id) == NO_TICKET
    ticket_id = session.execute(
        select(col(Ticket.id)).where(
            col(Ticket.organization_id) == actor.organization_id, col(Ticket.number) == number
        )
    ).scalar()
    return col(TrailEntry.ticket_id) == (NO_TICKET if ticket_id is None else ticket_id)


def _days(actor: Actor, wanted: TrailFilter) -> tuple[datetime | None, datetime | None]:
    """The first moment, and the one after the last, of the days asked for, in the reader's zone."""
    first, last = _day(wanted.first_day), _day(wanted.last_day)
    zone = ZoneInfo(actor.time_zone)

    def midnight(day: date | None) -> datetime | None:
        return datetime.combine(day, time(), zone).astimezone(UTC) if day else None

    return midnight(first), midnight(last + timedelta(days=1) if last else None)


def _day(text: str) -> date | None:
    """A day between 1971 and 2999, or None for anything else."""
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found and 1970 < found.year < 3000 else None


def _after(cursor: str, order: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """What comes after the cursor's place; anything but a cursor of ours begins at the newest."""
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        return []
    number = min(int(match[2]), LARGEST_ID)
    if order is _BY_NUMBER:
        return [col(TrailEntry.number) < number]
    at = _EPOCH + timedelta(microseconds=int(match[1]))
    return [tuple_(col(TrailEntry.created_at), col(TrailEntry.number)) < (at, number)]


def _row(actor: Actor, found: Any) -> TrailRow:
    now_named = full_name(found.first_name, found.last_name, found.email)
    who = found.actor_name or now_named
    before, after = found.before or "", found.after or ""
    number_of_ticket = found.ticket_number or 0
    micros = (found.created_at - _EPOCH) // timedelta(microseconds=1)
    return TrailRow(
        number=found.number,
        at_iso=iso(found.created_at),
        account_id=found.account_id or 0,
        who=who,
        action=found.action,
        said=sentence(
            actor.locale,
            found.action,
            account_id=found.account_id,
            who=who,
            ticket=number_of_ticket,
            before=before,
            after=after,
        ),
        ticket_number=number_of_ticket,
        before=before,
        after=after,
        ip=found.ip or "",
        browser=found.browser or "",
        seal=found.seal,
        key=f"{micros}.{found.number}",
    )
