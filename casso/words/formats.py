"""Moments, numbers and sizes as a person of that language and zone writes them.

Used where the server writes the text (mails, plain pages, exports); on the
screens the browser formats, with the same zone.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date as babel_date
from babel.dates import format_datetime as babel_datetime
from babel.numbers import format_decimal

from casso.words import LOCALES

_STEPS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def format_moment(locale: str, zone: str, moment: datetime) -> str:
    """Day and time of an aware moment, in the zone: `12 Nov 2025, 10:31`."""
    return babel_datetime(moment, "medium", tzinfo=_zone(zone), locale=_known(locale)).replace("\u202f", " ")


def format_day(locale: str, zone: str, moment: datetime) -> str:
    """The day of an aware moment, in the zone."""
    return babel_date(moment.astimezone(_zone(zone)), "medium", locale=_known(locale))


def format_date(locale: str, day: date) -> str:
    """A day without a time, written out: `25 November 2024`."""
    return babel_date(day, "long", locale=_known(locale))


def format_number(locale: str, number: int | float) -> str:
    """1284 as `1,284` or `1.284`."""
    return format_decimal(number, locale=_known(locale))


def format_size(locale: str, size: int) -> str:
    """A file size in bytes as `84 kB`: powers of a thousand, one decimal below ten."""
    for step, unit in _STEPS:
        if size >= step:
            amount = size / step
            return f"{format_number(locale, round(amount, 1 if amount < 10 else 0))} {unit}"
    return f"{format_number(locale, size)} B"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _known(locale: str) -> str:
    return locale if locale in LOCALES else "en"
