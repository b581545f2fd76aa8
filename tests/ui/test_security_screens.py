"""The pages of one's own sign-in on a real desk: sessions ended, strength said, proof asked for."""

import pytest

from casso.errors import NotAllowed
from casso.services import sessions
from casso.ui import guard
from casso.ui.settings.proof import Proof
from casso.ui.settings.security_password import PROBLEMS, Password
from casso.ui.settings.sessions import Sessions
from casso.ui.toast import Toast
from casso.words import has_word
from tests.desks import PASSWORD, Desk
from tests.services.people import AWAY, FIREFOX, actor_of, open_session, trail
from tests.ui.screen import Screen, signed_in


@pytest.fixture
def own(sqlite_desk: Desk) -> object:
    """A screen of a real session, with the handshake's address and browser."""
    actor = actor_of(open_session(sqlite_desk.owner.account_id))
    for screen in signed_in(actor):
        screen.root.router_data = {"ip": "192.0.2.7", "headers": {"user-agent": FIREFOX}}
        yield screen


async def test_the_browsers_are_listed_and_one_is_signed_out(sqlite_desk: Desk, own: Screen) -> None:
    away = open_session(sqlite_desk.owner.account_id, AWAY)
    page = await own.get(Sessions)
    await Sessions.arrive.fn(page)
    assert [(row.browser, row.is_this) for row in page.rows] == [
        ("Firefox 144 on Windows", True),
        ("Chrome 141 on Linux", False),
    ]
    await Sessions.end.fn(page, page.rows[1].id)
    assert len(page.rows) == 1
    assert sessions.find_session(away) is None
    assert (await own.get(Toast)).said == "session_ended"
    assert trail(sqlite_desk, "session.revoked")[0].endswith("Firefox 144 on Windows, 192.0.2.7")


async def test_ending_one_that_is_gone_is_no_problem(sqlite_desk: Desk, own: Screen) -> None:
    page = await own.get(Sessions)
    await Sessions.end.fn(page, 4711)
    assert len(page.rows) == 1


async def test_all_others_are_signed_out(sqlite_desk: Desk, own: Screen) -> None:
    for _ in range(3):
        open_session(sqlite_desk.owner.account_id, AWAY)
    page = await own.get(Sessions)
    await Sessions.end_others.fn(page)
    assert [row.is_this for row in page.rows] == [True]


@pytest.mark.parametrize(
    ("address", "problem", "minutes", "is_changed"),
    [
        ("/settings/security", "", "1", False),
        ("/settings/security?done=password", "", "1", True),
        ("/settings/security?problem=error.password_weak", "error.password_weak", "1", False),
        ("/settings/security?problem=error.too_many_tries&minutes=15", "error.too_many_tries", "15", False),
        ("/settings/security?problem=<script>&minutes=<b>", "", "1", False),
        ("/settings/security?problem=error.generic&done=x", "", "1", False),
    ],
)
async def test_what_came_of_the_change_is_read_from_the_address(
    own: Screen, address: str, problem: str, minutes: str, is_changed: bool
) -> None:
    own.goes_to(address)
    page = await own.get(Password)
    await Password.arrive.fn(page)
    assert (page.problem, page.values["minutes"], page.is_changed) == (problem, minutes, is_changed)


async def test_every_problem_of_the_form_has_words() -> None:
    assert [key for key in PROBLEMS if not has_word(key)] == []


async def test_the_strength_is_said_and_the_password_is_not_kept(own: Screen) -> None:
    page = await own.get(Password)
    await Password.judge.fn(page, "owner@example.test")
    assert page.score < 3
    await Password.judge.fn(page, "seven grey herons wading")
    assert page.score == 4
    assert "herons" not in repr(page.dict())
    await Password.judge.fn(page, "")
    assert page.score == -1
    await Password.judge.fn(page, "x" * 900_000)
    assert page.score == 0


async def test_a_proof_is_asked_for_after_ten_minutes_and_the_password_gives_it(
    sqlite_desk: Desk, own: Screen
) -> None:
    page = await own.get(Proof)
    await Proof.arrive.fn(page)
    assert (page.is_recent, page.has_password) == (True, True)
    sqlite_desk.clock.tick(minutes=11)
    await Proof.arrive.fn(page)
    assert not page.is_recent
    with pytest.raises(NotAllowed):
        await Proof.confirm.fn(page, {"password": "wrong"})
    assert not page.is_recent
    await Proof.confirm.fn(page, {"password": PASSWORD})
    assert page.is_recent
    assert PASSWORD not in repr(page.dict())


async def test_without_a_session_nothing_is_shown(sqlite_desk: Desk) -> None:
    for screen in signed_in(sqlite_desk.owner):
        guard._actor.set(None)
        with pytest.raises(NotAllowed):
            await Sessions.arrive.fn(await screen.get(Sessions))
