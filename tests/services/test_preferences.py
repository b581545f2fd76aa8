"""A repeated intent changes nothing: what was saved in between stays."""

import pytest

from casso import db
from casso.errors import AlreadyDone
from casso.models import Account, Organization
from casso.services import preferences
from tests.desks import Desk


def test_the_same_intent_saves_an_appearance_once(desk: Desk) -> None:
    preferences.set_appearance(desk.owner, locale="de", theme="dark", zone="", intent="one")
    preferences.set_appearance(desk.owner, locale="en", theme="light", zone="UTC", intent="two")
    with pytest.raises(AlreadyDone):
        preferences.set_appearance(desk.owner, locale="de", theme="dark", zone="", intent="one")
    with db.reading() as session:
        found = session.get(Account, desk.owner.account_id)
    assert found is not None
    assert (found.locale, found.theme, found.time_zone) == ("en", "light", "UTC")


def test_the_same_intent_renames_the_organization_once(desk: Desk) -> None:
    preferences.set_general(desk.owner, name="Fjord", zone="", locale="en", intent="one")
    with pytest.raises(AlreadyDone):
        preferences.set_general(desk.owner, name="Fjell", zone="", locale="en", intent="one")
    with db.reading(desk.mine.organization_id) as session:
        found = session.get(Organization, desk.mine.organization_id)
    assert found is not None
    assert (found.name, found.time_zone) == ("Fjord", "UTC")


def test_an_intent_of_another_organization_is_its_own(desk: Desk) -> None:
    preferences.set_general(desk.owner, name="Fjord", zone="", locale="en", intent="one")
    preferences.set_general(desk.other.owner, name="Fjell", zone="", locale="en", intent="one")
    with db.reading(desk.other.organization_id) as session:
        found = session.get(Organization, desk.other.organization_id)
    assert found is not None
    assert found.name == "Fjell"
