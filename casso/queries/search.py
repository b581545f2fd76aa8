"""Full-text search: a word of any message leads to its ticket, newest message first.

Each term carries the organization's number, so the index never walks through
another's terms; the organization criterion beside it is the second lock. A bare
number (`42`, `#42`) finds that ticket before anything that mentions it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, TextClause, TextualSelect, bindparam, column, func, text
from sqlmodel import Session, col, select

from casso.access import Actor, require, visible_tickets
from casso.db import reading
from casso.enums import Sees
from casso.models import SearchDocument, Ticket
from casso.models.types import UtcDateTime
from casso.queries.rows import SearchRow
from casso.queries.shown import iso
from casso.rows_wall import QUESTION
from casso.rules.permissions import Action
from casso.rules.search_terms import PREFIX_MARK, query_terms
from casso.rules.snippets import LOOK_AT, marked, snippet

NEWEST = 2**62
MOST_AT_ONCE = 10_000
_NUMBER = re.compile(r"\s*#?\s*([0-9]{1,9})\s*")

_SQLITE_HITS = """
SELECT d.message_id, d.ticket_id
FROM search_index CROSS JOIN search_document AS d ON d.message_id = search_index.rowid
WHERE search_index MATCH :query AND search_index.rowid < :before
  AND d.organization_id = :organization
ORDER BY search_index.rowid DESC LIMIT :limit"""

_POSTGRES_HITS = """
SELECT d.message_id, d.ticket_id
FROM search_document AS d
WHERE d.vector @@ cast(:query AS tsquery) AND d.message_id < :before
  AND d.organization_id = :organization
ORDER BY d.message_id DESC LIMIT :limit"""

# The plus keeps SQLite from walking the organization's index instead of looking up a few ids.
_TICKETS = (
    text("""
SELECT t.id, t.number, t.subject, t.preview, t.status, t.last_activity_at, c.name, c.email
FROM ticket AS t JOIN customer AS c ON c.id = t.customer_id AND +c.organization_id = :organization
WHERE t.id IN :ids AND +t.organization_id = :organization""")
    .bindparams(bindparam("ids", expanding=True))
    .columns(column("id"), column("number"), column("subject"), column("preview"), column("status"),
             column("last_activity_at", UtcDateTime), column("name"), column("email"))
)  # fmt: skip

_TEXTS = (
    text(f"""
SELECT m.id, substr(m.text, 1, {LOOK_AT}) AS text FROM message AS m
WHERE m.id IN :ids AND +m.organization_id = :organization""")  # noqa: S608  (a number of ours)
    .bindparams(bindparam("ids", expanding=True))
    .columns(column("id"), column("text"))
)


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
    with reading(actor.organization_id) as session:
        _ask(session, terms)
        numbered = _ticket_by_number(session, actor, text)
        hits, next_cursor = _hits(session, actor, terms, before=_place(cursor), limit=limit)
        hits = [hit for hit in hits if hit.ticket_id != numbered]
        if numbered and not cursor:
            hits.insert(0, _Hit(ticket_id=numbered, message_id=0))
        return _rows(session, actor, hits, terms), next_cursor


def _ask(session: Session, terms: tuple[str, ...]) -> None:
    """Tell PostgreSQL the question, for the rest of this session: its wall lets only that use the index."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.set_config(QUESTION, _tsquery(terms), True)))


def _place(cursor: str) -> int:
    """The message to go on before; anything but a cursor of ours begins at the newest."""
    return int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 19 else NEWEST


def _ticket_by_number(session: Session, actor: Actor, text: str) -> int:
    """The id of the ticket whose number was typed, or 0."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return 0
    found = session.exec(
        select(Ticket.id).where(visible_tickets(actor), Ticket.number == int(match.group(1)))
    ).first()
    return found or 0


def _hits(
    session: Session, actor: Actor, terms: tuple[str, ...], *, before: int, limit: int
) -> tuple[list[_Hit], str]:
    """Up to `limit` tickets, each at its newest hit; a ticket shown on an earlier page does not return."""
    found: dict[int, int] = {}
    start, size = before, limit * 4
    while True:
        rows = _matches(session, actor, terms, before=before, limit=size)
        fresh = {ticket for _, ticket in rows} - found.keys()
        skipped = _out_of_sight(session, actor, fresh) | _shown_before(session, actor, terms, start, fresh)
        for message_id, ticket_id in rows:
            if ticket_id in skipped or ticket_id in found:
                continue
            if len(found) == limit:
                return [_Hit(ticket, message) for ticket, message in found.items()], str(before)
            found[ticket_id] = message_id
            before = message_id
        if len(rows) < size:
            return [_Hit(ticket, message) for ticket, message in found.items()], ""
        before = rows[-1][0]
        if actor.sees is not Sees.ALL:
            size = min(size * 2, MOST_AT_ONCE)


def _out_of_sight(session: Session, actor: Actor, tickets: set[int]) -> set[int]:
    """Those of the tickets that a limited view does not hold; a whole one asks nothing."""
    if actor.sees is Sees.ALL or not tickets:
        return set()
    seen = session.exec(select(Ticket.id).where(visible_tickets(actor), col(Ticket.id).in_(tickets)))
    return tickets - set(seen)


def _shown_before(
    session: Session, actor: Actor, terms: tuple[str, ...], start: int, tickets: set[int]
) -> set[int]:
    """Those of the tickets that have a newer hit than where this page starts: their own documents tell."""
    if start >= NEWEST or not tickets:
        return set()
    newer = session.exec(
        select(SearchDocument.ticket_id, SearchDocument.terms).where(
            SearchDocument.organization_id == actor.organization_id,
            col(SearchDocument.ticket_id).in_(tickets),
            SearchDocument.message_id >= start,
        )
    )
    return {ticket_id for ticket_id, stored in newer if _holds(f" {stored} ", terms)}


def _holds(stored: str, terms: tuple[str, ...]) -> bool:
    """Whether a document's terms (each between spaces) hold all that was asked for."""
    return all(
        f" {term[:-1]}" in stored if term.endswith(PREFIX_MARK) else f" {term} " in stored for term in terms
    )


def _matches(
    session: Session, actor: Actor, terms: tuple[str, ...], *, before: int, limit: int
) -> list[tuple[int, int]]:
    """Messages (id and ticket) that hold every term, newest first."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    statement: TextClause = text(_SQLITE_HITS if is_sqlite else _POSTGRES_HITS)
    rows = session.execute(
        statement,
        {
            "query": _fts5_query(terms) if is_sqlite else _tsquery(terms),
            "before": before,
            "organization": actor.organization_id,
            "limit": limit,
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
    tickets = {row.id: row for row in _by_id(session, actor, _TICKETS, [hit.ticket_id for hit in hits])}
    texts = {row.id: row.text for row in _by_id(session, actor, _TEXTS, [hit.message_id for hit in hits])}
    rows = []
    for hit in hits:
        ticket = tickets.get(hit.ticket_id)
        if ticket is None:
            continue
        rows.append(
            SearchRow(
                number=ticket.number,
                subject=marked(ticket.subject[:200], terms),
                snippet=snippet(texts.get(hit.message_id, ticket.preview), terms),
                customer_name=marked(ticket.name or ticket.email, terms),
                status=ticket.status,
                age_iso=iso(ticket.last_activity_at),
            )
        )
    return tuple(rows)


def _by_id(session: Session, actor: Actor, statement: TextualSelect, ids: list[int]) -> Sequence[Row[Any]]:
    """Rows of a statement that names them by id; an empty list asks nothing."""
    if not ids:
        return ()
    return session.execute(statement, {"ids": ids, "organization": actor.organization_id}).all()
