"""Short ways to write a mail, spool it and take it in; used by the tests of intake and of the jobs."""

from email.message import EmailMessage

from sqlmodel import select

from casso import clock, db
from casso.access import Actor
from casso.gateways import spool
from casso.jobs.receive import receive_waiting
from casso.models import Message, SpooledMail, Ticket

ANNA = "Anna Berg <anna@customer.test>"


def mail(
    text: str = "My invoice is wrong.",
    *,
    sender: str = ANNA,
    to: str = "support@example.test",
    subject: str = "Invoice",
    message_id: str = "",
    html: str = "",
    **headers: str,
) -> bytes:
    """A raw mail; header names are written with underscores."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = "Mon, 02 Mar 2026 08:59:00 +0000"
    if message_id:
        made["Message-ID"] = f"<{message_id}>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made.as_bytes()


def put(raw: bytes, recipient: str = "support@example.test", source: str = "smtp") -> str:
    """Spool a mail as a door would."""
    return spool.store(raw, source=source, recipient=recipient, received_at=clock.now())


def take_in(raw: bytes, recipient: str = "support@example.test", source: str = "smtp") -> Message:
    """Spool a mail, run the job, and return the message it became."""
    spool_id = put(raw, recipient, source)
    receive_waiting()
    row = spooled(spool_id)
    assert row.state == "done", row
    assert row.message_id is not None, row
    return message(Actor.system(row.organization_id or 0), row.message_id)


def spooled(spool_id: str) -> SpooledMail:
    """What became of a spooled mail."""
    with db.reading() as session:
        return session.exec(select(SpooledMail).where(SpooledMail.spool_id == spool_id)).one()


def message(actor: Actor, message_id: int) -> Message:
    """One message of the organization."""
    with db.reading(actor.organization_id) as session:
        return session.exec(
            select(Message).where(Message.organization_id == actor.organization_id, Message.id == message_id)
        ).one()


def messages(actor: Actor) -> list[Message]:
    """All messages of the organization, oldest first."""
    with db.reading(actor.organization_id) as session:
        return list(
            session.exec(
                select(Message).where(Message.organization_id == actor.organization_id).order_by("id")
            )
        )


def tickets(actor: Actor) -> list[Ticket]:
    """All tickets of the organization, oldest first."""
    with db.reading(actor.organization_id) as session:
        return list(
            session.exec(select(Ticket).where(Ticket.organization_id == actor.organization_id).order_by("id"))
        )


def ticket_of(actor: Actor, found: Message) -> Ticket:
    """The ticket a message stands in."""
    return next(ticket for ticket in tickets(actor) if ticket.id == found.ticket_id)
