"""A mail to oneself: written here, but taken in by the road that every mail takes.

It goes into the spool like one from the SMTP listener, so what becomes a ticket
proves that routing, parsing, threading and the live list work.
"""

import secrets

from sqlalchemy import select
from sqlmodel import col

from casso.access import Actor, require
from casso.clock import now
from casso.config import settings
from casso.db import transaction
from casso.enums import MailSource
from casso.errors import Invalid
from casso.gateways import compose, spool
from casso.models import Mailbox
from casso.rules.headers import clean_header
from casso.rules.outgoing_text import text_to_html
from casso.rules.permissions import Action
from casso.services.trail import once
from casso.values.letter import Letter
from casso.values.mail import MailAddress
from casso.words import word


def send_test_mail(actor: Actor, *, intent: str = "") -> str:
    """Put a mail from the actor to the first mailbox into the spool; returns its spool id.

    Raises NotAllowed, AlreadyDone, Invalid without a mailbox, SpoolFull.
    """
    require(actor, Action.WRITE_TICKETS)
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        found = session.execute(
            select(col(Mailbox.address))
            .where(col(Mailbox.organization_id) == actor.organization_id)
            .order_by(col(Mailbox.id))
        )
        addresses = list(found.scalars())
    if not addresses:
        raise Invalid("error.no_mailbox")
    letter = _letter(actor, addresses)
    return spool.store(
        compose.build(letter),
        source=MailSource.TEST,
        recipient=addresses[0],
        sender=letter.sender.email,
        received_at=letter.date,
    )


def _letter(actor: Actor, addresses: list[str]) -> Letter:
    """The mail; a sender who is one of our own mailboxes is no customer, so there a stand-in writes."""
    host = settings().mail_host
    sender = actor.email if actor.email not in addresses else f"test@{host}"
    text = word(actor.locale, "mail.test_body", address=addresses[0])
    return Letter(
        sender=MailAddress(sender, clean_header(actor.name)),
        to=(MailAddress(addresses[0]),),
        cc=(),
        reply_to="",
        subject=clean_header(word(actor.locale, "mail.test_subject")),
        message_id=f"test.{secrets.token_hex(12)}@{host}",
        references=(),
        date=now(),
        text=text,
        html=text_to_html(text),
        loop_mark="",
    )
