"""The time zones offered: one list for the browser's own completion, checked again by the service."""

from zoneinfo import available_timezones

import reflex as rx
from reflex.vars.base import Var

LIST_ID = "casso-zones"


def zone_input(current: Var[str]) -> rx.Component:
    """A text field with completion; 400 options in a menu would be worse than typing `Ber`."""
    return rx.fragment(
        rx.el.input(
            name="zone",
            default_value=current,
            class_name="input",
            list=LIST_ID,
            auto_complete="off",
            spell_check=False,
        ),
        rx.el.datalist(*(rx.el.option(value=name) for name in zone_names()), id=LIST_ID),
    )


def zone_names() -> list[str]:
    """Region/City names and UTC, without the historical aliases."""
    regions = (
        "Africa",
        "America",
        "Antarctica",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    )
    return ["UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in regions)]
