"""Who wrote a mail, and whether it was ourselves.

The From address counts. Other headers count only where the mailbox says so
(Reply-To, for contact forms) or where a group rewrote From to our own address.
"""

from dataclasses import dataclass
from email.utils import parseaddr

from sqlmodel import Session, select

from casso.access import Actor
from casso.config import settings
from casso.models import Message
from casso.rules.addresses import forms_of, read_own_message_id
from casso.rules.guards import is_loop
from casso.services.intake_values import Arrival, CannotPlace, Home, storable
from casso.values.mail import MailAddress, ParsedMail

_ORIGINAL_SENDER = ("X-Original-Sender", "X-Original-From")


@dataclass(frozen=True, slots=True)
class Sender:
    """The customer's address; `is_rewritten` when it does not stand in From."""

    address: MailAddress
    is_rewritten: bool


def is_own(session: Session, actor: Actor, arrival: Arrival, home: Home) -> bool:
    """Whether this is a mail of ours that came back: our loop header, or a Message-ID only we can make."""
    if any(is_loop(arrival.mail, address) for address in home.own_addresses):
        return True
    own = read_own_message_id(arrival.mail.message_id, settings().secret_keys)
    if own is None:
        return False
    found = session.exec(
        select(Message.id).where(
            Message.organization_id == actor.organization_id,
            Message.id == own.message_id,
            Message.ticket_id == own.ticket_id,
        )
    ).first()
    return found is not None


def sender_of(mail: ParsedMail, home: Home) -> Sender:
    """Who is the customer. Raises CannotPlace for a mail from one of our own addresses."""
    is_from_us = mail.sender.email in home.own_addresses
    if home.uses_reply_to and mail.reply_to and mail.reply_to[0].email not in home.own_addresses:
        return Sender(_storable(mail.reply_to[0]), is_rewritten=True)
    if not is_from_us:
        return Sender(_storable(mail.sender), is_rewritten=False)
    for header in _ORIGINAL_SENDER:
        name, email = parseaddr(mail.header(header))
        if "@" in email and not home.own_addresses.intersection(forms_of(email)):
            return Sender(_storable(MailAddress(email.lower(), name)), is_rewritten=True)
    raise CannotPlace("own_address")


def any_sender_of(mail: ParsedMail, home: Home) -> Sender:
    """The same for a mail that a person takes as a ticket: when need be, one of our own addresses."""
    try:
        return sender_of(mail, home)
    except CannotPlace:
        return Sender(_storable(mail.sender), is_rewritten=False)


def _storable(address: MailAddress) -> MailAddress:
    return MailAddress(storable(address.email)[:320], storable(address.name)[:200])
