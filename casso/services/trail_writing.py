"""Appends lines to an organization's chain: numbers them, seals them, keeps their detail beside.

Mail intake comes through here for every ticket, so the statements are made once and
below the object layer. The head row is held from here to the commit: writers of one
organization line up behind it, which is why the trail is written last.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from casso.models import TrailDetail, TrailEntry, TrailHead
from casso.rules.trail_seals import digest_of, mark_of, seal_of
from casso.services.upsert import insert_into, table_of

VALUE_LIMIT = 500

_heads = table_of(TrailHead)
_its_head = _heads.c.organization_id == bindparam("here")
_GET_HEAD = select(_heads.c.number, _heads.c.seal).where(_its_head).with_for_update()
_SET_HEAD = update(_heads).where(_its_head)
_INSERT_ENTRY = insert(table_of(TrailEntry))
_INSERT_DETAIL = insert(table_of(TrailDetail))


@dataclass(frozen=True, slots=True)
class Line:
    """One act, before it has a number."""

    action: str
    at: datetime
    account_id: int | None = None
    ticket_id: int | None = None
    actor_name: str = ""
    ip: str = ""
    browser: str = ""
    before: str = ""
    after: str = ""


def append(session: Session, organization_id: int, lines: Sequence[Line]) -> None:
    """Put the lines at the end of the organization's chain, in their order."""
    if not lines:
        return
    number, seal = _take_head(session, organization_id)
    entries: list[dict[str, object]] = []
    details: list[dict[str, object]] = []
    for line in lines:
        number += 1
        detail = _detail(line) | {"organization_id": organization_id, "number": number}
        digest = digest_of(str(detail["who_mark"]), str(detail["what_mark"]))
        seal = seal_of(
            seal,
            organization_id=organization_id,
            number=number,
            ticket_id=line.ticket_id,
            account_id=line.account_id,
            action=line.action,
            digest=digest,
            created_at=line.at,
        )
        entries.append(_entry(line, organization_id, number, digest, seal))
        if detail["who_mark"] or detail["what_mark"]:
            details.append(detail)
    session.execute(_INSERT_ENTRY, entries)
    if details:
        session.execute(_INSERT_DETAIL, details)
    session.execute(_SET_HEAD, {"here": organization_id, "number": number, "seal": seal})


def _take_head(session: Session, organization_id: int) -> tuple[int, str]:
    """Number and seal of the newest entry; its row is ours until the transaction ends."""
    found = session.execute(_GET_HEAD, {"here": organization_id}).first()
    if found is None:
        begun = insert_into(session, TrailHead).values(organization_id=organization_id)
        session.execute(begun.on_conflict_do_nothing())
        found = session.execute(_GET_HEAD, {"here": organization_id}).one()
    return int(found.number), str(found.seal)


def _entry(line: Line, organization_id: int, number: int, digest: str, seal: str) -> dict[str, object]:
    return {
        "organization_id": organization_id,
        "number": number,
        "ticket_id": line.ticket_id,
        "account_id": line.account_id,
        "action": line.action,
        "digest": digest,
        "seal": seal,
        "created_at": line.at,
    }


def _detail(line: Line) -> dict[str, object]:
    """Both parts with their salts and marks; a part that says nothing needs neither."""
    who = (_short(line.actor_name), _short(line.ip), _short(line.browser))
    what = (_short(line.before), _short(line.after))
    who_salt = secrets.token_hex(16) if any(who) else ""
    what_salt = secrets.token_hex(16) if any(what) else ""
    return {
        "who_salt": who_salt,
        "who_mark": mark_of(who_salt, *who),
        "actor_name": who[0],
        "ip": who[1],
        "browser": who[2],
        "what_salt": what_salt,
        "what_mark": mark_of(what_salt, *what),
        "before": what[0],
        "after": what[1],
    }


def _short(text: str) -> str:
    """A value as both databases can keep it: bounded, no NUL, no half characters."""
    return text[:VALUE_LIMIT].replace("\x00", "").encode("utf-8", "replace").decode() if text else ""
