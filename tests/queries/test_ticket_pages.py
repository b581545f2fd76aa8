"""A ticket's screen: six statements whatever its length, everything shown once, nothing of anybody else."""

import dataclasses
import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from casso import db
from casso.access import Actor
from casso.errors import NotFound
from casso.models import Message, Ticket
from casso.queries import timeline
from casso.queries.rows import TicketPage, TimelineEntry
from casso.queries.tickets import get_message_frame, get_ticket
from casso.services import replies, tickets
from casso.services.trail_writing import Line, append
from tests.desks import START, Desk
from tests.queries.plans import plans, recorded
from tests.services.mails import mail, take_in

PICTURE = b"\x89PNG\r\n\x1a\nxx"


def fill(desk: Desk, count: int, *, text: str = "short", lines_each: int = 0) -> None:
    """A ticket 1 with that many messages, a minute apart, each followed by trail lines."""
    first = take_in(mail())
    with db.transaction(desk.mine.organization_id) as session:
        for number in range(1, count):
            moment = START + timedelta(days=1, minutes=number)
            session.add(
                Message(
                    organization_id=desk.mine.organization_id,
                    ticket_id=first.ticket_id,
                    kind="incoming",
                    from_name="Anna",
                    from_email="anna@customer.test",
                    text=f"{number} {text}",
                    full_text=f"{number} {text}",
                    created_at=moment,
                )
            )
            line = Line(
                "ticket.priority",
                at=moment + timedelta(seconds=1),
                ticket_id=first.ticket_id,
                account_id=desk.owner.account_id,
                before="low",
                after="high",
            )
            append(session, desk.mine.organization_id, [line] * lines_each)


def walked(actor: Actor) -> list[TimelineEntry]:
    """The whole time line, page after page, oldest first."""
    found: list[TimelineEntry] = []
    before = ""
    while True:
        page = get_ticket(actor, 1, before=before)
        found = [*page.entries, *found]
        before = page.older_cursor
        if not before:
            return found


def size_of(page: TicketPage) -> int:
    return len(json.dumps(dataclasses.asdict(page), ensure_ascii=False).encode())


def test_a_ticket_shows_who_said_what_and_who_changed_what(desk: Desk) -> None:
    take_in(mail("Hello\n\nOn Monday you wrote:\n> old words", Cc="Ben <ben@customer.test>"))
    tickets.set_priority(desk.owner, 1, priority="high")
    replies.send_reply(desk.owner, 1, text="Hi Anna", cc=("ben@customer.test",))
    replies.add_note(desk.owner, 1, text="internal")
    page = get_ticket(desk.owner, 1)
    kinds = [
        entry.message.kind if entry.message else entry.event.action
        for entry in page.entries
        if entry.message or entry.event
    ]  # type: ignore[union-attr]
    assert kinds == ["incoming", "ticket.created", "ticket.priority", "reply", "ticket.status", "note"]
    first, answer = page.entries[0].message, page.entries[3].message
    assert first is not None
    assert answer is not None
    assert (first.author_name, first.author_email, first.text) == ("Anna Berg", "anna@customer.test", "Hello")
    assert first.quoted
    assert (answer.author_name, answer.to_line, answer.cc_line) == (
        "Olga Example",
        "anna@customer.test",
        "ben@customer.test",
    )
    assert page.cc == ("ben@customer.test",)
    assert page.reply_to == "anna@customer.test"
    event = page.entries[2].event
    assert event is not None
    assert (event.actor_name, event.before, event.after) == ("Olga Example", "normal", "high")


def test_the_customers_other_tickets_are_shown(desk: Desk) -> None:
    for subject in ("One", "Two", "Three"):
        take_in(mail(subject=subject))
    assert [past.subject for past in get_ticket(desk.owner, 3).customer.past] == ["Two", "One"]


@pytest.mark.parametrize("lines_each", [0, 2])
def test_pages_show_every_entry_once_and_in_order(desk: Desk, lines_each: int) -> None:
    fill(desk, 70, lines_each=lines_each)
    found = walked(desk.owner)
    assert len(found) == 70 + 69 * lines_each + 1
    assert len({entry.key for entry in found}) == len(found)
    moments = [entry.message.at_iso if entry.message else entry.event.at_iso for entry in found]  # type: ignore[union-attr]
    assert moments == sorted(moments)


def test_a_page_has_at_most_fifty_entries_and_a_long_one_stays_small(desk: Desk) -> None:
    fill(desk, 60)
    assert len(get_ticket(desk.owner, 1).entries) == 50


@pytest.mark.parametrize("text", ["x" * 100_000, "語" * 5_000, "line\n" * 900, "\U0001f600" * 4000])
def test_a_page_stays_within_the_size_of_a_frame(sqlite_desk: Desk, text: str) -> None:
    fill(sqlite_desk, 60, text=text)
    page = get_ticket(sqlite_desk.owner, 1)
    assert page.entries
    assert size_of(page) <= 60_000
    assert page.older_cursor
    last = page.entries[-1].message
    assert last is not None
    assert len(last.text) <= timeline.CUT_AT
    assert last.is_cut == (len(text) > timeline.CUT_AT - 4)
    assert len({entry.key for entry in walked(sqlite_desk.owner)}) == 61


@pytest.mark.parametrize(
    "before", ["x", "m1", "m.e", "m1.e1x", "m99999999999999.e1", "m" + "9" * 9 + "." + "e" + "9" * 9]
)
def test_a_cursor_that_is_not_ours_does_no_harm(desk: Desk, before: str) -> None:
    take_in(mail())
    assert len(get_ticket(desk.owner, 1, before=before).entries) == 2


def test_a_long_ticket_takes_as_few_statements_as_a_short_one(desk: Desk) -> None:
    fill(desk, 2)
    with recorded() as short:
        get_ticket(desk.owner, 1)
    fill_more = [take_in(mail(subject=f"Other {number}")) for number in range(3)]
    assert fill_more
    with db.transaction(desk.mine.organization_id) as session:
        for number in range(300):
            session.add(
                Message(
                    organization_id=desk.mine.organization_id,
                    ticket_id=1,
                    kind="note",
                    text=str(number),
                    created_at=START + timedelta(days=2, minutes=number),
                )
            )
    with recorded() as long:
        get_ticket(desk.owner, 1)
    assert len(long) == len(short) <= 6


def test_every_statement_goes_by_index_and_sorts_nothing_long(sqlite_desk: Desk) -> None:
    fill(sqlite_desk, 3)
    for plan in plans(lambda: get_ticket(sqlite_desk.owner, 1)):
        assert "SCAN" not in plan
        assert "TEMP B-TREE" not in plan


def test_another_organizations_ticket_does_not_exist(desk: Desk) -> None:
    take_in(mail(to=desk.other.address), desk.other.address)
    for number in (1, 0, -1, 4711, 2**31, 2**70):
        with pytest.raises(NotFound):
            get_ticket(desk.owner, number)
    found = take_in(mail())
    assert found.id is not None
    for message_id in (found.id, 0, -1, 2**31, 2**70):
        with pytest.raises(NotFound):
            get_message_frame(desk.other.owner, message_id)


def test_a_frame_knows_its_inline_images(desk: Desk) -> None:
    made = mail(html='<p>Hi <img src="cid:logo@x"> <img src="https://evil.example/x.png"></p>')
    raw = made.replace(b"<p>", b"<p>", 1)
    found = take_in(raw)
    frame = get_message_frame(desk.owner, found.id or 0)
    assert frame.has_remote_images
    assert "cid:logo@x" in frame.html
    assert frame.cid_urls == {}
    assert frame.full_text


def test_times_travel_in_utc(desk: Desk) -> None:
    take_in(mail())
    assert get_ticket(desk.owner, 1).opened_iso.startswith("2026-03-02T09:00:00.")
    assert get_ticket(desk.owner, 1).opened_iso.endswith("Z")


def test_the_version_goes_up_with_every_write(desk: Desk) -> None:
    take_in(mail())
    before = get_ticket(desk.owner, 1).version
    tickets.set_priority(desk.owner, 1, priority="high", version=before)
    assert get_ticket(desk.owner, 1).version == before + 1
    with db.reading(desk.mine.organization_id) as session:
        stored = session.execute(
            select(col(Ticket.version)).where(
                col(Ticket.organization_id) == desk.mine.organization_id, col(Ticket.number) == 1
            )
        ).scalar_one()
    assert stored == before + 1
