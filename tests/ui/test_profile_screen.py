"""The profile page on a real desk: what it starts from, what it saves, and what the rail shows then."""

import pytest

from casso.errors import Invalid
from casso.queries.profile import get_profile
from casso.ui.me import Me
from casso.ui.settings.profile import Profile
from tests.desks import Desk
from tests.ui.screen import Screen


async def test_the_form_starts_from_what_is_stored_and_saves_once(screen: Screen, sqlite_desk: Desk) -> None:
    page, me = await screen.get(Profile), await screen.get(Me)
    await Profile.arrive.fn(page)
    assert (page.is_ready, page.first_name, page.last_name, page.phone) == (True, "Olga", "Example", "")
    for _ in range(2):
        form = {"first_name": " Nina ", "last_name": "Dahl", "phone": "112", "intent": "p-1"}
        await Profile.save.fn(page, form)
    assert (page.first_name, page.last_name, page.phone, page.is_saved) == ("Nina", "Dahl", "112", True)
    assert (me.name, me.initials) == ("Nina Dahl", "ND")
    assert get_profile(sqlite_desk.owner).phone == "112"


async def test_what_is_wrong_is_not_said_to_be_saved(screen: Screen) -> None:
    page = await screen.get(Profile)
    await Profile.arrive.fn(page)
    for form in ({"first_name": ""}, {"first_name": "Nina", "phone": "ask Ben"}, {}):
        with pytest.raises(Invalid):
            await Profile.save.fn(page, form)
    assert (page.first_name, page.is_saved) == ("Olga", False)


async def test_saved_is_forgotten_when_one_comes_back(screen: Screen) -> None:
    page = await screen.get(Profile)
    await Profile.save.fn(page, {"first_name": "Nina"})
    await Profile.arrive.fn(page)
    assert not page.is_saved
