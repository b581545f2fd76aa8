"""The inbox's states on a real desk: what a click reads and writes, and what happens the second time."""

import pytest

from casso.errors import Conflict, Invalid
from casso.jobs.receive import receive_waiting
from casso.queries.changes import ChangeRow
from casso.services import tickets
from casso.ui.changes import Changes
from casso.ui.inbox.composer_state import Composer
from casso.ui.inbox.desk_state import Desk as DeskList
from casso.ui.inbox.desk_state import Rows, asked_of, suffix_of
from casso.ui.inbox.first_visit import FirstVisit
from casso.ui.inbox.properties_state import Properties
from casso.ui.inbox.ticket_state import OpenTicket
from casso.ui.toast import Toast
from tests.desks import Desk
from tests.services.mails import mail, take_in
from tests.ui.screen import Screen


@pytest.fixture
def number(sqlite_desk: Desk) -> int:
    """A ticket of ours; the other organization has one of the same number and one more."""
    take_in(mail(to=sqlite_desk.other.address), sqlite_desk.other.address)
    take_in(mail(to=sqlite_desk.other.address, subject="Second"), sqlite_desk.other.address)
    take_in(mail("Where is my order?", subject="Order"))
    return 1


async def test_an_unused_desk_says_where_the_first_mail_goes(screen: Screen, sqlite_desk: Desk) -> None:
    screen.goes_to("/")
    desk = await screen.get(DeskList)
    await DeskList.arrive.fn(desk)
    assert (desk.is_ready, desk.is_unused, desk.addresses) == (True, True, [sqlite_desk.address])


async def test_the_test_mail_takes_the_real_road_and_appears(screen: Screen) -> None:
    first, desk = await screen.get(FirstVisit), await screen.get(DeskList)
    await FirstVisit.send_test.fn(first, "intent-1")
    receive_waiting()
    screen.goes_to("/")
    await DeskList.arrive.fn(desk)
    assert await screen.shown() == [1]
    assert (await screen.get(Toast)).said == "test_mail"


async def test_the_list_shows_our_tickets_and_nobody_elses(screen: Screen, number: int) -> None:
    screen.goes_to("/")
    desk = await screen.get(DeskList)
    await DeskList.arrive.fn(desk)
    assert await screen.shown() == [number]
    assert desk.counts == {"mine": 0, "unassigned": 1, "open": 1, "closed": 0}


async def test_the_address_decides_queue_filter_and_search(screen: Screen, number: int) -> None:
    desk = await screen.get(DeskList)
    for address, found in (
        ("/?queue=closed", []),
        ("/?queue=open&status=pending", []),
        ("/?queue=open", [number]),
    ):
        screen.goes_to(address)
        await DeskList.arrive.fn(desk)
        assert await screen.shown() == found, address
    screen.goes_to("/?q=order")
    await DeskList.arrive.fn(desk)
    assert [hit.number for hit in desk.hits] == [number]


async def told(screen: DeskList, desk: Desk) -> None:
    """What the live watcher does when somebody changed something."""
    row = ChangeRow(1, desk.owner.organization_id, "ticket.created", 2)
    await screen._on_changes(desk.owner, Changes([row], {desk.owner.account_id or 0}))


async def test_the_tabs_count_each_status_and_follow_what_others_do(
    screen: Screen, number: int, sqlite_desk: Desk
) -> None:
    screen.goes_to("/?queue=open")
    desk = await screen.get(DeskList)
    await DeskList.arrive.fn(desk)
    assert desk.statuses == {"new": 1, "open": 0, "pending": 0}
    tickets.set_status(sqlite_desk.owner, number, status="pending")
    await told(desk, sqlite_desk)
    assert desk.statuses == {"new": 0, "open": 0, "pending": 1}


async def test_the_badge_of_a_page_without_a_list_follows_too(
    screen: Screen, number: int, sqlite_desk: Desk
) -> None:
    desk = await screen.get(DeskList)
    await told(desk, sqlite_desk)
    assert desk.counts == {}
    await DeskList.tally.fn(desk)
    tickets.assign_ticket(sqlite_desk.owner, number, account_id=sqlite_desk.owner.account_id)
    await told(desk, sqlite_desk)
    assert (desk.counts["mine"], desk.is_ready) == (1, False)


async def test_a_mail_committed_elsewhere_comes_into_the_open_list(
    screen: Screen, number: int, sqlite_desk: Desk
) -> None:
    screen.goes_to("/")
    desk = await screen.get(DeskList)
    await DeskList.arrive.fn(desk)
    take_in(mail(sender="Bo <bo@customer.test>", subject="Another"))
    await told(desk, sqlite_desk)
    assert await screen.shown() == [2, number]


@pytest.mark.parametrize(
    "address", ["/tickets/2", "/tickets/0", "/tickets/x", "/tickets/٣", "/tickets/99999999999999"]
)
async def test_what_is_not_ours_or_no_number_is_simply_missing(
    screen: Screen, number: int, address: str
) -> None:
    open_ticket = await screen.opens(address)
    assert open_ticket.ticket.number == 0
    assert open_ticket.missing != 0


async def test_an_opened_ticket_shows_its_messages_and_is_read(screen: Screen, number: int) -> None:
    open_ticket = await screen.opens(f"/tickets/{number}")
    messages = [entry.message for entry in open_ticket.entries if entry.message]
    assert [message.text for message in messages] == ["Where is my order?"]
    assert open_ticket.ticket.entries == ()
    screen.goes_to("/")
    desk = await screen.get(DeskList)
    await DeskList.arrive.fn(desk)
    rows = await screen.get(Rows)
    assert not rows.rows_0[0].is_unread


async def test_opening_a_ticket_takes_the_unread_mark_off_the_list_at_once(
    screen: Screen, number: int
) -> None:
    screen.goes_to("/")
    await DeskList.arrive.fn(await screen.get(DeskList))
    rows = await screen.get(Rows)
    assert rows.rows_0[0].is_unread
    await screen.opens(f"/tickets/{number}")
    assert not rows.rows_0[0].is_unread


async def test_a_ticket_is_shown_before_it_is_marked_read(screen: Screen, number: int) -> None:
    """The mark waits for whoever else writes; nobody who reads does."""
    await DeskList.arrive.fn(await screen.get(DeskList))
    rows, open_ticket = await screen.get(Rows), await screen.get(OpenTicket)
    screen.goes_to(f"/tickets/{number}")
    arriving = OpenTicket.arrive.fn(open_ticket)
    await anext(arriving)
    assert (open_ticket.ticket.number, rows.rows_0[0].is_unread) == (number, True)
    with pytest.raises(StopAsyncIteration):
        await anext(arriving)
    assert not rows.rows_0[0].is_unread


async def test_a_reply_is_confirmed_by_its_intent_and_a_repeat_sends_nothing(
    screen: Screen, number: int
) -> None:
    open_ticket = await screen.opens(f"/tickets/{number}")
    composer, toast = await screen.get(Composer), await screen.get(Toast)
    form = {
        "intent": "i-1",
        "kind": "reply",
        "ticket": str(number),
        "text": "On its way.",
        "cc": "",
        "uploads": "",
    }
    await Composer.submit.fn(composer, form)
    assert composer.done == "i-1"
    assert toast.undo_until > ""
    await Composer.submit.fn(composer, form)
    replies = [
        entry.message for entry in open_ticket.entries if entry.message and entry.message.kind == "reply"
    ]
    assert [reply.text for reply in replies] == ["On its way."]


async def test_a_refused_reply_is_not_confirmed_so_its_text_stays(screen: Screen, number: int) -> None:
    await screen.opens(f"/tickets/{number}")
    composer = await screen.get(Composer)
    form = {"intent": "i-2", "kind": "reply", "ticket": str(number), "text": "Hi", "cc": "not an address"}
    with pytest.raises(Invalid):
        await Composer.submit.fn(composer, form)
    assert composer.done == ""


async def test_undo_names_the_intent_whose_text_returns(screen: Screen, number: int) -> None:
    await screen.opens(f"/tickets/{number}")
    composer, toast = await screen.get(Composer), await screen.get(Toast)
    form = {"intent": "i-3", "kind": "reply", "ticket": str(number), "text": "Too early"}
    await Composer.submit.fn(composer, form)
    await Composer.undo.fn(composer, toast.undo_message)
    assert (composer.undone, toast.said) == ("i-3", "undone")


async def test_a_note_stays_in_the_house(screen: Screen, number: int) -> None:
    open_ticket = await screen.opens(f"/tickets/{number}")
    composer = await screen.get(Composer)
    await Composer.submit.fn(
        composer, {"intent": "i-4", "kind": "note", "ticket": str(number), "text": "Odd."}
    )
    kinds = [entry.message.kind for entry in open_ticket.entries if entry.message]
    assert kinds == ["incoming", "note"]


async def test_a_stale_change_is_refused_and_the_ticket_read_anew(screen: Screen, number: int) -> None:
    open_ticket = await screen.opens(f"/tickets/{number}")
    properties, version = await screen.get(Properties), open_ticket.ticket.version
    await Properties.set_priority.fn(properties, "high", version, "p-1")
    assert open_ticket.ticket.priority == "high"
    with pytest.raises(Conflict):
        await Properties.set_status.fn(properties, "solved", version, "p-2")
    assert open_ticket.ticket.status == "new"


async def test_category_and_tags_come_from_their_forms(screen: Screen, number: int) -> None:
    open_ticket = await screen.opens(f"/tickets/{number}")
    properties = await screen.get(Properties)
    form = {"category": "Delivery", "version": str(open_ticket.ticket.version), "intent": "c-1"}
    await Properties.write_category.fn(properties, form)
    form = {"tags": "Late, gift,, ", "version": str(open_ticket.ticket.version), "intent": "c-2"}
    await Properties.write_tags.fn(properties, form)
    assert (open_ticket.ticket.category, open_ticket.ticket.tags) == ("Delivery", ("gift", "late"))


def test_the_address_of_a_list_says_only_what_differs() -> None:
    assert suffix_of(asked_of({})) == ""
    assert suffix_of(asked_of({"queue": "nonsense"})) == ""
    assert suffix_of(asked_of({"queue": "open", "status": "pending"})) == "?queue=open&status=pending"
    assert suffix_of(asked_of({"q": "a&b=c"})) == "?q=a%26b%3Dc"
