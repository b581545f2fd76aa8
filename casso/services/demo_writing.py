"""Writes what agents do in the demo: people, replies, notes and changes, each in the caller's transaction.

Customers' mail goes through intake itself. Replies are written as already sent,
never queued: a demo must not mail anybody, not even while a worker runs.
"""

from sqlalchemy import update
from sqlmodel import Session, col, select

from casso.access import Actor
from casso.clock import now
from casso.enums import OPEN_STATUSES, ChangeKind, Delivery, MessageKind, Role, Status
from casso.models import (
    Account,
    Customer,
    Mailbox,
    Membership,
    Message,
    Outgoing,
    Team,
    TeamMember,
    Ticket,
    TicketTag,
)
from casso.services import search_index
from casso.services.demo_people import AGENTS, TEAMS
from casso.services.demo_plan import Plan, Step
from casso.services.intake_writing import preview_of
from casso.services.trail import announce, record

ERRORS = {
    Delivery.FAILED: "550 5.1.1 The address does not exist",
    Delivery.UNCERTAIN: "The connection broke after the mail was handed over",
    Delivery.BOUNCED: "452 4.2.2 The mailbox is full",
}


def add_people(session: Session, organization_id: int) -> list[Actor]:
    """The four agents and their two teams; those of an earlier demo are used again."""
    agents = [_agent(session, organization_id, place) for place in range(len(AGENTS))]
    for name, members in TEAMS.items():
        mine = (col(Team.organization_id) == organization_id, col(Team.name) == name)
        if session.exec(select(Team.id).where(*mine)).first():
            continue
        team = Team(organization_id=organization_id, name=name, created_at=now())
        session.add(team)
        session.flush()
        for place in members:
            session.add(
                TeamMember(
                    organization_id=organization_id,
                    team_id=team.id or 0,
                    account_id=agents[place].account_id or 0,
                )
            )
    return agents


def _agent(session: Session, organization_id: int, place: int) -> Actor:
    """An agent without a password: can be assigned to, cannot sign in until one is set."""
    person = AGENTS[place]
    email = f"{person.local or person.email.partition('@')[0]}.{organization_id}@agents.example"
    account = session.exec(select(Account).where(Account.email == email)).first()
    if account is None:
        account = Account(email=email, first_name=person.first, last_name=person.last, created_at=now())
        session.add(account)
        session.flush()
        session.add(
            Membership(
                organization_id=organization_id, account_id=account.id or 0, role=Role.AGENT, created_at=now()
            )
        )
    return Actor(
        organization_id=organization_id, account_id=account.id, role=Role.AGENT, name=person.name, email=email
    )


def take(session: Session, agent: Actor, ticket: Ticket, plan: Plan) -> None:
    """An agent takes the ticket and says what it is about."""
    teams = session.exec(
        select(Team).where(Team.organization_id == agent.organization_id).order_by(col(Team.id))
    ).all()
    ticket.assignee_id = agent.account_id
    ticket.team_id = teams[plan.seed % len(teams)].id if teams else None
    ticket.category, ticket.work_type = plan.story.category, plan.story.work_type
    if ticket.priority != plan.priority:
        record(
            session,
            agent,
            "ticket.priority",
            ticket_id=ticket.id,
            before=ticket.priority,
            after=plan.priority,
        )
        ticket.priority = plan.priority
    record(session, agent, "ticket.assignee", ticket_id=ticket.id, after=agent.name)
    for name in plan.story.tags:
        session.add(TicketTag(organization_id=agent.organization_id, ticket_id=ticket.id or 0, name=name))
    set_status(session, agent, ticket, Status.OPEN)


def set_status(session: Session, agent: Actor, ticket: Ticket, status: Status) -> None:
    """Change the status, with its line in the trail."""
    ticket.version += 1
    if ticket.status != status:
        record(session, agent, "ticket.status", ticket_id=ticket.id, before=ticket.status, after=status)
    ticket.status, ticket.is_open = status, status in OPEN_STATUSES
    ticket.closed_at = None if ticket.is_open else now()
    announce(session, agent, ChangeKind.TICKET_CHANGED, ticket_id=ticket.id)


def add_note(session: Session, agent: Actor, ticket: Ticket, step: Step) -> None:
    """An internal note."""
    _write(session, agent, ticket, step, kind=MessageKind.NOTE, delivery=Delivery.NONE)


def add_reply(session: Session, agent: Actor, ticket: Ticket, step: Step) -> int:
    """An answer that is already delivered, or is not and says why; returns its message id."""
    message = _write(session, agent, ticket, step, kind=MessageKind.REPLY, delivery=step.delivery)
    session.add(
        Outgoing(
            organization_id=agent.organization_id,
            message_id=message.id or 0,
            recipient=message.to_addresses[0],
            state=step.delivery,
            due_at=now(),
            attempts=1,
            error=message.delivery_error,
            sent_at=message.sent_at,
            created_at=now(),
        )
    )
    set_status(session, agent, ticket, Status.PENDING)
    ticket.last_author = agent.name.split()[0]
    return message.id or 0


def _write(
    session: Session, agent: Actor, ticket: Ticket, step: Step, *, kind: MessageKind, delivery: Delivery
) -> Message:
    customer = session.exec(
        select(Customer).where(
            Customer.organization_id == agent.organization_id, Customer.id == ticket.customer_id
        )
    ).one()
    is_reply = kind is MessageKind.REPLY
    message = Message(
        organization_id=agent.organization_id,
        ticket_id=ticket.id or 0,
        mailbox_id=ticket.mailbox_id,
        kind=kind,
        account_id=agent.account_id,
        from_email=_address(session, ticket) if is_reply else agent.email,
        from_name=agent.name,
        to_addresses=(customer.email,) if is_reply else (),
        subject=ticket.subject,
        text=step.text,
        full_text=step.text,
        delivery=delivery,
        delivery_error=ERRORS.get(delivery, ""),
        sent_at=now() if delivery is Delivery.SENT else None,
        created_at=now(),
    )
    session.add(message)
    session.flush()
    ticket.last_message_id, ticket.last_activity_at = message.id or 0, now()
    if is_reply:
        ticket.preview = preview_of(step.text)
    _make_searchable(session, agent, ticket, message, customer)
    return message


def _make_searchable(
    session: Session, agent: Actor, ticket: Ticket, message: Message, customer: Customer
) -> None:
    search_index.put(
        session,
        agent,
        message_id=message.id or 0,
        ticket_id=ticket.id or 0,
        number=ticket.number,
        subject=ticket.subject,
        customer=f"{customer.name} {customer.email}",
        body=message.text,
    )


def _address(session: Session, ticket: Ticket) -> str:
    """The mailbox the ticket came to."""
    return session.exec(
        select(Mailbox.address).where(
            Mailbox.organization_id == ticket.organization_id, Mailbox.id == ticket.mailbox_id
        )
    ).one()


def set_time_zone(session: Session, agent: Actor, customer_id: int, zone: str) -> None:
    """Where the customer lives, for the card beside the ticket."""
    session.execute(
        update(Customer)
        .where(col(Customer.organization_id) == agent.organization_id, col(Customer.id) == customer_id)
        .values(time_zone=zone)
    )
