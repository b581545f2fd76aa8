"""Which mailbox a mail is for: by envelope recipient; headers only when there is none.

Each envelope recipient is a spooled mail of its own, so every organization gets
its own copy or none. A mail without one (a pipe) goes by Delivered-To and
X-Original-To, else by To and CC, and to every mailbox named there.
"""

from dataclasses import dataclass

from sqlmodel import col, select

from casso.access import across_organizations
from casso.db import reading
from casso.models import Mailbox
from casso.rules.addresses import forms_of
from casso.values.mail import ParsedMail

CANDIDATE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Route:
    """A mailbox that a mail is for, and the address under which it was reached."""

    organization_id: int
    mailbox_id: int
    recipient: str


def route(recipient: str) -> Route | None:
    """The mailbox of an envelope recipient (any case, any +tag), or None."""
    found = _routes([recipient])
    return found[0] if found else None


def route_by_headers(mail: ParsedMail) -> tuple[Route, ...]:
    """The mailboxes that a mail without envelope recipient names, one route a mailbox."""
    return _routes(list(mail.delivered_to)) or _routes([one.email for one in (*mail.to, *mail.cc)])


def route_to_first(organization_id: int) -> Route | None:
    """An organization's first mailbox: for its mail whose own mailbox is gone."""
    with reading(organization_id) as session:
        found = session.exec(
            select(Mailbox.id, Mailbox.address)
            .where(Mailbox.organization_id == organization_id)
            .order_by(col(Mailbox.id))
        ).first()
    return Route(organization_id, found[0] or 0, found[1]) if found else None


def _routes(addresses: list[str]) -> tuple[Route, ...]:
    wanted = [form for address in addresses[:CANDIDATE_LIMIT] if address for form in forms_of(address)]
    if not wanted:
        return ()
    with reading() as session, across_organizations(session, "intake by address"):
        rows = session.exec(
            select(Mailbox.address, Mailbox.organization_id, Mailbox.id).where(
                col(Mailbox.address).in_(wanted[: 4 * CANDIDATE_LIMIT])
            )
        ).all()
    known = {address: (organization_id, mailbox_id or 0) for address, organization_id, mailbox_id in rows}
    found: dict[int, Route] = {}
    for address in addresses[:CANDIDATE_LIMIT]:
        hit = next((known[form] for form in forms_of(address) if form in known), None)
        if hit:
            found.setdefault(hit[1], Route(hit[0], hit[1], address.strip().lower()))
    return tuple(found.values())
