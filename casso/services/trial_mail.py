"""A mail from me to my own desk, through the same spool, parser and rules as a customer's."""

import secrets

from sqlalchemy import select
from sqlmodel import col

from casso.access import Actor, require
from casso.clock import now
from casso.config import settings
from casso.db import reading
from casso.enums import MailSource
from casso.errors import Invalid
from casso.gateways import compose, spool
from casso.models import Mailbox
from casso.rules.headers import clean_header
from casso.rules.outgoing_text import text_to_html
from casso.rules.permissions import Action
from casso.values.letter import Letter
from casso.values.mail import MailAddress
from casso.words import word


def send_test_mail(actor: Actor) -> str:
    """Put the mail into the spool and return its spool id. Raises Invalid without a mailbox, SpoolFull."""
    require(actor, Action.WRITE_TICKETS)
    with reading() as session:
        addresses = session.execute(
            select(col(Mailbox.address))
            .where(col(Mailbox.organization_id) == actor.organization_id)
            .order_by(col(Mailbox.id))
        ).scalars().all()  # fmt: skip
    if not addresses:
        raise Invalid("error.no_mailbox")
    host = settings().mail_host
    sender = actor.email if actor.email not in addresses else f"test@{host}"
    moment = now()
    body = word(actor.locale, "web.test_mail_body", address=sender)
    letter = Letter(
        sender=MailAddress(sender, clean_header(actor.name)),
        to=(MailAddress(addresses[0]),),
        cc=(),
        reply_to="",
        subject=word(actor.locale, "web.test_mail_subject"),
        message_id=f"test.{secrets.token_hex(12)}@{host}",
        references=(),
        date=moment,
        text=body,
        html=text_to_html(body),
        loop_mark="",
    )
    return spool.store(
        compose.build(letter),
        source=MailSource.TEST,
        recipient=addresses[0],
        sender=sender,
        received_at=moment,
    )
