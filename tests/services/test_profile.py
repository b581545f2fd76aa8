"""One's own name and phone number: saved once, seen where they belong, told in the trail."""

import pytest
from sqlmodel import select

from casso.db import reading, transaction
from casso.enums import ChangeKind, Role
from casso.errors import AlreadyDone, Invalid, NotFound
from casso.models import Account, Change
from casso.queries.people import list_accounts
from casso.queries.profile import get_profile
from casso.services import profile
from tests.desks import Desk
from tests.services.people import HOME, add_member, signed_in, trail

PHONE = "+47 (22) 33-44-55"


def save(desk: Desk, *, first: str = "Olga", last: str = "Berg", phone: str = "", intent: str = "") -> None:
    profile.set_profile(desk.owner, first_name=first, last_name=last, phone=phone, caller=HOME, intent=intent)


def changes(organization_id: int) -> list[str]:
    with reading(organization_id) as session:
        return list(session.exec(select(Change.kind).where(Change.organization_id == organization_id)).all())


def test_names_and_phone_are_saved_and_the_phone_can_be_emptied(desk: Desk) -> None:
    save(desk, first="  Olga  Maria ", last="Berg", phone=f" {PHONE} ")
    found = get_profile(desk.owner)
    assert (found.first_name, found.last_name, found.phone) == ("Olga Maria", "Berg", PHONE)
    assert found.email == desk.owner.email
    save(desk, last="", phone="")
    found = get_profile(desk.owner)
    assert (found.first_name, found.last_name, found.phone) == ("Olga", "", "")


def test_nobody_else_changes(desk: Desk) -> None:
    save(desk, first="Nina", phone=PHONE)
    assert get_profile(desk.other.owner).first_name == "Olga"
    assert get_profile(desk.other.owner).phone == ""


@pytest.mark.parametrize("first", ["", "   ", "\x00", "\u202e", "\ud800"])
def test_a_person_has_a_first_name(sqlite_desk: Desk, first: str) -> None:
    with pytest.raises(Invalid, match=r"error\.name"):
        save(sqlite_desk, first=first)


def test_what_is_no_phone_number_changes_nothing(sqlite_desk: Desk) -> None:
    with pytest.raises(Invalid, match=r"error\.phone"):
        save(sqlite_desk, first="Nina", phone="ask Ben")
    assert get_profile(sqlite_desk.owner).first_name == "Olga"


def test_a_form_that_arrives_twice_saves_once(desk: Desk) -> None:
    save(desk, first="Nina", intent="one")
    save(desk, first="Olga", intent="two")
    with pytest.raises(AlreadyDone):
        save(desk, first="Nina", intent="one")
    assert get_profile(desk.owner).first_name == "Olga"


def test_every_organization_of_the_person_is_told_and_nobody_reads_the_number(desk: Desk) -> None:
    add_member(desk.other.organization_id, desk.owner.email, Role.AGENT)
    save(desk, last="Dahl", phone=PHONE)
    said = "name: Olga Example, phone: –, name: Olga Dahl, phone: …55, Firefox 144 on Windows, 192.0.2.7"
    for tenant in (desk.mine, desk.other):
        assert trail(desk, "account.profile", tenant.organization_id) == [said]
        assert changes(tenant.organization_id)[-1] == ChangeKind.PEOPLE


def test_an_organization_the_person_does_not_belong_to_hears_nothing(desk: Desk) -> None:
    before = changes(desk.other.organization_id)
    save(desk, last="Dahl")
    assert trail(desk, "account.profile", desk.other.organization_id) == []
    assert changes(desk.other.organization_id) == before


def test_colleagues_see_the_new_name_and_never_the_number(desk: Desk) -> None:
    save(desk, first="Nina", last="Dahl", phone=PHONE)
    ben = add_member(desk.mine.organization_id)
    rows = list_accounts(signed_in(ben))
    assert "Nina Dahl" in [row.name for row in rows]
    assert PHONE not in repr(rows)


def test_an_account_that_is_gone_has_no_profile(sqlite_desk: Desk) -> None:
    with pytest.raises(NotFound):
        get_profile(sqlite_desk.system)
    with pytest.raises(NotFound), transaction(sqlite_desk.mine.organization_id) as session:
        profile.own_account(session, sqlite_desk.system)


def test_the_number_is_erased_with_its_person() -> None:
    declared = Account.metadata.tables["account"].columns["phone"].info["data"]
    assert (declared.whose, declared.erase) == ("account", "blank")
