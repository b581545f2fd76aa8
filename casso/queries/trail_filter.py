"""The trail's filter as address bar and export form carry it; whatever does not fit means anything."""

from collections.abc import Mapping
from urllib.parse import urlencode

from casso.queries.trail import NOBODY, TrailFilter

LONGEST = 100
_CASSO = "casso"


def filter_of(parameters: Mapping[str, str]) -> TrailFilter:
    """The filter that a query string or a form asks for."""
    return TrailFilter(
        person=_person(parameters.get("person", "")),
        kind=parameters.get("kind", "")[:LONGEST],
        ticket=_number(parameters.get("ticket", "").strip().removeprefix("#")),
        first_day=parameters.get("from", "")[:10],
        last_day=parameters.get("to", "")[:10],
        words=parameters.get("q", "").strip()[:LONGEST],
    )


def suffix_of(wanted: TrailFilter) -> str:
    """The query string of a filter; what means anything leaves no trace."""
    named = fields_of(wanted)
    text = urlencode({name: value for name, value in named.items() if value})
    return "?" + text if text else ""


def fields_of(wanted: TrailFilter) -> dict[str, str]:
    """The filter as the fields of a form, each empty when it means anything."""
    person = _CASSO if wanted.person == NOBODY else str(wanted.person or "")
    return {
        "person": person,
        "kind": wanted.kind,
        "ticket": str(wanted.ticket or ""),
        "from": wanted.first_day,
        "to": wanted.last_day,
        "q": wanted.words,
    }


def _person(text: str) -> int:
    return NOBODY if text == _CASSO else _number(text)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
