"""Writes what can be searched of a message; queries/search.py asks with the same terms."""

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from casso.access import Actor
from casso.models import Customer, Message, SearchDocument, Ticket
from casso.rules.search_terms import terms
from casso.services.upsert import table_of

_INSERT = insert(table_of(SearchDocument))


def put(
    session: Session,
    actor: Actor,
    *,
    message_id: int,
    ticket_id: int,
    number: int,
    subject: str,
    customer: str,
    body: str,
) -> None:
    """Make a new message searchable by ticket number, subject, customer (name and address) and body."""
    text = f"{number}\n{subject}\n{customer}\n{body}"
    session.execute(
        _INSERT,
        {
            "message_id": message_id,
            "organization_id": actor.organization_id,
            "ticket_id": ticket_id,
            "terms": terms(actor.organization_id, text),
        },
    )


def renew(session: Session, actor: Actor, ticket: Ticket) -> None:
    """Make every message of a ticket searchable anew, after its subject or its customer changed."""
    mine = actor.organization_id
    customer = session.exec(
        select(Customer).where(Customer.organization_id == mine, Customer.id == ticket.customer_id)
    ).one()
    messages = session.exec(
        select(Message.id, Message.full_text, Message.text).where(
            Message.organization_id == mine, Message.ticket_id == ticket.id
        )
    ).all()
    for message_id, full_text, text in messages:
        words = f"{ticket.number}\n{ticket.subject}\n{customer.name} {customer.email}\n{full_text or text}"
        session.execute(
            update(SearchDocument)
            .where(col(SearchDocument.organization_id) == mine, col(SearchDocument.message_id) == message_id)
            .values(terms=terms(mine, words))
        )
