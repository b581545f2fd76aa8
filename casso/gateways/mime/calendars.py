"""An invitation as a few lines of text, for mail that has no other body.

icalendar is loaded only for such mail; what it cannot read gives an empty text, the file stays.
"""

SIZE_LIMIT = 1_000_000
_LINES = ("SUMMARY", "DTSTART", "DTEND", "LOCATION", "ORGANIZER", "DESCRIPTION")


def summarise(data: bytes) -> str:
    """Title, times, place and description of the first event; empty when unreadable."""
    if len(data) > SIZE_LIMIT:
        return ""
    from icalendar import Calendar

    try:
        events = Calendar.from_ical(data).walk("VEVENT")
        return (
            "\n".join(_show(events[0].get(name)) for name in _LINES if events[0].get(name)) if events else ""
        )
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception:
        return ""


def _show(value: object) -> str:
    moment = getattr(value, "dt", None)
    text = str(moment if moment is not None else value)
    return text.removeprefix("mailto:").removeprefix("MAILTO:")
