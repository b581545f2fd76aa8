"""What stands where there is nothing (yet): empty, failed, loading."""

from typing import Any

import reflex as rx
from reflex.vars.base import Var

from casso.ui.parts.icon import icon


def state(
    sign: str, title: Var[str], text: Var[str] | None = None, *actions: rx.Component, level: Any = rx.el.h2
) -> rx.Component:
    """A calm message in the middle of its place: what it is, what to do."""
    return rx.el.div(
        icon(sign, 24),
        level(title),
        *([rx.el.p(text)] if text is not None else []),
        *([rx.el.div(*actions, class_name="acts")] if actions else []),
        class_name="state",
    )


def bar(width: str, height: str = "10px") -> rx.Component:
    """A grey bar where words will be."""
    return rx.el.span(class_name="sk", style={"width": width, "height": height})


def row_skeletons(label: Var[str], count: int = 8) -> rx.Component:
    """The list before it is there, in its final layout."""
    widths = ("45%", "80%", "65%"), ("30%", "70%", "88%"), ("52%", "60%", "75%")
    return rx.el.div(
        rx.el.span(label, class_name="sr"),
        *(
            rx.el.div(
                rx.el.span(),
                rx.el.div(*(bar(width) for width in widths[index % 3])),
                class_name="row",
                custom_attrs={"aria-hidden": "true"},
            )
            for index in range(count)
        ),
        role="status",
    )


def message_skeletons(label: Var[str]) -> rx.Component:
    """The ticket before it is there."""
    return rx.el.div(
        rx.el.span(label, class_name="sr"),
        *(
            rx.el.div(
                rx.el.div(
                    rx.el.span(
                        class_name="sk", style={"width": "32px", "height": "32px", "borderRadius": "50%"}
                    ),
                    rx.el.div(bar("180px"), class_name="p"),
                    class_name="skhead",
                ),
                rx.el.div(*(bar(width) for width in widths), class_name="body"),
                class_name="msg",
                custom_attrs={"aria-hidden": "true"},
            )
            for widths in (("30%", "92%", "84%", "40%"), ("88%", "61%"))
        ),
        class_name="col",
        role="status",
    )
