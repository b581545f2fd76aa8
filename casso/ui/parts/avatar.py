"""The round mark with a person's initials; agents in the accent colour."""

import reflex as rx
from reflex.vars.base import Var


def avatar(
    initials: Var[str], *, agent: bool | Var[bool] = False, large: bool = False, title: Var[str] | str = ""
) -> rx.Component:
    """The mark; with a title it is an image for screen readers, else decoration."""
    base = "av m" if large else "av"
    shown = rx.cond(agent, f"{base} a", base) if isinstance(agent, Var) else (f"{base} a" if agent else base)
    if isinstance(title, Var) or title:
        return rx.el.span(initials, class_name=shown, title=title, role="img", aria_label=title)
    return rx.el.span(initials, class_name=shown, custom_attrs={"aria-hidden": "true"})
