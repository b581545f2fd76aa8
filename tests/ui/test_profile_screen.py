"""The profile page on a real desk: what it starts from, what it saves, and what the rail shows then."""

import pytest

from casso.enums import Role
from casso.errors import Invalid, NotProved
from casso.queries.profile import get_profile
from casso.services import pictures, profile, tickets
from casso.ui.me import Me
from casso.ui.settings.activity_state import Activity
from casso.ui.settings.members_state import Members
from casso.ui.settings.profile import Profile
from casso.ui.settings.profile_mail import MailAddress
from casso.ui.settings.profile_picture import PROBLEMS, Picture
from casso.ui.settings.roles import Roles
from casso.ui.settings.teams import Teams
from casso.words import has_word
from tests.desks import Desk
from tests.gateways.picture_files import picture
from tests.services.mails import mail, take_in
from tests.services.people import FIREFOX, HOME, actor_of, add_member, open_session, trail
from tests.ui.screen import Screen, signed_in


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


async def test_a_change_of_address_is_asked_for_shown_and_canceled(sqlite_desk: Desk) -> None:
    for screen in signed_in(actor_of(open_session(sqlite_desk.owner.account_id))):
        screen.root.router_data = {"ip": "192.0.2.7", "headers": {"user-agent": FIREFOX}}
        page = await screen.get(MailAddress)
        await MailAddress.arrive.fn(page)
        assert page.waiting.new_email == ""
        await MailAddress.ask.fn(page, {"new_email": "Olga@New.test"})
        assert (page.waiting.new_email, page.waiting.is_old_confirmed) == ("olga@new.test", False)
        await MailAddress.cancel.fn(page)
        assert page.waiting.new_email == ""
    lines = trail(sqlite_desk, "account.mail_change%")
    assert lines == ["Firefox 144 on Windows, 192.0.2.7"] * 2


async def test_without_a_recent_proof_nothing_is_asked(sqlite_desk: Desk) -> None:
    for screen in signed_in(actor_of(open_session(sqlite_desk.owner.account_id))):
        sqlite_desk.clock.tick(minutes=11)
        page = await screen.get(MailAddress)
        with pytest.raises(NotProved):
            await MailAddress.ask.fn(page, {"new_email": "olga@new.test"})
        assert page.waiting.new_email == ""


async def test_the_picture_is_in_the_rail_until_it_is_removed(sqlite_desk: Desk) -> None:
    pictures.set_picture(sqlite_desk.owner, picture(), HOME)
    for screen in signed_in(actor_of(open_session(sqlite_desk.owner.account_id))):
        page, me = await screen.get(Picture), await screen.get(Me)
        screen.goes_to("/settings/profile?done=picture")
        await Me.arrive.fn(me)
        await Picture.arrive.fn(page)
        assert page.is_changed
        assert me.picture.startswith(f"{sqlite_desk.owner.account_id}/")
        await Picture.remove.fn(page)
        assert (page.is_changed, me.picture) == (False, "")


@pytest.mark.parametrize(
    ("address", "problem", "minutes"),
    [
        ("?problem=error.picture", "error.picture", "1"),
        ("?problem=error.too_many_tries&minutes=12", "error.too_many_tries", "12"),
        ("?problem=error.too_many_tries&minutes=<b>", "error.too_many_tries", "1"),
        ("?problem=Your+account+is+locked", "", "1"),
        ("", "", "1"),
    ],
)
async def test_only_words_of_ours_come_back_from_the_address(
    screen: Screen, address: str, problem: str, minutes: str
) -> None:
    page = await screen.get(Picture)
    screen.goes_to("/settings/profile" + address)
    await Picture.arrive.fn(page)
    assert (page.problem, page.values["minutes"], page.is_changed) == (problem, minutes, False)


def test_every_problem_of_a_picture_has_its_word() -> None:
    assert [key for key in PROBLEMS if not has_word(key)] == []


async def test_no_screen_of_a_colleague_has_the_number_and_their_own_has(sqlite_desk: Desk) -> None:
    """What all states of a tab would send to the browser, after a visit to each page about people."""
    number, ben = "+47 55 01 99 77", add_member(sqlite_desk.mine.organization_id, role=Role.ADMIN)
    names = {"first_name": "Olga", "last_name": "Example"}
    profile.set_profile(sqlite_desk.owner, **names, phone=number, caller=HOME)
    take_in(mail())
    tickets.assign_ticket(sqlite_desk.owner, 1, account_id=sqlite_desk.owner.account_id)
    seen = {}
    for account_id in (ben, sqlite_desk.owner.account_id):
        for screen in signed_in(actor_of(open_session(account_id))):
            for kind in (Me, Members, Teams, Roles, Activity, Profile):
                await kind.arrive.fn(await screen.get(kind))
            await screen.opens("/tickets/1")
            seen[account_id] = repr(screen.root.dict())
    assert "Olga Example" in seen[ben]
    assert number not in seen[ben]
    assert number in seen[sqlite_desk.owner.account_id]
