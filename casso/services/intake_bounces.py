"""A delivery report marks the message it speaks of; it never makes a ticket.

The message is found by our own Message-ID inside the returned mail, or by the
address the report was sent to. Both carry a keyed hash, so nobody can mark a
message whose id they merely guess.
"""

from sqlalchemy import update
from sqlmodel import Session, col, select

from casso.access import Actor
from casso.config import settings
from casso.enums import ChangeKind, Delivery
from casso.models import Message, Outgoing
from casso.rules.addresses import plain_text, read_bounce_address, read_own_message_id
from casso.services.intake_values import Arrival, CannotPlace, storable
from casso.services.trail import announce, record
from casso.values.mail import Bounce

REASON_LIMIT = 500


def mark_undelivered(session: Session, actor: Actor, arrival: Arrival, bounce: Bounce) -> tuple[int, int]:
    """Mark message and recipients; returns ids of ticket and message.

    Raises CannotPlace when the report speaks of no message of this organization.
    """
    message = _message_of(session, actor, arrival, bounce)
    if message is None or message.id is None:
        raise CannotPlace("bounce_unmatched")
    reason = plain_text(storable(" ".join(f"{bounce.status} {bounce.reason}".split())))[:REASON_LIMIT]
    rows = session.exec(
        select(Outgoing.id, Outgoing.recipient).where(
            Outgoing.organization_id == actor.organization_id, Outgoing.message_id == message.id
        )
    ).all()
    named = {one.lower() for one in bounce.recipients}
    hit = [row_id for row_id, recipient in rows if recipient.lower() in named]
    if not hit and len(rows) == 1:
        hit = [rows[0][0]]
    session.execute(
        update(Outgoing)
        .where(col(Outgoing.organization_id) == actor.organization_id, col(Outgoing.id).in_(hit))
        .values(state=Delivery.BOUNCED, error=reason)
    )
    session.execute(
        update(Message)
        .where(col(Message.organization_id) == actor.organization_id, col(Message.id) == message.id)
        .values(delivery=Delivery.BOUNCED, delivery_error=reason)
    )
    record(session, actor, "message.bounced", ticket_id=message.ticket_id, after=bounce.status)
    announce(session, actor, ChangeKind.DELIVERY, ticket_id=message.ticket_id)
    return message.ticket_id, message.id


def _message_of(session: Session, actor: Actor, arrival: Arrival, bounce: Bounce) -> Message | None:
    keys = settings().secret_keys
    own = [read_own_message_id(one, keys) for one in (*bounce.original_ids, *arrival.mail.in_reply_to)]
    ids = [one.message_id for one in own if one]
    addresses = [arrival.envelope.recipient, *arrival.mail.delivered_to]
    addresses += [one.email for one in arrival.mail.to]
    ids += [found for found in (read_bounce_address(one, keys) for one in addresses) if found]
    if not ids:
        return None
    return session.exec(
        select(Message).where(Message.organization_id == actor.organization_id, col(Message.id).in_(ids[:20]))
    ).first()
