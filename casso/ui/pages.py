"""The list of pages: address, what it draws, and what fills it on arrival.

Adding a screen means adding a line here; casso.py registers them all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx


@dataclass(frozen=True, slots=True)
class Page:
    """One address of the agent's screen."""

    route: str
    draw: Callable[[], rx.Component]
    title: str
    on_load: Any = None


def _soon() -> rx.Component:
    return rx.el.main(rx.el.h1("Casso"))


PAGES: tuple[Page, ...] = (Page("/", _soon, "Casso"), Page("/settings", _soon, "Casso"))
HEAD: tuple[rx.Component, ...] = ()
STYLESHEETS: tuple[str, ...] = ()
