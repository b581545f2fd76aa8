"""What leaves the trail, and when: addresses are shortened, old entries pruned, a person's words erased.

None of it breaks the chain. Shortening and erasing touch the detail beside the entries;
pruning moves the chain's beginning and signs the place, a few thousand entries a
transaction, so that a crash leaves a shorter chain and never a hole.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, or_, select, update
from sqlmodel import Session, col

from casso.access import Actor
from casso.clock import now
from casso.db import reading, transaction
from casso.gateways.secrets import sign
from casso.models import Organization, TrailCheckpoint, TrailDetail, TrailEntry, TrailHead
from casso.rules.trail_seals import shortened, statement_of
from casso.services.trail_checking import CHECKPOINT
from casso.services.upsert import table_of

AT_ONCE = 2_000

_details = table_of(TrailDetail)
_SHORTEN = (
    update(_details)
    .where(_details.c.organization_id == bindparam("here"), _details.c.number == bindparam("its_number"))
    .values(ip=bindparam("ip"), who_salt="")
)


def keep_to_rules() -> int:
    """Shorten and prune every organization as it has set; returns how many rows changed or went."""
    moment, count = now(), 0
    with reading() as session:
        rules = session.execute(
            select(col(Organization.id), col(Organization.address_days), col(Organization.trail_days))
        ).all()
    for organization_id, address_days, trail_days in rules:
        actor = Actor.system(organization_id)
        count += prune(actor, before=moment - timedelta(days=trail_days))
        count += shorten_addresses(actor, before=moment - timedelta(days=address_days))
    return count


def shorten_addresses(actor: Actor, *, before: datetime) -> int:
    """Cut addresses of older entries to their networks; returns how many."""
    count = 0
    while True:
        with transaction(actor.organization_id) as session:
            rows = session.execute(_with_full_address(actor, before)).all()
            _shorten(session, actor, [(number, ip) for number, ip in rows])
        count += len(rows)
        if len(rows) < AT_ONCE:
            return count


def prune(actor: Actor, *, before: datetime) -> int:
    """Remove the entries at the beginning that are all older; returns how many. Never an early one."""
    count = 0
    while True:
        with transaction(actor.organization_id) as session:
            gone = _prune_some(session, actor, before)
        count += gone
        if gone < AT_ONCE:
            return count


def erase_person(session: Session, actor: Actor, account_id: int, *, mentions: tuple[str, ...] = ()) -> int:
    """Take name, address and browser out of whatever this account did, and values that say `mentions`.

    `mentions` are the person's names and addresses as others' entries show them ("Ana Ruiz", the
    mail address). Returns how many entries changed. Their number, action and time stay.
    """
    theirs = select(col(TrailEntry.number)).where(
        col(TrailEntry.organization_id) == actor.organization_id, col(TrailEntry.account_id) == account_id
    )
    count = _erase_who(session, actor, col(TrailDetail.number).in_(theirs))
    for words in filter(None, mentions):
        count += _erase_who(session, actor, col(TrailDetail.actor_name) == words)
        said = [
            col(value).contains(words, autoescape=True) for value in (TrailDetail.before, TrailDetail.after)
        ]
        count += _erase_what(session, actor, or_(*said))
    return count


def erase_ticket(session: Session, actor: Actor, ticket_id: int) -> int:
    """Take the values out of whatever happened to this ticket; returns how many entries changed."""
    of_ticket = select(col(TrailEntry.number)).where(
        col(TrailEntry.organization_id) == actor.organization_id, col(TrailEntry.ticket_id) == ticket_id
    )
    return _erase_what(session, actor, col(TrailDetail.number).in_(of_ticket))


def _with_full_address(actor: Actor, before: datetime) -> Select[int, str]:
    same = and_(
        col(TrailDetail.organization_id) == col(TrailEntry.organization_id),
        col(TrailDetail.number) == col(TrailEntry.number),
    )
    return (
        select(col(TrailDetail.number), col(TrailDetail.ip))
        .join_from(TrailDetail, TrailEntry, same)
        .where(
            col(TrailDetail.organization_id) == actor.organization_id,
            col(TrailDetail.ip) != "",
            col(TrailDetail.who_salt) != "",
            col(TrailEntry.created_at) < before,
        )
        .limit(AT_ONCE)
    )


def _shorten(session: Session, actor: Actor, rows: Sequence[tuple[int, str]]) -> None:
    """The mark stays, its salt goes: nobody can find the whole address by trying all that fit it."""
    changes = [
        {"here": actor.organization_id, "its_number": number, "ip": shortened(ip)} for number, ip in rows
    ]
    if changes:
        session.execute(_SHORTEN, changes)


def _prune_some(session: Session, actor: Actor, before: datetime) -> int:
    """One piece, with the head held, so that two workers never prune the same organization at once."""
    here = actor.organization_id
    session.execute(select(TrailHead).where(col(TrailHead.organization_id) == here).with_for_update())
    rows = session.execute(
        select(col(TrailEntry.number), col(TrailEntry.seal), col(TrailEntry.created_at))
        .where(col(TrailEntry.organization_id) == here)
        .order_by(col(TrailEntry.number))
        .limit(AT_ONCE)
    ).all()
    old = list(takewhile(lambda row: row.created_at < before, rows))
    if not old:
        return 0
    _sign_checkpoint(session, here, old[-1].number, old[-1].seal)
    for table in (TrailDetail, TrailEntry):
        mine = (col(table.organization_id) == here, col(table.number) <= old[-1].number)
        session.execute(delete(table).where(*mine))
    return len(old)


def _sign_checkpoint(session: Session, here: int, number: int, seal: str) -> None:
    moment = now()
    found = session.get(TrailCheckpoint, here) or TrailCheckpoint(
        organization_id=here, number=0, seal="", signature="", created_at=moment
    )
    found.number, found.seal, found.created_at = number, seal, moment
    found.signature = sign(CHECKPOINT, statement_of(here, number, seal, moment))
    session.add(found)
    session.flush()


def _erase_who(session: Session, actor: Actor, which: ColumnElement[bool]) -> int:
    """Also of entries whose address was shortened before: their name is still there."""
    says = or_(*(col(one) != "" for one in (TrailDetail.actor_name, TrailDetail.ip, TrailDetail.browser)))
    nothing = {"who_salt": "", "actor_name": "", "ip": "", "browser": ""}
    return _blank(session, actor, and_(which, says), nothing)


def _erase_what(session: Session, actor: Actor, which: ColumnElement[bool]) -> int:
    says = or_(col(TrailDetail.before) != "", col(TrailDetail.after) != "")
    return _blank(session, actor, and_(which, says), {"what_salt": "", "before": "", "after": ""})


def _blank(session: Session, actor: Actor, which: ColumnElement[bool], nothing: dict[str, str]) -> int:
    mine = col(TrailDetail.organization_id) == actor.organization_id
    statement = update(TrailDetail).where(mine, which).values(nothing)
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]
