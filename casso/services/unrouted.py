"""Mail for addresses that no mailbox has: it comes back when one gets the address, or on the operator's word.

By itself a mail comes back only while it is young, and only where no other organization
here has or ever had an address in the domain: whoever takes an address over must not read
what was meant for somebody else. The operator decides about all the rest.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, update
from sqlmodel import Session, col, select

from casso.access import Actor, across_organizations, require_operator
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import SpoolState
from casso.errors import GatewayError, NotFound
from casso.gateways import spool
from casso.gateways.mime import read_heads
from casso.models import DomainHolder, Mailbox, SpooledMail
from casso.services.intake_routing import Route, route, route_by_headers
from casso.services.quarantine import put_back
from casso.services.trail import once, record
from casso.services.upsert import insert_into

log = logging.getLogger(__name__)

YOUNG = timedelta(days=30)
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Retried:
    """How many mails were looked at, and how many of them found a mailbox."""

    looked_at: int
    found: int


def welcome(session: Session, mailbox: Mailbox) -> None:
    """A mailbox got its address: remember who holds the domain, and have waiting mail looked at again."""
    local, _, domain = mailbox.address.rpartition("@")
    session.execute(
        insert_into(session, DomainHolder)
        .values(domain=domain, held_by=mailbox.organization_id, created_at=now())
        .on_conflict_do_nothing()
    )
    recipient = col(SpooledMail.recipient)
    tagged = recipient.startswith(f"{local}+", autoescape=True) & recipient.endswith(
        f"@{domain}", autoescape=True
    )
    session.execute(
        update(SpooledMail)
        .where(
            col(SpooledMail.state) == SpoolState.UNROUTED,
            col(SpooledMail.received_at) >= now() - YOUNG,
            or_(recipient == mailbox.address, recipient == "", tagged),
        )
        .values(next_try_at=now())
    )


def look_again() -> Retried:
    """The job: a batch of mail whose address may have a mailbox by now."""
    due = (col(SpooledMail.state) == SpoolState.UNROUTED, col(SpooledMail.next_try_at) <= now())
    rows = _listed(*due)
    return Retried(len(rows), sum(_put_back_if(row, _comes_by_itself(row)) for row in rows))


def try_again(actor: Actor, spooled_id: int, *, intent: str = "") -> bool:
    """Route a mail that is nobody's once more, however old; returns whether it went back into the queue.

    Raises NotAllowed for anybody but the operator, AlreadyDone, and NotFound for an organization's mail.
    """
    require_operator(actor)
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        found = _locked(session, spooled_id)
        if found is None:
            raise NotFound("error.not_found")
        record(session, actor, "mail.tried_again", after=str(spooled_id))
        is_worth_it = found.state == SpoolState.QUARANTINED or bool(_routes(found))
        if is_worth_it:
            put_back(session, found)
        return is_worth_it


def try_all_again() -> Retried:
    """Route every unrouted mail once more; for the command line, whose user is the operator."""
    looked_at = found = last = 0
    while rows := _listed(col(SpooledMail.state) == SpoolState.UNROUTED, col(SpooledMail.id) > last):
        for row in rows:
            last = row.id or 0
            found += _put_back_if(row, bool(_routes(row)))
        looked_at += len(rows)
    return Retried(looked_at, found)


def _listed(*wanted: ColumnElement[bool]) -> Sequence[SpooledMail]:
    with reading() as session:
        return session.exec(
            select(SpooledMail).where(*wanted).order_by(col(SpooledMail.id)).limit(AT_ONCE)
        ).all()


def _comes_by_itself(row: SpooledMail) -> bool:
    """Whether the mail is young, and every mailbox it would reach is alone in its domain."""
    routes = _routes(row)
    is_young = row.received_at >= now() - YOUNG
    return bool(routes) and is_young and all(map(_is_alone, routes))


def _is_alone(found: Route) -> bool:
    """Whether no other organization has or had an address in the domain."""
    domain = found.recipient.rpartition("@")[2]
    held = select(DomainHolder.id).where(
        DomainHolder.domain == domain, DomainHolder.held_by != found.organization_id
    )
    has = select(Mailbox.id).where(
        col(Mailbox.address).endswith(f"@{domain}", autoescape=True),
        Mailbox.organization_id != found.organization_id,
    )
    with reading() as session, across_organizations(session, "who has the domain"):
        return session.exec(held).first() is None and session.exec(has).first() is None


def _routes(row: SpooledMail) -> tuple[Route, ...]:
    """The mailboxes that the mail would reach now."""
    if row.recipient:
        found = route(row.recipient)
        return (found,) if found else ()
    try:
        _, top, _ = spool.peek(row.spool_id, spool.UNROUTED)
    except GatewayError:
        return ()
    return route_by_headers(read_heads(top))


def _put_back_if(row: SpooledMail, is_worth_it: bool) -> bool:
    """Put it back, or note that it was looked at; returns whether it is in the queue now."""
    try:
        with transaction() as session:
            found = _locked(session, row.id or 0)
            if found is None or found.state != SpoolState.UNROUTED:
                return False
            found.next_try_at = None
            if is_worth_it:
                put_back(session, found)
            return is_worth_it
    except GatewayError as error:
        log.error("a kept mail cannot be put back: %s", error.code, extra={"spool_id": row.spool_id})
        return False


def _locked(session: Session, spooled_id: int) -> SpooledMail | None:
    """A kept mail that belongs to no organization."""
    return session.exec(
        select(SpooledMail)
        .where(SpooledMail.id == spooled_id, col(SpooledMail.organization_id).is_(None))
        .where(col(SpooledMail.state).in_([SpoolState.UNROUTED, SpoolState.QUARANTINED]))
        .with_for_update()
    ).first()
