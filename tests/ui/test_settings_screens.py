"""The settings' states on a real desk: what a form saves, who may, and what happens the second time."""

from dataclasses import replace

import pytest

from casso.enums import Role
from casso.errors import Invalid, NotAllowed
from casso.ui.me import Me
from casso.ui.settings.appearance import Appearance
from casso.ui.settings.general import General
from casso.ui.settings.mailboxes_state import Mailboxes
from casso.ui.settings.quarantine import Quarantine
from tests.desks import Desk
from tests.ui.screen import Screen, signed_in


async def test_appearance_is_saved_and_shown_at_once(screen: Screen) -> None:
    appearance, me = await screen.get(Appearance), await screen.get(Me)
    await Appearance.save.fn(appearance, {"locale": "de", "theme": "dark", "zone": "Asia/Tokyo"})
    assert (me.lang, me.theme, me.zone, appearance.is_saved) == ("de", "dark", "Asia/Tokyo", True)


@pytest.mark.parametrize(
    "form",
    [
        {"locale": "tlh", "theme": "dark", "zone": "UTC"},
        {"locale": "de", "theme": "pink", "zone": "UTC"},
        {"locale": "de", "theme": "dark", "zone": "../../etc/passwd"},
    ],
)
async def test_an_appearance_that_does_not_exist_is_refused(screen: Screen, form: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        await Appearance.save.fn(await screen.get(Appearance), form)


async def test_general_settings_are_saved_and_the_rail_has_the_new_name(screen: Screen) -> None:
    general, me = await screen.get(General), await screen.get(Me)
    await General.save.fn(general, {"name": "  Fjord   AS ", "zone": "Europe/Oslo", "locale": "en"})
    assert (me.organization, general.is_saved) == ("Fjord AS", True)
    with pytest.raises(Invalid):
        await General.save.fn(general, {"name": " ", "zone": "UTC", "locale": "en"})


async def test_a_new_mailbox_is_listed_and_a_wrong_one_keeps_the_form_open(screen: Screen) -> None:
    boxes = await screen.get(Mailboxes)
    await Mailboxes.arrive.fn(boxes)
    await Mailboxes.open.fn(boxes, 0)
    async for _ in Mailboxes.submit.fn(boxes, {"address": "sales@example.test", "name": "Sales"}):
        pass
    assert "sales@example.test" in [row.address for row in boxes.rows]
    await Mailboxes.open.fn(boxes, 0)
    with pytest.raises(Invalid):
        async for _ in Mailboxes.submit.fn(boxes, {"address": "no address"}):
            pass
    assert boxes.opened == 0


async def test_a_form_that_arrives_twice_saves_once_and_says_saved(screen: Screen) -> None:
    general, appearance, boxes = [await screen.get(kind) for kind in (General, Appearance, Mailboxes)]
    await Mailboxes.arrive.fn(boxes)
    for _ in range(2):
        await General.save.fn(general, {"name": "Fjord", "zone": "UTC", "locale": "en", "intent": "g-1"})
        await Appearance.save.fn(appearance, {"locale": "de", "theme": "dark", "intent": "a-1"})
        await Mailboxes.open.fn(boxes, 0)
        async for _ in Mailboxes.submit.fn(boxes, {"address": "sales@example.test", "intent": "m-1"}):
            pass
    assert (general.is_saved, appearance.is_saved, boxes.opened) == (True, True, -1)
    assert [row.address for row in boxes.rows].count("sales@example.test") == 1


async def test_an_agent_may_not_save_settings(sqlite_desk: Desk) -> None:
    for screen in signed_in(replace(sqlite_desk.owner, role=Role.AGENT)):
        with pytest.raises(NotAllowed):
            await General.save.fn(await screen.get(General), {"name": "Mine", "zone": "UTC", "locale": "en"})


async def test_the_quarantine_of_a_fresh_desk_is_empty(screen: Screen) -> None:
    kept = await screen.get(Quarantine)
    await Quarantine.arrive.fn(kept)
    assert (kept.is_ready, kept.rows) == (True, [])
