"""Moments, numbers and sizes as people of a language and zone write them."""

from datetime import UTC, datetime

import pytest

from casso.words.formats import format_day, format_moment, format_number, format_size

MOMENT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


def test_a_moment_is_told_in_the_zone_of_the_reader() -> None:
    assert format_moment("de", "Europe/Berlin", MOMENT) == "02.03.2026, 00:30:00"
    assert "Mar 1, 2026" in format_moment("en", "UTC", MOMENT)


def test_a_day_may_be_another_one_elsewhere() -> None:
    assert format_day("de", "Asia/Tokyo", MOMENT) == "02.03.2026"
    assert format_day("de", "America/New_York", MOMENT) == "01.03.2026"


def test_an_unknown_zone_or_language_still_tells_the_time() -> None:
    assert format_day("tlh", "Mars/Olympus", MOMENT) == "Mar 1, 2026"
    assert format_day("de", "../../etc/passwd", MOMENT) == "01.03.2026"


@pytest.mark.parametrize(
    ("size", "english", "german"),
    [
        (0, "0 B", "0 B"),
        (999, "999 B", "999 B"),
        (1000, "1 kB", "1 kB"),
        (1500, "1.5 kB", "1,5 kB"),
        (84_000, "84 kB", "84 kB"),
        (9_940_000, "9.9 MB", "9,9 MB"),
        (25_000_000, "25 MB", "25 MB"),
        (3_200_000_000, "3.2 GB", "3,2 GB"),
    ],
)
def test_sizes_are_short_and_in_powers_of_a_thousand(size: int, english: str, german: str) -> None:
    assert format_size("en", size) == english
    assert format_size("de", size) == german


def test_numbers_are_grouped_as_the_language_does() -> None:
    assert format_number("en", 1284) == "1,284"
    assert format_number("de", 1284) == "1.284"
