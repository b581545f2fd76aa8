"""Loads a corpus by plain inserts, a few thousand rows at a time, as intake and replies would have left it.

Messages of neighbouring tickets are stored in the order of their time, as on a
real desk, so that one ticket's messages do not lie side by side in the file.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, islice

from sqlalchemy import insert, text, update
from sqlmodel import Session, SQLModel, col

from casso import db
from casso.access import Actor, across_organizations
from casso.enums import OPEN_STATUSES, Delivery, MessageKind, Role, Status
from casso.models import (
    Account,
    Customer,
    Membership,
    Message,
    Organization,
    SearchDocument,
    Ticket,
)
from casso.rules.addresses import new_reply_token
from casso.rules.search_terms import terms
from casso.services.bench.corpus import AGENTS, GIANTS, START, CorpusMessage, CorpusTicket, giants
from casso.services.trail_writing import Line, append
from casso.services.upsert import table_of

CHUNK = 2_000
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What lies in the desk now; the giants are the last tickets."""

    tickets: int
    messages: int
    giant_numbers: tuple[int, ...]
    agent_emails: tuple[str, ...]


@dataclass(slots=True)
class _Loader:
    """Ids are handed out here, because bulk inserts return none."""

    actor: Actor
    mailbox_id: int
    agent_ids: list[int]
    customers: dict[str, int] = field(default_factory=dict)
    ticket_ids: Iterator[int] = field(default_factory=lambda: count(1))
    customer_ids: Iterator[int] = field(default_factory=lambda: count(1))
    next_message_id: int = 1
    latest: datetime = START


def load(
    actor: Actor,
    mailbox_id: int,
    tickets: Iterable[CorpusTicket],
    *,
    password_hash: str = "",
    agents: int = AGENTS,
) -> Loaded:
    """Load the corpus and the giants into an empty organization; its agents share one password.

    The corpus names twelve agents; those beyond have no tickets and only look.
    """
    agents = max(agents, AGENTS)
    loader = _Loader(actor, mailbox_id, _add_agents(actor, password_hash, agents))
    total = 0
    source = iter(tickets)
    while chunk := list(islice(source, CHUNK)):
        total += len(chunk)
        _load_chunk(loader, chunk)
    _load_chunk(loader, list(giants(loader.latest)))
    total += len(GIANTS)
    with (
        db.transaction(actor.organization_id) as session,
        across_organizations(session, "bench: the highest ids of the whole database"),
    ):
        _catch_up(session, actor, total)
    return Loaded(
        tickets=total,
        messages=loader.next_message_id - 1,
        giant_numbers=tuple(range(total - len(GIANTS) + 1, total + 1)),
        agent_emails=tuple(map(_email, range(1, agents + 1))),
    )


def _email(number: int) -> str:
    return f"agent{number:02d}@bench.example"


def _add_agents(actor: Actor, password_hash: str, count: int) -> list[int]:
    """The agents; returns their account ids."""
    with db.transaction(actor.organization_id) as session:
        accounts = [
            Account(
                email=_email(number),
                first_name=f"Agent{number:02d}",
                password_hash=password_hash,
                created_at=START,
            )
            for number in range(1, count + 1)
        ]
        session.add_all(accounts)
        session.flush()
        session.add_all(
            Membership(
                organization_id=actor.organization_id,
                account_id=one.id or 0,
                role=Role.AGENT,
                created_at=START,
            )
            for one in accounts
        )
        return [one.id or 0 for one in accounts]


def _load_chunk(loader: _Loader, tickets: list[CorpusTicket]) -> None:
    """One transaction of customers, tickets, messages, search documents and trail lines."""
    fresh = len(loader.customers)
    placed = [(next(loader.ticket_ids), _customer(loader, one), one) for one in tickets]
    said = sorted(
        ((message, place) for place, (_, _, one) in enumerate(placed) for message in one.messages),
        key=lambda pair: pair[0].at,
    )
    newest: dict[int, tuple[int, CorpusMessage]] = {}
    messages: list[Row] = []
    documents: list[Row] = []
    for message, place in said:
        ticket_id, customer_id, ticket = placed[place]
        message_id = loader.next_message_id
        loader.next_message_id += 1
        loader.latest = max(loader.latest, message.at)
        newest[ticket_id] = (message_id, message)
        messages.append(_message_row(loader, message, message_id, ticket_id, customer_id, ticket))
        documents.append(_document_row(loader, message, message_id, ticket_id, ticket))
    rows = [_ticket_row(loader, *one, *newest[one[0]]) for one in placed]
    with db.transaction(loader.actor.organization_id) as session:
        _add(session, Customer, _customer_rows(loader)[fresh:])
        _add(session, Ticket, rows)
        _add(session, Message, messages)
        _add(session, SearchDocument, documents)
        append(session, loader.actor.organization_id, [_trail_line(*one) for one in placed])


def _add(session: Session, table: type[SQLModel], rows: list[Row]) -> None:
    if rows:
        session.execute(insert(table_of(table)), rows)


def _customer(loader: _Loader, ticket: CorpusTicket) -> int:
    """The id of the ticket's customer, who wrote its first message."""
    email = ticket.messages[0].email
    if email not in loader.customers:
        loader.customers[email] = next(loader.customer_ids)
    return loader.customers[email]


def _customer_rows(loader: _Loader) -> list[Row]:
    return [
        {
            "id": customer_id,
            "organization_id": loader.actor.organization_id,
            "email": email,
            "name": email.partition("@")[0].replace(".", " ").title(),
            "phone": "",
            "time_zone": "",
            "created_at": START,
        }
        for email, customer_id in loader.customers.items()
    ]


def _ticket_row(
    loader: _Loader,
    ticket_id: int,
    customer_id: int,
    ticket: CorpusTicket,
    message_id: int,
    last: CorpusMessage,
) -> Row:
    status = Status(ticket.status)
    is_open = status in OPEN_STATUSES
    return {
        "id": ticket_id,
        "organization_id": loader.actor.organization_id,
        "number": ticket_id,
        "subject": ticket.subject,
        "status": status,
        "is_open": is_open,
        "priority": ticket.priority,
        "work_type": "question",
        "category": ticket.category,
        "assignee_id": loader.agent_ids[ticket.agent - 1] if ticket.agent else None,
        "team_id": None,
        "mailbox_id": loader.mailbox_id,
        "customer_id": customer_id,
        "may_belong_to_id": None,
        "reply_token": new_reply_token(),
        "preview": last.body[:120],
        "last_author": last.name if last.is_agent and last.is_public else "",
        "last_message_id": message_id,
        "last_activity_at": last.at,
        "attachment_count": 0,
        "closed_at": None if is_open else last.at,
        "created_at": ticket.messages[0].at,
        "version": len(ticket.messages),
    }


def _message_row(
    loader: _Loader,
    message: CorpusMessage,
    message_id: int,
    ticket_id: int,
    customer_id: int,
    ticket: CorpusTicket,
) -> Row:
    kind = MessageKind.REPLY if message.is_public else MessageKind.NOTE
    return {
        "id": message_id,
        "organization_id": loader.actor.organization_id,
        "ticket_id": ticket_id,
        "mailbox_id": loader.mailbox_id,
        "kind": kind if message.is_agent else MessageKind.INCOMING,
        "account_id": loader.agent_ids[max(ticket.agent, 1) - 1] if message.is_agent else None,
        "customer_id": None if message.is_agent else customer_id,
        "from_email": message.email,
        "from_name": message.name,
        "to_addresses": (),
        "cc_addresses": (),
        "subject": ticket.subject,
        "text": message.body,
        "full_text": message.body,
        "html": "",
        "has_remote_images": False,
        "mail_key": f"bench-{message_id}@mail.customer.example",
        "digest": secrets.token_hex(32),
        "reference_ids": (),
        "raw_key": "",
        "thread_reason": "" if message.is_agent else "new",
        "auth_result": "unknown",
        "is_automatic": False,
        "is_unverified": False,
        "is_repeat_id": False,
        "delivery": Delivery.SENT if message.is_agent and message.is_public else Delivery.NONE,
        "delivery_error": "",
        "sent_at": None,
        "created_at": message.at,
    }


def _document_row(
    loader: _Loader, message: CorpusMessage, message_id: int, ticket_id: int, ticket: CorpusTicket
) -> Row:
    first = ticket.messages[0]
    words = f"{ticket_id}\n{ticket.subject}\n{first.name} {first.email}\n{message.body}"
    organization_id = loader.actor.organization_id
    return {
        "message_id": message_id,
        "organization_id": organization_id,
        "ticket_id": ticket_id,
        "terms": terms(organization_id, words),
    }


def _trail_line(ticket_id: int, _customer_id: int, ticket: CorpusTicket) -> Line:
    return Line("ticket.created", at=ticket.messages[0].at, ticket_id=ticket_id)


def _catch_up(session: Session, actor: Actor, tickets: int) -> None:
    """The next ticket's number; on PostgreSQL also the sequences and what autovacuum would have counted."""
    session.execute(
        update(Organization)
        .where(col(Organization.id) == actor.organization_id)
        .values(last_ticket_number=tickets)
    )
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in (Customer, Ticket, Message):
        name = table.__tablename__
        session.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")  # noqa: S608
        )
    session.execute(text("ANALYZE"))
