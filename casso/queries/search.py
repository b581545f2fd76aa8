"""Full-text search: a word of any message leads to its ticket, newest message first.

Each term carries the organization's number, so the index never walks through
another's terms; the organization criterion beside it is the second lock. A bare
number (`42`, `#42`) finds that ticket before anything that mentions it.
"""

import re
from dataclasses import dataclass

from sqlalchemy import TextClause, func, text
from sqlmodel import Session, col, select

from casso.access import Actor, require
from casso.db import reading
from casso.models import Customer, Message, Ticket
from casso.queries.rows import SearchRow
from casso.queries.shown import iso
from casso.rules.permissions import Action
from casso.rules.search_terms import PREFIX_MARK, query_terms
from casso.rules.snippets import LOOK_AT, snippet

NEWEST = 2**62
_NUMBER = re.compile(r"\s*#?\s*([0-9]{1,9})\s*")

_SQLITE_HITS = """
SELECT d.message_id, d.ticket_id
FROM search_index CROSS JOIN search_document AS d ON d.message_id = search_index.rowid
WHERE search_index MATCH :query AND search_index.rowid < :before AND search_index.rowid >= :after
  AND d.organization_id = :organization
ORDER BY search_index.rowid DESC LIMIT :limit"""

_POSTGRES_HITS = """
SELECT d.message_id, d.ticket_id
FROM search_document AS d
WHERE d.vector @@ cast(:query AS tsquery) AND d.message_id < :before AND d.message_id >= :after
  AND d.organization_id = :organization
ORDER BY d.message_id DESC LIMIT :limit"""


@dataclass(frozen=True, slots=True)
class _Hit:
    """A ticket and its newest message that holds every term; no message when found by number."""

    ticket_id: int
    message_id: int


def search_tickets(
    actor: Actor, text: str, *, cursor: str = "", limit: int = 50
) -> tuple[tuple[SearchRow, ...], str]:
    """Tickets whose messages hold every word of `text`, and the cursor of the next page (empty: none)."""
    require(actor, Action.READ_TICKETS)
    terms = query_terms(actor.organization_id, text)
    if not terms:
        return (), ""
    limit = max(1, min(limit, 200))
    with reading() as session:
        numbered = _ticket_by_number(session, actor, text)
        hits, next_cursor = _hits(session, actor, terms, before=_place(cursor), limit=limit)
        hits = [hit for hit in hits if hit.ticket_id != numbered]
        if numbered and not cursor:
            hits.insert(0, _Hit(ticket_id=numbered, message_id=0))
        return _rows(session, actor, hits, terms), next_cursor


def _place(cursor: str) -> int:
    """The message to go on before; anything but a cursor of ours begins at the newest."""
    return int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 19 else NEWEST


def _ticket_by_number(session: Session, actor: Actor, text: str) -> int:
    """The id of the ticket whose number was typed, or 0."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return 0
    found = session.exec(
        select(Ticket.id).where(
            Ticket.organization_id == actor.organization_id, Ticket.number == int(match.group(1))
        )
    ).first()
    return found or 0


def _hits(
    session: Session, actor: Actor, terms: tuple[str, ...], *, before: int, limit: int
) -> tuple[list[_Hit], str]:
    """Up to `limit` tickets, each at its newest hit; a ticket shown on an earlier page does not return."""
    found: dict[int, int] = {}
    start, size = before, limit * 4
    while True:
        rows = _matches(session, actor, terms, before=before, after=0, limit=size)
        shown = _shown_before(session, actor, terms, start, {ticket for _, ticket in rows} - found.keys())
        for message_id, ticket_id in rows:
            if ticket_id in shown or ticket_id in found:
                continue
            if len(found) == limit:
                return [_Hit(ticket, message) for ticket, message in found.items()], str(before)
            found[ticket_id] = message_id
            before = message_id
        if len(rows) < size:
            return [_Hit(ticket, message) for ticket, message in found.items()], ""
        before = rows[-1][0]


def _shown_before(
    session: Session, actor: Actor, terms: tuple[str, ...], start: int, tickets: set[int]
) -> set[int]:
    """Those of the tickets that have a newer hit than where this page starts."""
    if start >= NEWEST or not tickets:
        return set()
    newer = _matches(session, actor, terms, before=NEWEST, after=start, limit=-1)
    return tickets & {ticket_id for _, ticket_id in newer}


def _matches(
    session: Session, actor: Actor, terms: tuple[str, ...], *, before: int, after: int, limit: int
) -> list[tuple[int, int]]:
    """Messages (id and ticket) that hold every term, newest first, before `before` and not before `after`."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    statement: TextClause = text(_SQLITE_HITS if is_sqlite else _POSTGRES_HITS)
    rows = session.execute(
        statement,
        {
            "query": _fts5_query(terms) if is_sqlite else _tsquery(terms),
            "before": before,
            "after": after,
            "organization": actor.organization_id,
            "limit": limit if limit >= 0 or is_sqlite else None,
        },
    )
    return [(int(message_id), int(ticket_id)) for message_id, ticket_id in rows]


def _fts5_query(terms: tuple[str, ...]) -> str:
    """Every term as a quoted string: no operator of FTS5 can stand in it."""
    return " AND ".join(
        f'"{term.rstrip(PREFIX_MARK)}"{"*" if term.endswith(PREFIX_MARK) else ""}' for term in terms
    )


def _tsquery(terms: tuple[str, ...]) -> str:
    """The same for PostgreSQL; terms hold letters and digits alone, quoted all the same."""
    return " & ".join(
        f"'{term.rstrip(PREFIX_MARK)}'{':*' if term.endswith(PREFIX_MARK) else ''}" for term in terms
    )


def _rows(session: Session, actor: Actor, hits: list[_Hit], terms: tuple[str, ...]) -> tuple[SearchRow, ...]:
    """The hits with what a person sees of them, in their order."""
    tickets = session.exec(
        select(Ticket, Customer.name, Customer.email).where(
            Ticket.organization_id == actor.organization_id,
            Customer.organization_id == actor.organization_id,
            Customer.id == Ticket.customer_id,
            col(Ticket.id).in_([hit.ticket_id for hit in hits]),
        )
    )
    by_id = {ticket.id: (ticket, name or email) for ticket, name, email in tickets}
    texts = _texts(session, actor, [hit.message_id for hit in hits if hit.message_id])
    rows = []
    for hit in hits:
        if hit.ticket_id not in by_id:
            continue
        ticket, name = by_id[hit.ticket_id]
        rows.append(
            SearchRow(
                number=ticket.number,
                subject=ticket.subject[:200],
                snippet=snippet(texts.get(hit.message_id, ticket.preview), terms),
                customer_name=name,
                status=ticket.status,
                age_iso=iso(ticket.last_activity_at),
            )
        )
    return tuple(rows)


def _texts(session: Session, actor: Actor, message_ids: list[int]) -> dict[int, str]:
    """The beginning of what each message newly says."""
    rows = session.exec(
        select(Message.id, func.substr(Message.text, 1, LOOK_AT)).where(
            Message.organization_id == actor.organization_id, col(Message.id).in_(message_ids)
        )
    )
    return {int(message_id or 0): str(found) for message_id, found in rows}
