"""One batch told to many screens: each thing is read once, and everybody is shown their own."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace

import pytest
import reflex as rx

from casso.access import Actor
from casso.enums import Role, Sees
from casso.errors import NotFound
from casso.queries.changes import ChangeRow
from casso.queries.queues import list_queue
from casso.queries.tickets import get_ticket, list_mailboxes
from casso.services import replies, tickets
from casso.ui import guard
from casso.ui.changes import Changes
from casso.ui.inbox.desk_state import Desk as DeskList
from casso.ui.inbox.desk_state import Rows
from casso.ui.inbox.ticket_state import OpenTicket
from tests.desks import Desk
from tests.queries.colleagues import colleagues
from tests.queries.plans import recorded
from tests.services.mails import mail, take_in
from tests.ui.screen import Screen


async def opened(actor: Actor, address: str) -> Screen:
    """This person's tab on a page of the inbox."""
    token = guard._actor.set(actor)
    try:
        screen = Screen(rx.State(_reflex_internal_init=True))
        screen.goes_to(address)
        await DeskList.arrive.fn(await screen.get(DeskList))
        if address.startswith("/tickets/"):
            await screen.opens(address)
    finally:
        guard._actor.reset(token)
    return screen


def batch(people: Sequence[Actor], ticket_id: int = 0) -> Changes:
    row = ChangeRow(1, people[0].organization_id, "ticket.changed", ticket_id)
    return Changes([row], {person.account_id or 0 for person in people})


async def tell(screens: Sequence[Screen], people: Sequence[Actor], changes: Changes) -> None:
    for screen, person in zip(screens, people, strict=True):
        for kind in (DeskList, OpenTicket):
            await (await screen.get(kind))._on_changes(person, changes)


@pytest.mark.parametrize(
    ("address", "statements"),
    [("/?queue=open", 4), ("/?queue=closed", 4), ("/?q=invoice", 5), ("/tickets/1", 10)],
)
async def test_twenty_people_on_one_page_read_as_much_as_two(
    sqlite_desk: Desk, address: str, statements: int
) -> None:
    take_in(mail())
    people = colleagues(sqlite_desk.mine, 20)
    screens = [await opened(person, address) for person in people]
    for count in (2, 20):
        with recorded() as found:
            await tell(screens[:count], people[:count], batch(people[:count], ticket_id=1))
        assert len(found) == statements, [sql for sql, _ in found]


async def test_people_on_different_queues_read_one_list_each(sqlite_desk: Desk) -> None:
    people = colleagues(sqlite_desk.mine, 6)
    addresses = ["/?queue=open", "/?queue=closed", "/"] * 2
    take_in(mail())
    screens = [await opened(one, address) for one, address in zip(people, addresses, strict=True)]
    with recorded() as found:
        await tell(screens, people, batch(people))
    assert len(found) == 3 * 4


async def test_own_queues_are_shared_between_ones_own_tabs_only(sqlite_desk: Desk) -> None:
    ann, bo = colleagues(sqlite_desk.mine, 2)
    people = [ann, replace(ann, sign_in_id=9), bo]
    for number, person in ((1, ann), (2, bo)):
        take_in(mail(sender=f"c{number}@customer.test"))
        tickets.assign_ticket(sqlite_desk.owner, number, account_id=person.account_id)
    screens = [await opened(person, "/?queue=mine") for person in people]
    with recorded() as found:
        await tell(screens, people, batch(people))
    assert len(found) == 2 * 2
    assert [await screen.shown() for screen in screens] == [[1], [1], [2]]


async def test_everybody_is_shown_their_own_marks_and_counts(sqlite_desk: Desk) -> None:
    people = [sqlite_desk.owner, *colleagues(sqlite_desk.mine, 2)]
    take_in(mail())
    screens = [await opened(person, "/?queue=open") for person in people]
    take_in(mail(sender="bo@customer.test", subject="Another"))
    tickets.assign_ticket(people[0], 2, account_id=people[1].account_id)
    tickets.mark_read(people[2], 2)
    await tell(screens, people, batch(people))
    for screen, person in zip(screens, people, strict=True):
        rows, desk = await screen.get(Rows), await screen.get(DeskList)
        shown = [row for index in range(10) for row in rows.get_value(f"rows_{index}")]
        assert shown == list(list_queue(person, "open").rows)
        assert desk.counts["mine"] == (1 if person is people[1] else 0)


async def test_other_rights_and_other_organizations_share_nothing(sqlite_desk: Desk) -> None:
    take_in(mail("ours", subject="ours"))
    take_in(mail("canary", to=sqlite_desk.other.address, subject="canary"), sqlite_desk.other.address)
    (agent,) = colleagues(sqlite_desk.mine, 1)
    (viewer,) = colleagues(sqlite_desk.mine, 1, Role.VIEWER)
    limited = replace(agent, sees=Sees.MAILBOXES, seen_ids=(sqlite_desk.mine.mailbox_id,))
    changes = batch([agent, viewer])
    with recorded() as found:
        for person in (agent, viewer, limited, sqlite_desk.other.owner):
            await changes.read(list_mailboxes, person)
    assert len(found) == 4
    page = await changes.read(get_ticket, sqlite_desk.other.owner, 1)
    assert page.subject == "canary"
    assert (await changes.read(get_ticket, agent, 1)).subject == "ours"


async def test_a_limited_view_stays_limited_when_others_are_told_with_it(sqlite_desk: Desk) -> None:
    sees_all, limited, nothing = colleagues(sqlite_desk.mine, 3)
    limited = replace(limited, sees=Sees.MAILBOXES, seen_ids=())
    nothing = replace(nothing, sees=Sees.TEAMS, seen_ids=())
    people = [sees_all, limited, nothing]
    for address in ("/?queue=open", "/?q=invoice", "/?queue=unassigned"):
        screens = [await opened(person, address) for person in people]
        take_in(mail(sender=f"{secrets.token_hex(4)}@customer.test", subject="canary"))
        if address == "/?queue=open":
            tickets.assign_ticket(sqlite_desk.owner, 1, account_id=limited.account_id)
        await tell(screens, people, batch(people))
        assert "canary" in repr(screens[0].root.get_delta())
        assert ("canary" in repr(screens[1].root.get_delta())) == (address != "/?queue=unassigned")
        assert "canary" not in repr(screens[2].root.get_delta())
        assert [(await screen.get(DeskList)).counts["open"] for screen in screens[1:]] == [1, 0]


async def test_what_is_shared_is_read_by_nobody_in_particular(sqlite_desk: Desk) -> None:
    asked: list[Actor] = []

    def note(actor: Actor) -> int:
        asked.append(actor)
        return len(asked)

    people = colleagues(sqlite_desk.mine, 3)
    changes = batch(people)
    assert [await changes.read(note, person) for person in people] == [1, 1, 1]
    assert [(actor.account_id, actor.email) for actor in asked] == [(None, "")]
    assert [await changes.read_own(note, person) for person in people] == [2, 3, 4]


async def test_the_next_batch_reads_anew(sqlite_desk: Desk) -> None:
    people = colleagues(sqlite_desk.mine, 2)
    screens = [await opened(person, "/?queue=open") for person in people]
    for number in (1, 2):
        take_in(mail(sender=f"c{number}@customer.test"))
        await tell(screens, people, batch(people))
        assert [len(await screen.shown()) for screen in screens] == [number, number]
    mine = batch(people)
    assert await mine.read(list_mailboxes, people[0]) is await mine.read(list_mailboxes, people[1])
    again = await mine.anew(people[0].account_id or 0).read(list_mailboxes, people[0])
    assert again is not await mine.read(list_mailboxes, people[0])


async def test_a_screen_that_goes_away_leaves_the_reading_to_the_others(sqlite_desk: Desk) -> None:
    (ann, bo), changes = colleagues(sqlite_desk.mine, 2), batch([sqlite_desk.owner])
    first = asyncio.create_task(changes.read(list_mailboxes, ann))
    second = asyncio.create_task(changes.read(list_mailboxes, bo))
    await asyncio.sleep(0)
    first.cancel()
    assert [row.address for row in await second] == [sqlite_desk.address]


async def test_what_cannot_be_read_fails_for_everybody(sqlite_desk: Desk) -> None:
    people = colleagues(sqlite_desk.mine, 2)
    changes = batch(people)
    for person in people:
        with pytest.raises(NotFound):
            await changes.read(get_ticket, person, 77)


async def test_a_list_that_stays_as_it_was_sends_nothing(sqlite_desk: Desk) -> None:
    take_in(mail())
    people = colleagues(sqlite_desk.mine, 2)
    screens = [await opened(person, "/?queue=open") for person in people]
    for screen in screens:
        screen.root._clean()
    await tell(screens, people, batch(people))
    assert [screen.root.get_delta() for screen in screens] == [{}, {}]
    replies.send_reply(sqlite_desk.owner, 1, text="On its way.")
    await tell(screens, people, batch(people))
    assert all("rows_0_rx_state_" in repr(screen.root.get_delta()) for screen in screens)
