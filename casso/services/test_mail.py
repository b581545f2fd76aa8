"""A mail to oneself: written here, but taken in by the road that every mail takes.

It goes into the spool like one from the SMTP listener, so what becomes a ticket
proves that routing, parsing, threading and the live list work.
"""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from sqlmodel import col, select

from casso.access import Actor, require
from casso.clock import now
from casso.db import reading
from casso.enums import MailSource
from casso.errors import Invalid
from casso.gateways import spool
from casso.models import Mailbox
from casso.rules.permissions import Action
from casso.words import word


def send_test_mail(actor: Actor, *, intent: str) -> str:
    """Spool a mail from the actor to the first mailbox; the same intent is the same mail. Returns the spool id.

    Raises NotAllowed, and Invalid when there is no mailbox yet.
    """
    require(actor, Action.WRITE_TICKETS)
    address = _first_mailbox(actor)
    raw = _test_mail(actor, address, intent).as_bytes(policy=SMTP)
    return spool.store(raw, source=MailSource.TEST, recipient=address, sender=actor.email, received_at=now())


def _first_mailbox(actor: Actor) -> str:
    with reading() as session:
        found = session.exec(
            select(Mailbox.address)
            .where(Mailbox.organization_id == actor.organization_id)
            .order_by(col(Mailbox.id))
        ).first()
    if found is None:
        raise Invalid("error.no_mailbox")
    return found


def _test_mail(actor: Actor, address: str, intent: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((actor.name, actor.email))
    mail["To"] = address
    mail["Subject"] = word(actor.locale, "mail.test_subject")
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = f"<test.{intent[:64]}@{address.rpartition('@')[2]}>"
    mail.set_content(word(actor.locale, "mail.test_body", address=address))
    return mail
