"""Waits grow, end by themselves, and are never longer than the longest."""

from datetime import UTC, datetime, timedelta

from casso.rules.throttling import Count, Limit, wait_left, with_try

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIMIT = Limit(
    free=3,
    first_wait=timedelta(seconds=15),
    longest_wait=timedelta(minutes=15),
    window=timedelta(hours=1),
)
ZERO = timedelta(0)


def after(tries: int) -> tuple[Count, datetime]:
    """The count after that many tries, each made as soon as it is free."""
    count, moment = Count(0, START), START
    for _ in range(tries):
        moment += wait_left(count, LIMIT, moment)
        count = with_try(count, LIMIT, moment)
    return count, moment


def test_the_first_tries_cost_nothing() -> None:
    count, moment = after(2)
    assert wait_left(count, LIMIT, moment) == ZERO


def test_waits_double_up_to_the_longest() -> None:
    waits = [wait_left(*_args(tries)).total_seconds() for tries in range(3, 12)]
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900]


def _args(tries: int) -> tuple[Count, Limit, datetime]:
    count, moment = after(tries)
    return count, LIMIT, moment


def test_a_wait_ends_by_itself_and_the_next_one_is_longer() -> None:
    count, moment = after(3)
    assert wait_left(count, LIMIT, moment + timedelta(seconds=15)) == ZERO
    count = with_try(count, LIMIT, moment + timedelta(seconds=15))
    assert wait_left(count, LIMIT, moment + timedelta(seconds=15)) == timedelta(seconds=30)


def test_after_a_quiet_window_one_starts_anew() -> None:
    count, moment = after(10)
    later = moment + LIMIT.longest_wait + LIMIT.window
    assert with_try(count, LIMIT, later) == Count(1, later)


def test_a_million_tries_wait_no_longer_than_the_longest() -> None:
    count = with_try(Count(1_000_000, START), LIMIT, START)
    assert wait_left(count, LIMIT, START) == LIMIT.longest_wait


def test_a_clock_set_back_neither_frees_nor_locks() -> None:
    count, moment = after(9)
    back = moment - timedelta(days=30)
    assert wait_left(count, LIMIT, back) == LIMIT.longest_wait
    assert with_try(count, LIMIT, back) == Count(1, back)
