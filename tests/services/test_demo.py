"""The demo is a desk that has worked for sixty days: varied, in order of time, and it mails nobody."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from casso.access import across_organizations
from casso.db import reading
from casso.enums import Delivery, MessageKind, Priority, Queue, Status, WorkType
from casso.gateways import spool
from casso.models import (
    Account,
    Attachment,
    Customer,
    Message,
    Organization,
    Outgoing,
    SpooledMail,
    Ticket,
)
from casso.queries.search import search_tickets
from casso.queries.tickets import get_ticket, list_queue, list_teams
from casso.services import demo
from casso.services.demo_files import pdf, png
from casso.services.demo_plan import STORIES, Act, make_plans
from tests.desks import Desk
from tests.trails import trail_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICKETS = 60


@pytest.fixture(scope="module")
def plans() -> list:
    return make_plans(400, seed="1", moment=NOON)


def test_the_same_seed_gives_the_same_plan(plans: list) -> None:
    assert make_plans(400, seed="1", moment=NOON) == plans
    assert make_plans(400, seed="2", moment=NOON) != plans


def test_four_hundred_tickets_cover_every_state_priority_story_and_language(plans: list) -> None:
    assert {plan.story for plan in plans} == set(STORIES)
    assert {plan.priority for plan in plans} == set(Priority)
    assert {plan.story.work_type for plan in plans} == set(WorkType)
    assert {plan.person.language for plan in plans} >= {"en", "de", "es", "fr", "ja", "ar"}
    ends = {plan.steps[-1].status for plan in plans if plan.steps[-1].act is Act.STATUS}
    assert ends | {Status.NEW} == set(Status)
    deliveries = {step.delivery for plan in plans for step in plan.steps if step.act is Act.REPLY}
    assert deliveries >= {Delivery.SENT, Delivery.FAILED, Delivery.UNCERTAIN}


def test_times_spread_over_sixty_days_and_end_minutes_ago(plans: list) -> None:
    starts = [plan.steps[0].at for plan in plans]
    assert starts == sorted(starts)
    assert timedelta(days=50) < NOON - starts[0] < timedelta(days=61)
    assert NOON - starts[-1] < timedelta(minutes=5)
    assert all(step.at < NOON for plan in plans for step in plan.steps)
    assert all(
        one.at <= two.at for plan in plans for one, two in zip(plan.steps, plan.steps[1:], strict=False)
    )


def test_no_gap_of_a_story_stays_open(plans: list) -> None:
    for plan in plans:
        assert "{" not in plan.subject
        assert not any("{" in step.text for step in plan.steps)


def test_some_subjects_have_exactly_two_hundred_characters(plans: list) -> None:
    lengths = Counter(len(plan.subject) for plan in plans)
    assert max(lengths) == 200
    assert lengths[200] >= 5


def test_some_threads_are_long(plans: list) -> None:
    assert max(len(plan.steps) for plan in plans) > 40


def test_every_address_is_a_reserved_one(plans: list) -> None:
    assert all(plan.person.email.isascii() and plan.person.email.endswith(".example") for plan in plans)


def test_files_are_real_files() -> None:
    assert png(20, 10, hue=1).startswith(b"\x89PNG\r\n\x1a\n")
    page = pdf("Title (1)", ("one", "zwei ä"))
    assert page.startswith(b"%PDF-1.4")
    assert page.rstrip().endswith(b"%%EOF")
    start = int(page.rpartition(b"startxref\n")[2].split()[0])
    assert page[start : start + 4] == b"xref"


def test_filling_goes_through_intake_and_leaves_a_working_desk(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    result = demo.fill(tickets=TICKETS, seed="1")
    assert (result.tickets, result.password) == (TICKETS, "")
    page = list_queue(desk.owner, Queue.OPEN)
    assert len(page.rows) > 5
    ages = [row.age_iso for row in page.rows]
    assert ages == sorted(ages, reverse=True)
    here = desk.mine.organization_id
    with reading(here) as session:
        tickets = session.exec(select(Ticket).where(Ticket.organization_id == here)).all()
        messages = session.exec(select(Message).where(Message.organization_id == here)).all()
        files = session.exec(select(Attachment).where(Attachment.organization_id == here)).all()
        customers = session.exec(select(Customer).where(Customer.organization_id == here)).all()
    assert len(tickets) == TICKETS
    assert len(messages) == result.messages
    assert {ticket.number for ticket in tickets} == set(range(1, TICKETS + 1))
    assert len(customers) < TICKETS
    assert {file.content_type for file in files} >= {"image/png", "application/pdf"}
    assert any(message.html for message in messages)
    assert any(message.kind == MessageKind.NOTE for message in messages)
    assert (
        Counter(message.thread_reason for message in messages if message.kind == "incoming")["new"] == TICKETS
    )
    assert {line.action for line in trail_of(here)} >= {"ticket.created", "ticket.status", "ticket.assignee"}
    for ticket in tickets:
        newest = max(one.id or 0 for one in messages if one.ticket_id == ticket.id)
        assert ticket.last_message_id == newest
        assert get_ticket(desk.owner, ticket.number).subject == ticket.subject[:200]
    assert len(list_teams(desk.owner)) == 2
    assert search_tickets(desk.owner, "invoice")[0] or search_tickets(desk.owner, "order")[0]


def test_a_demo_leaves_nothing_to_send_and_nothing_in_the_spool(sqlite_desk: Desk) -> None:
    demo.fill(tickets=40, seed="1")
    with reading() as session, across_organizations(session, "tests"):
        assert session.exec(select(Outgoing.state).distinct()).all()
        waiting = (Delivery.QUEUED, Delivery.SENDING, Delivery.RETRYING)
        assert not [row for row in session.exec(select(Outgoing)) if row.state in waiting]
        assert {row.state for row in session.exec(select(SpooledMail))} == {"done"}
    assert spool.count_waiting() == 0


def test_a_second_demo_adds_tickets_and_no_second_agents(sqlite_desk: Desk) -> None:
    demo.fill(tickets=5, seed="1")
    with reading() as session:
        before = len(session.exec(select(Account)).all())
    demo.fill(tickets=5, seed="2")
    here = sqlite_desk.mine.organization_id
    with reading(here) as session:
        assert len(session.exec(select(Account)).all()) == before
        assert len(session.exec(select(Ticket).where(Ticket.organization_id == here)).all()) == 10


def test_the_other_organization_stays_empty(sqlite_desk: Desk) -> None:
    demo.fill(tickets=5, seed="1")
    other = sqlite_desk.other.organization_id
    with reading(other) as session:
        assert not session.exec(select(Ticket).where(Ticket.organization_id == other)).all()
        assert (
            session.exec(select(Organization.last_ticket_number).where(Organization.id == other)).one() == 0
        )
