"""Whoever guesses waits; the owner of the address does not; and a restart forgets nothing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from casso import db
from casso.db import transaction
from casso.errors import TooManyTries
from casso.models import Throttle
from casso.services.throttles import LIMITS, Door, check, note_failure, note_success, take_try, trust
from tests import desks
from tests.desks import Desk

ANA = "ana@example.test"
HOME, CAFE = "192.0.2.7", "198.51.100.9"
FREE = LIMITS[Door.SIGN_IN].subject.free


def try_in(subject: str = ANA, ip: str = CAFE, door: Door = Door.SIGN_IN, device: str = "") -> bool:
    """Whether a (wrong) try was let in at all."""
    try:
        take_try(door, subject, ip, device=device)
    except TooManyTries:
        return False
    return True


def many(count: int, **how: str) -> int:
    return sum(try_in(**how) for _ in range(count))  # type: ignore[arg-type]


def attacker(number: int) -> str:
    """Another network each time."""
    return f"203.{number // 250}.{number % 250}.1"


def test_two_hundred_guesses_from_one_place_are_a_handful(desk: Desk) -> None:
    assert many(200) == FREE


def test_guesses_from_two_hundred_networks_are_a_handful_too(sqlite_desk: Desk) -> None:
    assert sum(try_in(ip=attacker(number)) for number in range(200)) == FREE


def test_one_network_guessing_many_addresses_waits_as_well(sqlite_desk: Desk) -> None:
    let_in = sum(try_in(subject=f"person{number}@example.test") for number in range(200))
    assert let_in == LIMITS[Door.SIGN_IN].network.free


def test_the_wait_is_told_and_ends(sqlite_desk: Desk) -> None:
    many(FREE)
    with pytest.raises(TooManyTries) as caught:
        check(Door.SIGN_IN, ANA, CAFE)
    assert 0 < caught.value.seconds <= 16
    assert caught.value.values == {"minutes": 1}
    sqlite_desk.clock.tick(seconds=caught.value.seconds)
    check(Door.SIGN_IN, ANA, CAFE)
    assert many(10) == 1


def test_guesses_made_while_one_waits_do_not_make_the_wait_longer(sqlite_desk: Desk) -> None:
    many(200)
    sqlite_desk.clock.tick(seconds=16)
    assert many(1) == 1


def test_the_owner_gets_in_from_a_network_known_for_the_address_while_it_is_hammered(desk: Desk) -> None:
    take_try(Door.SIGN_IN, ANA, HOME)
    note_success(Door.SIGN_IN, ANA, HOME)
    sum(try_in(ip=attacker(number)) for number in range(200))
    with pytest.raises(TooManyTries):
        check(Door.SIGN_IN, ANA, CAFE)
    check(Door.SIGN_IN, ANA, HOME)


def test_the_owner_gets_in_with_a_known_browser_even_from_the_attackers_network(sqlite_desk: Desk) -> None:
    many(200)
    sum(try_in(subject=f"person{number}@example.test") for number in range(100))
    check(Door.SIGN_IN, ANA, CAFE, device="the browser she used before")


def test_a_known_browser_has_no_endless_tries_either(sqlite_desk: Desk) -> None:
    assert many(200, device="stolen") == FREE


def test_a_right_password_forgets_the_typing_errors_before_it(sqlite_desk: Desk) -> None:
    for _ in range(5):
        assert many(FREE - 1) == FREE - 1
        note_success(Door.SIGN_IN, ANA, CAFE)


def test_an_attacker_with_an_account_of_his_own_buys_no_tries_with_it(sqlite_desk: Desk) -> None:
    guessed = 0
    for number in range(200):
        guessed += try_in(subject=f"person{number}@example.test")
        if try_in(subject="eve@example.test"):
            note_success(Door.SIGN_IN, "eve@example.test", CAFE)
    assert guessed <= LIMITS[Door.SIGN_IN].network.free


def test_signing_in_all_morning_from_one_office_blocks_nobody(sqlite_desk: Desk) -> None:
    for number in range(100):
        take_try(Door.SIGN_IN, f"agent{number}@example.test", HOME)
        note_success(Door.SIGN_IN, f"agent{number}@example.test", HOME)


def test_doors_do_not_share_their_counts(sqlite_desk: Desk) -> None:
    many(200)
    assert try_in(door=Door.SECOND_FACTOR)


def test_a_restart_forgets_nothing(desk: Desk) -> None:
    many(200)
    desks.forget()
    with pytest.raises(TooManyTries):
        check(Door.SIGN_IN, ANA, CAFE)


def test_parallel_guesses_each_count(desk: Desk) -> None:
    with ThreadPoolExecutor(16) as pool:
        let_in = sum(pool.map(lambda _: try_in(), range(60)))
    assert let_in == FREE


def fail() -> None:
    with transaction() as session:
        note_failure(session, Door.SIGN_IN, ANA, CAFE)


def test_check_alone_counts_nothing_and_a_noted_failure_counts(desk: Desk) -> None:
    for _ in range(50):
        check(Door.SIGN_IN, ANA, CAFE)
    for _ in range(FREE):
        fail()
    with pytest.raises(TooManyTries):
        check(Door.SIGN_IN, ANA, CAFE)


def test_a_right_try_that_was_only_checked_forgets_the_failures_and_makes_the_network_known(
    desk: Desk,
) -> None:
    fail()
    trust(Door.SIGN_IN, ANA, CAFE)
    for _ in range(FREE - 1):
        fail()
    check(Door.SIGN_IN, ANA, CAFE)
    sum(try_in(ip=attacker(number)) for number in range(200))
    check(Door.SIGN_IN, ANA, CAFE)


def test_being_right_again_and_again_takes_nothing_off_the_networks_count(sqlite_desk: Desk) -> None:
    for number in range(LIMITS[Door.SIGN_IN].network.free):
        try_in(subject=f"person{number}@example.test")
        trust(Door.SIGN_IN, "eve@example.test", CAFE)
    with pytest.raises(TooManyTries):
        check(Door.SIGN_IN, "somebody@example.test", CAFE)


def test_the_table_names_neither_address_nor_network(sqlite_desk: Desk) -> None:
    many(3)
    with db.reading() as session:
        rows = repr(session.exec(select(Throttle)).all())
    assert ANA not in rows
    assert CAFE not in rows
    assert "198.51.100" not in rows


def test_every_door_has_its_limits() -> None:
    assert set(LIMITS) == set(Door)
