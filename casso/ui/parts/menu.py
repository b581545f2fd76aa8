"""A menu on <details>: opens without script, is closed by casso.js on Escape or a click elsewhere."""

from typing import Any

import reflex as rx
from reflex.vars.base import Var
from reflex_components_core.react_router.dom import ReactRouterLink

from casso.ui.parts.icon import icon


def menu(
    summary: rx.Component, *items: rx.Component, place: str = "", label: Var[str] | str = "", key: str = ""
) -> rx.Component:
    """`summary` is a rx.el.summary; `place` is "end", "up" or a class of its own."""
    attrs = {"data-key": key, "aria-keyshortcuts": key} if key else {}
    if attrs:
        summary.custom_attrs = {**(summary.custom_attrs or {}), **attrs}
    return rx.el.details(
        summary, rx.el.div(*items, class_name="panel"), class_name=f"menu {place}".strip(), aria_label=label
    )


def item(
    label: Var[str] | rx.Component, *, sign: str = "", on: Var[bool] | None = None, **props: Any
) -> rx.Component:
    """One choice that does something."""
    return rx.el.button(
        *([icon(sign)] if sign else []),
        rx.el.span(label),
        type="button",
        class_name="item" if on is None else rx.cond(on, "item on", "item"),
        **props,
    )


def item_link(
    *children: Any, to: Var[str] | str, on: Var[bool] | None = None, sign: str = ""
) -> rx.Component:
    """One choice that leads somewhere inside the application."""
    return ReactRouterLink.create(
        *([icon(sign)] if sign else []),
        *children,
        to=to,
        class_name="item" if on is None else rx.cond(on, "item on", "item"),
        aria_current="page" if on is None else rx.cond(on, "page", "false"),
    )
