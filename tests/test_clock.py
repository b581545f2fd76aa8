"""One clock for everybody, which tests and the demo can set."""

from datetime import UTC, datetime, timedelta, timezone

from casso import clock
from casso.clock import now, pretend

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_now_is_aware_and_in_utc() -> None:
    assert now().utcoffset() == timedelta(0)


def test_a_pretended_moment_reaches_whoever_imported_now() -> None:
    with pretend(NOON):
        assert now() == clock.now() == NOON
    assert now() != NOON


def test_pretended_moments_nest_and_turn_to_utc() -> None:
    with pretend(NOON):
        with pretend(datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))):
            assert now() == NOON - timedelta(hours=2)
        assert now() == NOON


def test_ticks_never_go_back_while_the_time_is_pretended() -> None:
    first = clock.ticks()
    with pretend(NOON):
        assert clock.ticks() >= first
