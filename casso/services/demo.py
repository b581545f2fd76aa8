"""Fills an organization with realistic tickets: real mails through the real intake, at pretended moments.

The plan is demo_plan.py, the mails demo_mails.py, what agents do demo_writing.py.
Every step of every ticket is played in the order of its time, so ids, numbers and
queues are as on a desk that has worked for sixty days.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from sqlmodel import Session, col, select

from casso import clock
from casso.access import Actor, across_organizations
from casso.clock import now, pretend
from casso.config import settings
from casso.db import reading, transaction
from casso.enums import Role
from casso.models import Mailbox, Membership, Organization, ReadMark, Ticket
from casso.rules.addresses import own_message_id, reply_address
from casso.services import demo_writing, setup
from casso.services.demo_mails import Thread, build
from casso.services.demo_people import AGENTS
from casso.services.demo_plan import Act, Plan, Step, make_plans
from casso.services.direct_intake import take_in

READ_AFTER = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What was made; `password` is empty unless the organization was made too."""

    organization: str
    tickets: int
    messages: int
    seconds: float
    email: str = ""
    password: str = ""


@dataclass(slots=True)
class _Playing:
    """One ticket while it is being played."""

    plan: Plan
    ticket_id: int = 0
    thread: Thread | None = None
    played: int = 0


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where the demo plays."""

    organization: str
    system: Actor
    mailbox_id: int
    address: str
    agents: list[Actor] = field(default_factory=list)


def fill(*, tickets: int, seed: str) -> DemoResult:
    """Play `tickets` tickets in the first organization; on an empty desk one is set up for it."""
    started = clock.ticks()
    password = "" if setup.is_set_up() else _set_up()
    stage = _stage()
    moment = now()
    with transaction(stage.system.organization_id) as session, pretend(moment - timedelta(days=61)):
        stage.agents.extend(demo_writing.add_people(session, stage.system.organization_id))
    plans = [_Playing(plan) for plan in make_plans(tickets, seed=seed, moment=moment)]
    steps = sorted(
        ((step.at, place, step) for place, one in enumerate(plans) for step in one.plan.steps),
        key=lambda found: found[:2],
    )
    for at, place, step in steps:
        with pretend(at):
            _play(stage, plans[place], step)
    _mark_read(stage)
    return DemoResult(
        organization=stage.organization,
        tickets=tickets,
        messages=sum(step.act in (Act.MAIL, Act.REPLY, Act.NOTE) for _, _, step in steps),
        seconds=round(clock.ticks() - started, 1),
        email="demo@casso.localhost" if password else "",
        password=password,
    )


def _set_up() -> str:
    """An organization for an empty desk; returns the owner's password."""
    password = secrets.token_urlsafe(12)
    setup.set_up(
        setup.SetupForm(
            organization="Fjell Bikes",
            email="demo@casso.localhost",
            password=password,
            first_name="Robin",
            last_name="Fjell",
            mailbox="support@fjell.localhost",
        )
    )
    return password


def _stage() -> _Stage:
    with reading() as session, across_organizations(session, "demo: the first organization"):
        organization, mailbox = session.exec(
            select(Organization, Mailbox)
            .where(Mailbox.organization_id == Organization.id)
            .order_by(col(Organization.id), col(Mailbox.id))
            .limit(1)
        ).one()
    return _Stage(
        organization=organization.name,
        system=Actor.system(mailbox.organization_id),
        mailbox_id=mailbox.id or 0,
        address=mailbox.address,
    )


def _play(stage: _Stage, playing: _Playing, step: Step) -> None:
    """One step; a ticket that was joined to another by its mail goes on there."""
    playing.played += 1
    if step.act is Act.MAIL:
        _receive(stage, playing, step)
        return
    agent = stage.agents[step.agent]
    with transaction(stage.system.organization_id) as session:
        ticket = _ticket(session, stage, playing.ticket_id)
        match step.act:
            case Act.TAKE:
                demo_writing.take(session, agent, ticket, playing.plan)
                demo_writing.set_time_zone(session, agent, ticket.customer_id, playing.plan.person.time_zone)
            case Act.NOTE:
                demo_writing.add_note(session, agent, ticket, step)
            case Act.STATUS:
                demo_writing.set_status(session, agent, ticket, step.status)
            case Act.REPLY:
                message_id = demo_writing.add_reply(session, agent, ticket, step)
                playing.thread = Thread(
                    message_id=own_message_id(
                        playing.ticket_id, message_id, host=settings().mail_host, keys=settings().secret_keys
                    ),
                    author=AGENTS[step.agent].name,
                    text=step.text,
                    at=step.at,
                )


def _receive(stage: _Stage, playing: _Playing, step: Step) -> None:
    """Take one customer mail in, as the worker does with a spooled one."""
    message_id = f"{secrets.token_hex(8)}.{playing.played}@{playing.plan.person.host}"
    raw = build(playing.plan, step, to=_to(stage, playing), message_id=message_id, thread=playing.thread)
    received = take_in(
        stage.system, stage.mailbox_id, raw, recipient=stage.address, sender=playing.plan.person.email
    )
    playing.ticket_id = playing.ticket_id or received.ticket_id


def _to(stage: _Stage, playing: _Playing) -> str:
    """The mailbox; further mails go to the ticket's own signed address."""
    if not playing.ticket_id:
        return stage.address
    with reading(stage.system.organization_id) as session:
        token = _ticket(session, stage, playing.ticket_id).reply_token
    return reply_address(stage.address, token)


def _ticket(session: Session, stage: _Stage, ticket_id: int) -> Ticket:
    return session.exec(
        select(Ticket).where(Ticket.organization_id == stage.system.organization_id, Ticket.id == ticket_id)
    ).one()


def _mark_read(stage: _Stage) -> None:
    """The owner has read everything but the newest, so that unread stands out."""
    mine = stage.system.organization_id
    with transaction(mine) as session:
        owner = session.exec(
            select(Membership.account_id).where(
                Membership.organization_id == mine, Membership.role == Role.OWNER
            )
        ).first()
        marked = select(ReadMark.ticket_id).where(
            ReadMark.organization_id == mine, ReadMark.account_id == owner
        )
        rows = session.exec(
            select(Ticket.id, Ticket.last_message_id).where(
                Ticket.organization_id == mine,
                Ticket.last_activity_at < now() - READ_AFTER,
                col(Ticket.id).not_in(marked),
            )
        ).all()
        session.add_all(
            ReadMark(
                organization_id=mine, account_id=owner or 0, ticket_id=ticket_id or 0, last_message_id=last
            )
            for ticket_id, last in rows
        )
