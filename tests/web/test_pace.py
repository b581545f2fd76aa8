"""A socket is read no faster than a person can click; bursts of a page that comes back are free."""

import pytest

from casso import clock
from casso.web import pace
from casso.web.pace import A_SECOND, BURST, Pace


class Ticks:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    found = Ticks()
    monkeypatch.setattr(pace, "ticks", found)
    assert clock.ticks
    return found


def test_a_burst_is_free_and_what_follows_waits(ticks: Ticks) -> None:
    bucket = Pace()
    waits = [bucket.wait_seconds() for _ in range(BURST + 3)]
    assert waits[:BURST] == [0.0] * BURST
    assert waits[BURST:] == pytest.approx([1 / A_SECOND, 2 / A_SECOND, 3 / A_SECOND])


def test_a_pause_fills_the_bucket_again_and_never_over_its_rim(ticks: Ticks) -> None:
    bucket = Pace()
    for _ in range(BURST):
        bucket.wait_seconds()
    ticks.at += 1
    assert [bucket.wait_seconds() > 0 for _ in range(int(A_SECOND) + 1)].count(True) == 1
    ticks.at += 3600
    assert [bucket.wait_seconds() > 0 for _ in range(BURST + 1)].count(True) == 1


def test_somebody_who_clicks_fast_all_day_never_waits(ticks: Ticks) -> None:
    bucket = Pace()
    for _ in range(5_000):
        ticks.at += 1 / 30
        assert bucket.wait_seconds() == 0
