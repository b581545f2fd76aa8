"""Accounts from the console: added, kept out, let in again; what they may do ends at once."""

import pytest

from casso.enums import Role
from casso.errors import Invalid, NotAllowed, NotFound
from casso.services import accounts, login, password_changes, sessions
from casso.services.accounts import NewAccount
from casso.values.caller import Caller
from tests.desks import PASSWORD, Desk
from tests.services.people import HOME, actor_of, add_successor, count_sessions, notices, open_session, trail

NEW = "seven grey herons wading"
BEN = NewAccount("Ben@Example.test", "Ben Berg", Role.AGENT, "Example", NEW)


def enters(email: str, password: str) -> bool:
    try:
        login.check_password(email, password, Caller())
    except NotAllowed:
        return False
    return True


def test_a_person_is_added_with_a_password_and_signs_in(desk: Desk) -> None:
    done = accounts.add_account(BEN)
    assert (done.email, done.link) == ("ben@example.test", "")
    actor = actor_of(login.sign_in("ben@example.test", NEW, ip="", browser=""))
    assert (actor.organization_id, actor.role, actor.name) == (
        desk.mine.organization_id,
        Role.AGENT,
        "Ben Berg",
    )
    assert trail(desk, "account.added") == ["ben@example.test, agent"]


def test_without_a_password_the_person_gets_a_link_to_choose_one(sqlite_desk: Desk) -> None:
    done = accounts.add_account(NewAccount("ben@example.test", organization="Example"))
    assert done.link.startswith("http://desk.example:3000/reset/")
    assert [notice.recipient for notice in notices()] == ["ben@example.test"]
    password_changes.reset_password(done.link.rpartition("/")[2], NEW, HOME)
    assert enters("ben@example.test", NEW)


def test_one_who_has_an_account_only_becomes_a_member(sqlite_desk: Desk) -> None:
    email = sqlite_desk.owner.email
    accounts.add_account(NewAccount(email, role=Role.VIEWER, organization="Other"))
    assert enters(email, PASSWORD)
    actor = actor_of(open_session(sqlite_desk.owner.account_id))
    there = sessions.switch_organization(actor, sqlite_desk.other.organization_id, HOME)
    assert actor_of(there).role is Role.VIEWER
    with pytest.raises(Invalid, match="member_already"):
        accounts.add_account(NewAccount(email, organization="Other"))
    with pytest.raises(Invalid, match="account_exists"):
        accounts.add_account(NewAccount(email, organization="Other", password=NEW))


@pytest.mark.parametrize(
    ("new", "key"),
    [
        (NewAccount("no address", organization="Example", password=NEW), "error.email"),
        (NewAccount("ben@example.test", password=NEW), "error.organization_which"),
        (
            NewAccount("ben@example.test", organization="Nowhere", password=NEW),
            "error.organization_not_found",
        ),
        (NewAccount("ben@example.test", organization="Example", password="short"), "error.password_length"),
        (
            NewAccount("ben@example.test", organization="Example", password="ben@example"),
            "error.password_weak",
        ),
    ],
)
def test_what_cannot_be_added_is_said_and_adds_nothing(sqlite_desk: Desk, new: NewAccount, key: str) -> None:
    with pytest.raises((Invalid, NotFound)) as caught:
        accounts.add_account(new)
    assert caught.value.key == key
    with pytest.raises(NotFound):
        accounts.disable_account("ben@example.test")


def test_a_disabled_account_is_out_at_once_everywhere(desk: Desk) -> None:
    add_successor(desk.mine.organization_id)
    token = open_session(desk.owner.account_id)
    open_session(desk.owner.account_id)
    done = accounts.disable_account(desk.owner.email.upper())
    assert done.ended_sessions == 2
    assert sessions.find_session(token) is None
    assert count_sessions(desk.owner.account_id) == 0
    assert not enters(desk.owner.email, PASSWORD)
    assert len(trail(desk, "account.disabled")) == 1
    assert accounts.disable_account(desk.owner.email).ended_sessions == 0
    assert len(trail(desk, "account.disabled")) == 1


def test_enabled_again_one_signs_in_as_before_and_old_sessions_stay_dead(sqlite_desk: Desk) -> None:
    add_successor(sqlite_desk.mine.organization_id)
    token = open_session(sqlite_desk.owner.account_id)
    accounts.disable_account(sqlite_desk.owner.email)
    accounts.enable_account(sqlite_desk.owner.email)
    assert enters(sqlite_desk.owner.email, PASSWORD)
    assert sessions.find_session(token) is None
    assert len(trail(sqlite_desk, "account.enabled")) == 1


def test_a_reset_link_is_mailed_and_returned(sqlite_desk: Desk) -> None:
    done = accounts.give_reset_link(sqlite_desk.owner.email)
    assert len(notices()) == 1
    password_changes.reset_password(done.link.rpartition("/")[2], NEW, HOME)
    assert enters(sqlite_desk.owner.email, NEW)
    add_successor(sqlite_desk.mine.organization_id)
    accounts.disable_account(sqlite_desk.owner.email)
    with pytest.raises(Invalid, match="account_disabled"):
        accounts.give_reset_link(sqlite_desk.owner.email)


def test_a_password_set_from_the_console_ends_every_session(desk: Desk) -> None:
    open_session(desk.owner.account_id)
    assert accounts.set_password(desk.owner.email, NEW).ended_sessions == 1
    assert enters(desk.owner.email, NEW)
    assert not enters(desk.owner.email, PASSWORD)
    assert [notice.kind for notice in notices()] == ["password_changed"]
    with pytest.raises(Invalid):
        accounts.set_password(desk.owner.email, "owner@example.test")


@pytest.mark.parametrize("email", ["nobody@example.test", "", "\x00", "\ud800"])
def test_nobody_is_not_found(desk: Desk, email: str) -> None:
    for act in (accounts.disable_account, accounts.enable_account, accounts.give_reset_link):
        with pytest.raises(NotFound):
            act(email)
