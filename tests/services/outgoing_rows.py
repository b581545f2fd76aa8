"""What stands in the queue of outgoing mail, by the name of the recipient."""

from sqlalchemy import select
from sqlmodel import col

from casso import db
from casso.access import Actor
from casso.models import Outgoing


def rows(actor: Actor) -> dict[str, Outgoing]:
    with db.reading(actor.organization_id) as session:
        found = session.execute(
            select(Outgoing).where(col(Outgoing.organization_id) == actor.organization_id)
        ).scalars()
        return {row.recipient.partition("@")[0]: row for row in found}


def states(actor: Actor) -> dict[str, str]:
    return {name: row.state for name, row in rows(actor).items()}
