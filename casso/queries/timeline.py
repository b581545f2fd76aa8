"""A ticket's time line: messages and trail lines in one order, newest fifty first, older ones on demand.

Each page is two walks backwards over an index, so a ticket of 2,000 messages opens
like one of three. The cursor names the oldest message and the oldest line shown (`m12.e7`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlmodel import Session, col

from casso.access import Actor
from casso.enums import Delivery, MessageKind
from casso.models import Account, Attachment, Message, Outgoing, TrailDetail, TrailEntry
from casso.queries.rows import EventRow, MessageRow, TimelineEntry
from casso.queries.shown import LARGEST_ID, file_row, full_name, initials, iso, picture

MOST_ENTRIES = 50
MOST_BYTES = 40_000
CUT_AT = 4_000
_CURSOR = re.compile(r"m([0-9]{1,10})\.e([0-9]{1,10})")


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Entries oldest first; `older_cursor` is empty when nothing older is left."""

    entries: tuple[TimelineEntry, ...]
    older_cursor: str
    cc: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """An entry with its place in the order, before it is known which ones fit."""

    at: datetime
    rank: int
    id: int
    found: Any


def timeline_page(session: Session, actor: Actor, ticket_id: int, before: str) -> TimelinePage:
    """The newest entries before the cursor: at most 50, at most 40 kB, but always one. Three queries."""
    message_before, event_before = _place(before)
    messages = session.execute(_messages(actor, ticket_id, message_before)).all()
    events = session.execute(_events(actor, ticket_id, event_before)).all()
    placed = [_Placed(row.created_at, 1, row.id, row) for row in messages]
    placed += [_Placed(row.created_at, 0, row.id, row) for row in events]
    placed.sort(key=lambda one: (one.at, one.rank, one.id), reverse=True)
    kept = placed[: _fitting(placed[:MOST_ENTRIES])]
    cursor = _older_cursor(kept, message_before, event_before) if len(placed) > len(kept) else ""
    files = _files(session, actor, [one.id for one in kept if one.rank])
    entries = tuple(_entry(one, files) for one in reversed(kept))
    public = next((row for row in messages if row.kind != MessageKind.NOTE), None)
    return TimelinePage(entries=entries, older_cursor=cursor, cc=public.cc_addresses if public else ())


def _place(cursor: str) -> tuple[int, int]:
    """The ids to go on before; anything but a cursor of ours begins at the newest."""
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        return LARGEST_ID, LARGEST_ID
    return min(int(match[1]), LARGEST_ID), min(int(match[2]), LARGEST_ID)


def _messages(actor: Actor, ticket_id: int, before: int) -> Any:
    """A ticket's messages backwards, texts cut; the moment until which a reply can be taken back beside."""
    due = (
        select(func.min(col(Outgoing.due_at)))
        .where(
            col(Outgoing.organization_id) == actor.organization_id,
            col(Outgoing.message_id) == col(Message.id),
            col(Outgoing.state) == Delivery.QUEUED,
        )
        .scalar_subquery()
    )
    length, whole = func.length(col(Message.text)), func.length(col(Message.full_text))
    return (
        select(
            col(Message.id), col(Message.kind), col(Message.created_at),
            col(Message.from_name), col(Message.from_email),
            col(Message.to_addresses), col(Message.cc_addresses),
            func.substr(col(Message.text), 1, CUT_AT).label("text"),
            (length > CUT_AT).label("is_cut"), (whole > length).label("quoted"),
            (func.length(col(Message.html)) > 0).label("has_html"),
            col(Message.has_remote_images), col(Message.delivery), col(Message.delivery_error),
            col(Message.thread_reason), col(Message.is_unverified), col(Message.is_automatic),
            col(Account.first_name), col(Account.last_name), col(Account.email).label("account_email"),
            col(Account.id).label("account_id"), col(Account.picture_key),
            due.label("undo_until"),
        )
        .join(Account, col(Account.id) == col(Message.account_id), isouter=True)
        .where(
            col(Message.organization_id) == actor.organization_id,
            col(Message.ticket_id) == ticket_id,
            col(Message.id) < before,
        )
        .order_by(col(Message.id).desc())
        .limit(MOST_ENTRIES + 1)
    )  # fmt: skip


def _events(actor: Actor, ticket_id: int, before: int) -> Any:
    """A ticket's trail lines backwards, with who did it."""
    return (
        select(
            col(TrailEntry.number).label("id"), col(TrailEntry.created_at), col(TrailEntry.action),
            col(TrailDetail.before), col(TrailDetail.after),
            col(Account.first_name), col(Account.last_name), col(Account.email),
        )
        .join(Account, and_(col(Account.id) == col(TrailEntry.account_id)), isouter=True)
        .join(
            TrailDetail,
            and_(
                col(TrailDetail.organization_id) == col(TrailEntry.organization_id),
                col(TrailDetail.number) == col(TrailEntry.number),
            ),
            isouter=True,
        )
        .where(
            col(TrailEntry.organization_id) == actor.organization_id,
            col(TrailEntry.ticket_id) == ticket_id,
            col(TrailEntry.number) < before,
            col(TrailEntry.action).like("ticket.%"),
        )
        .order_by(col(TrailEntry.number).desc())
        .limit(MOST_ENTRIES + 1)
    )  # fmt: skip


def _fitting(placed: Sequence[_Placed]) -> int:
    """How many of the newest entries stay within the size of a frame."""
    size = 0
    for count, one in enumerate(placed):
        size += 350 + (len(one.found.text.encode()) + 150 if one.rank else 0)
        if size > MOST_BYTES and count:
            return count
    return len(placed)


def _older_cursor(kept: Sequence[_Placed], message_before: int, event_before: int) -> str:
    messages = [one.id for one in kept if one.rank]
    events = [one.id for one in kept if not one.rank]
    return f"m{min(messages, default=message_before)}.e{min(events, default=event_before)}"


def _files(session: Session, actor: Actor, message_ids: list[int]) -> dict[int, list[Attachment]]:
    """Attachments a reader would look for: what the HTML shows inside itself is left out."""
    if not message_ids:
        return {}
    found: dict[int, list[Attachment]] = {}
    statement = select(Attachment).where(
        col(Attachment.organization_id) == actor.organization_id,
        col(Attachment.message_id).in_(message_ids),
        col(Attachment.is_inline).is_(False),
    )
    for attachment in sorted(session.execute(statement).scalars(), key=lambda one: one.id or 0):
        found.setdefault(int(attachment.message_id or 0), []).append(attachment)
    return found


def _entry(one: _Placed, files: dict[int, list[Attachment]]) -> TimelineEntry:
    if one.rank:
        return TimelineEntry(key=f"m{one.id}", message=_message_row(one.found, files), event=None)
    line = one.found
    actor_name = full_name(line.first_name, line.last_name, line.email)
    event = EventRow(
        id=line.id,
        at_iso=iso(line.created_at),
        actor_name=actor_name,
        action=line.action,
        before=(line.before or "")[:200],
        after=(line.after or "")[:200],
    )
    return TimelineEntry(key=f"e{one.id}", message=None, event=event)


def _message_row(row: Any, files: dict[int, list[Attachment]]) -> MessageRow:
    is_incoming = row.kind == MessageKind.INCOMING
    ours = full_name(row.first_name, row.last_name, row.account_email)
    author = (row.from_name or row.from_email) if is_incoming or not ours else ours
    return MessageRow(
        id=row.id,
        kind=row.kind,
        author_name=author,
        author_initials=initials(author),
        author_email=(row.from_email if is_incoming else row.account_email) or "",
        to_line=", ".join(row.to_addresses[:20]),
        cc_line=", ".join(row.cc_addresses[:20]),
        at_iso=iso(row.created_at),
        text=row.text,
        quoted=bool(row.quoted),
        is_cut=bool(row.is_cut),
        full_text="",
        has_html=bool(row.has_html),
        has_remote_images=row.has_remote_images,
        attachments=tuple(file_row(found) for found in files.get(row.id, [])),
        delivery=row.delivery,
        delivery_error=row.delivery_error,
        thread_reason=row.thread_reason,
        is_unverified=row.is_unverified,
        is_automatic=row.is_automatic,
        undo_until_iso=iso(row.undo_until),
        author_picture="" if is_incoming else picture(row.account_id, row.picture_key),
    )
