"""Takes the secret out of what a mail says: `support+<token>@host` is stored and shown as `support@host`.

Whoever knows a ticket's token can write into it, so it stays in the raw bytes and in
`ticket.reply_token` alone. A tag that only looks like one of ours is left as it is.
"""

from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from casso.access import across_organizations
from casso.config import settings
from casso.models import Ticket
from casso.rules.addresses import read_bounce_tag, signed_tags, without_tags
from casso.services.intake_values import Arrival
from casso.values.mail import Forward, MailAddress, ParsedMail, ReadMail

MOST_LOOKED_UP = 100
_KNOWN = select(col(Ticket.reply_token)).where(
    col(Ticket.reply_token).in_(bindparam("tokens", expanding=True))
)


def without_our_tags(session: Session, arrival: Arrival) -> Arrival:
    """The same arrival with plain addresses in everything that is stored or shown."""
    found = signed_tags("\n".join(_texts(arrival.read)))
    ours = _ours(session, found) if found else found
    return replace(arrival, read=_read(arrival.read, ours)) if ours else arrival


def _texts(read: ReadMail) -> list[str]:
    """All text of a mail that is stored or shown."""
    mail, forward = read.mail, read.forward
    texts = [mail.subject, mail.html, read.body_text, read.reply_text]
    texts += [
        text for one in (mail.sender, *mail.reply_to, *mail.to, *mail.cc) for text in (one.email, one.name)
    ]
    texts += [forward.subject, forward.body, forward.message, forward.sender.email] if forward else []
    return texts


def _ours(session: Session, found: frozenset[str]) -> frozenset[str]:
    """Those that really are ours, of any organization; of a mail full of them, all."""
    if len(found) > MOST_LOOKED_UP:
        return found
    keys = settings().secret_keys
    with across_organizations(session, "reply tokens in mail"):
        tokens = session.execute(_KNOWN, {"tokens": list(found)}).scalars().all()
    return frozenset(tokens) | {one for one in found if read_bounce_tag(one, keys) is not None}


def _read(read: ReadMail, tags: frozenset[str]) -> ReadMail:
    return replace(
        read,
        mail=_mail(read.mail, tags),
        body_text=without_tags(read.body_text, tags),
        reply_text=without_tags(read.reply_text, tags),
        forward=_forward(read.forward, tags) if read.forward else None,
    )


def _mail(mail: ParsedMail, tags: frozenset[str]) -> ParsedMail:
    return replace(
        mail,
        subject=without_tags(mail.subject, tags),
        html=without_tags(mail.html, tags),
        sender=_address(mail.sender, tags),
        reply_to=tuple(_address(one, tags) for one in mail.reply_to),
        to=tuple(_address(one, tags) for one in mail.to),
        cc=tuple(_address(one, tags) for one in mail.cc),
    )


def _forward(forward: Forward, tags: frozenset[str]) -> Forward:
    return Forward(
        sender=_address(forward.sender, tags),
        subject=without_tags(forward.subject, tags),
        body=without_tags(forward.body, tags),
        message=without_tags(forward.message, tags),
    )


def _address(one: MailAddress, tags: frozenset[str]) -> MailAddress:
    return MailAddress(without_tags(one.email, tags), without_tags(one.name, tags))
