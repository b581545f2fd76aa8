"""Counting in front of the screens: what the guard lets through, by the list, of those who agreed."""

import pytest

from casso.enums import Use
from casso.services import usage
from casso.ui import policy
from casso.ui.settings.usage import Usage
from casso.ui.usage import COUNTED, note_event
from tests.desks import Desk
from tests.services.people import signed_in
from tests.services.test_usage import agree, kept
from tests.ui.screen import Screen


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    usage._waiting.clear()


def registered(short: str) -> str:
    return next(name for name, found, _ in policy.own_handlers() if found == short)


def test_every_counted_handler_exists_and_every_name_is_used() -> None:
    import casso.casso  # noqa: F401 (registers the pages' states)

    known = {short for _, short, _ in policy.own_handlers()}
    assert set(COUNTED) - known == set()
    assert set(COUNTED.values()) == set(Use)


async def test_only_events_of_the_list_count_and_only_of_those_who_agreed(sqlite_desk: Desk) -> None:
    inbox = registered("OpenTicket.leave")
    note_event(signed_in(sqlite_desk.owner.account_id), inbox)
    assert usage._waiting == {}
    actor = agree(sqlite_desk.owner)
    for name in (inbox, registered("Me.arrive"), registered("Toast.dismiss"), "reflex.hydrate", "", inbox):
        note_event(actor, name)
    usage.keep_noted()
    assert [(row[3], row[4]) for row in kept()] == [("inbox", 2)]


async def test_the_card_agrees_shows_deletes_and_takes_it_back(screen: Screen) -> None:
    card = await screen.get(Usage)
    await Usage.arrive.fn(card)
    assert (card.has_agreed, card.days, card.rows) == (False, 30, [])
    await Usage.agree.fn(card, True)
    assert card.has_agreed
    actor = signed_in(kept_account(screen))
    usage.note(actor, Use.INBOX)
    await Usage.arrive.fn(card)
    assert [(row.used, row.times) for row in card.rows] == [("Inbox", 1)]
    await Usage.forget.fn(card)
    assert (card.has_agreed, card.rows) == (True, [])
    await Usage.agree.fn(card, False)
    assert not card.has_agreed
    assert kept() == []


def kept_account(screen: Screen) -> int:
    from casso.ui.guard import current_actor

    return current_actor().account_id or 0
