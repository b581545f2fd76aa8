"""One ticket with everything its screen shows, in at most six queries; and a single message in full."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlmodel import Session, col

from casso.access import Actor, of_visible_ticket, require, visible_tickets
from casso.db import reading
from casso.errors import NotFound
from casso.models import Account, Attachment, Customer, Mailbox, Message, Team, Ticket, TicketTag
from casso.queries.rows import CustomerCard, PastTicket, TicketPage
from casso.queries.shown import full_name, initials, is_id, iso, picture
from casso.queries.timeline import TimelinePage, timeline_page
from casso.rules.permissions import Action

MOST_PAST = 8


@dataclass(frozen=True, slots=True)
class MessageFrame:
    """A message in full: sanitised HTML, and where the files that it shows inside itself are fetched."""

    html: str
    text: str
    full_text: str
    has_remote_images: bool
    cid_urls: Mapping[str, str]


def get_ticket(actor: Actor, number: int, *, before: str = "") -> TicketPage:
    """A ticket with its newest entries, or those before the cursor. Raises NotFound."""
    require(actor, Action.READ_TICKETS)
    if not is_id(number):
        raise NotFound("error.ticket_not_found", number=number)
    with reading(actor.organization_id) as session:
        found = session.execute(_ticket_statement(actor, number)).first()
        if found is None:
            raise NotFound("error.ticket_not_found", number=number)
        ticket: Ticket = found[0]
        assert ticket.id is not None
        page = timeline_page(session, actor, ticket.id, before)
        tags = _tags(session, actor, ticket.id)
        past = _past(session, actor, ticket)
    return _page(found, page, tags, past)


def get_message_frame(actor: Actor, message_id: int) -> MessageFrame:
    """One message in full, for its frame and for unfolding. Raises NotFound."""
    require(actor, Action.READ_TICKETS)
    if not is_id(message_id):
        raise NotFound()
    with reading(actor.organization_id) as session:
        message = session.execute(
            select(Message).where(
                col(Message.organization_id) == actor.organization_id,
                col(Message.id) == message_id,
                of_visible_ticket(actor, Message.ticket_id),
            )
        ).scalar()
        if message is None:
            raise NotFound()
        files = session.execute(
            select(col(Attachment.content_id), col(Attachment.public_id)).where(
                col(Attachment.organization_id) == actor.organization_id,
                col(Attachment.message_id) == message_id,
                col(Attachment.content_id) != "",
                col(Attachment.may_show).is_(True),
            )
        ).all()
    return MessageFrame(
        html=message.html,
        text=message.text,
        full_text=message.full_text,
        has_remote_images=message.has_remote_images,
        cid_urls={content_id: f"/files/{public_id}" for content_id, public_id in files},
    )


def _ticket_statement(actor: Actor, number: int) -> Any:
    here = actor.organization_id
    its_customer = and_(col(Customer.id) == col(Ticket.customer_id), col(Customer.organization_id) == here)
    its_team = and_(col(Team.id) == col(Ticket.team_id), col(Team.organization_id) == here)
    its_mailbox = and_(col(Mailbox.id) == col(Ticket.mailbox_id), col(Mailbox.organization_id) == here)
    return (
        select(Ticket, Customer, Account, col(Team.name), col(Mailbox.address))
        .join(Customer, its_customer)
        .join(Account, col(Account.id) == col(Ticket.assignee_id), isouter=True)
        .join(Team, its_team, isouter=True)
        .join(Mailbox, its_mailbox, isouter=True)
        .where(visible_tickets(actor), col(Ticket.number) == number)
    )


def _tags(session: Session, actor: Actor, ticket_id: int) -> tuple[str, ...]:
    found = session.execute(
        select(col(TicketTag.name)).where(
            col(TicketTag.organization_id) == actor.organization_id, col(TicketTag.ticket_id) == ticket_id
        )
    ).scalars()
    return tuple(sorted(found))


def _past(session: Session, actor: Actor, ticket: Ticket) -> tuple[PastTicket, ...]:
    found = session.execute(
        select(col(Ticket.number), col(Ticket.subject), col(Ticket.status), col(Ticket.last_activity_at))
        .where(
            visible_tickets(actor),
            col(Ticket.customer_id) == ticket.customer_id,
            col(Ticket.id) != ticket.id,
        )
        .order_by(col(Ticket.id).desc())
        .limit(MOST_PAST)
    ).all()
    return tuple(PastTicket(number, subject[:200], status, iso(at)) for number, subject, status, at in found)


def _page(found: Any, page: TimelinePage, tags: tuple[str, ...], past: tuple[PastTicket, ...]) -> TicketPage:
    ticket, customer, account, team_name, mailbox_address = found
    assignee = full_name(account.first_name, account.last_name, account.email) if account else ""
    ours = {customer.email, mailbox_address or ""}
    return TicketPage(
        id=ticket.id,
        number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
        priority=ticket.priority,
        work_type=ticket.work_type,
        category=ticket.category,
        assignee_id=ticket.assignee_id or 0,
        assignee_name=assignee,
        assignee_initials=initials(assignee),
        team_name=team_name or "",
        tags=tags,
        customer=_card(customer, past),
        reply_to=customer.email,
        cc=tuple(address for address in page.cc if address not in ours),
        version=ticket.version,
        opened_iso=iso(ticket.created_at),
        entries=page.entries,
        older_cursor=page.older_cursor,
        assignee_picture=picture(account.id, account.picture_key) if account else "",
    )


def _card(customer: Customer, past: tuple[PastTicket, ...]) -> CustomerCard:
    assert customer.id is not None
    name = customer.name or customer.email
    return CustomerCard(
        id=customer.id,
        name=name,
        initials=initials(name),
        company="",
        email=customer.email,
        phone=customer.phone,
        local_time_zone=customer.time_zone,
        past=past,
    )
