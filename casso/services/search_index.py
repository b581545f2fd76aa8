"""Writes what can be searched of a message; queries/search.py asks with the same terms."""

from sqlalchemy import insert
from sqlmodel import Session

from casso.access import Actor
from casso.models import SearchDocument
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
