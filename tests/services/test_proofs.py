"""A sensitive act needs a proof of the last ten minutes, and a wrong password is none."""

from dataclasses import replace

import pytest

from casso.access import Actor
from casso.db import transaction
from casso.errors import NotAllowed, NotProved, TooManyTries
from casso.services import devices, proofs
from casso.values.caller import Caller
from tests.desks import PASSWORD, Desk
from tests.services.people import HOME, signed_in, trail


def later(desk: Desk, **parts: float) -> Actor:
    """Somebody who signed in that long ago."""
    actor = signed_in(desk.owner.account_id)
    desk.clock.tick(**parts)
    return actor


def test_signing_in_is_a_proof_for_ten_minutes(desk: Desk) -> None:
    actor = later(desk, minutes=9)
    proofs.require_recent_proof(actor)
    desk.clock.tick(minutes=2)
    with pytest.raises(NotProved):
        proofs.require_recent_proof(actor)


def test_the_password_is_a_proof_again(desk: Desk) -> None:
    actor = later(desk, hours=3)
    proofs.prove_password(actor, PASSWORD, HOME)
    proofs.require_recent_proof(actor)


def test_a_second_factor_can_be_one(sqlite_desk: Desk) -> None:
    actor = later(sqlite_desk, hours=3)
    with transaction(actor.organization_id) as session:
        proofs.note_proof(session, actor)
    proofs.require_recent_proof(actor)


def test_a_proof_counts_for_its_own_session_only(sqlite_desk: Desk) -> None:
    actor, other = later(sqlite_desk, hours=3), later(sqlite_desk, hours=3)
    proofs.prove_password(actor, PASSWORD, HOME)
    assert not proofs.has_recent_proof(other)
    assert not proofs.has_recent_proof(replace(actor, sign_in_id=None))
    assert not proofs.has_recent_proof(replace(actor, organization_id=sqlite_desk.other.organization_id))


def test_a_clock_set_back_makes_no_proof(sqlite_desk: Desk) -> None:
    actor = later(sqlite_desk, hours=3)
    proofs.prove_password(actor, PASSWORD, HOME)
    sqlite_desk.clock.tick(days=-1)
    assert not proofs.has_recent_proof(actor)


@pytest.mark.parametrize("password", ["", "wrong horse battery", PASSWORD + "\x00", "\ud800", "x" * 100_000])
def test_a_wrong_password_proves_nothing_and_leaves_its_line(sqlite_desk: Desk, password: str) -> None:
    actor = later(sqlite_desk, hours=3)
    with pytest.raises(NotAllowed):
        proofs.prove_password(actor, password, HOME)
    assert not proofs.has_recent_proof(actor)
    assert trail(sqlite_desk, "session.failed") == ["Firefox 144 on Windows, 192.0.2.7"]


def test_whoever_sits_at_a_strangers_screen_guesses_a_handful_of_times(sqlite_desk: Desk) -> None:
    actor = later(sqlite_desk, hours=3)
    for number in range(5):
        with pytest.raises(NotAllowed):
            proofs.prove_password(actor, f"guess number {number}", HOME)
    with pytest.raises(TooManyTries):
        proofs.prove_password(actor, PASSWORD, HOME)
    known = Caller(HOME.ip, HOME.browser, devices.device_cookie(actor.account_id or 0))
    proofs.prove_password(actor, PASSWORD, known)
