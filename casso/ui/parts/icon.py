"""Icons of one family (Lucide), drawn from one sprite: assets/icons.svg."""

import reflex as rx
from reflex.vars.base import Var


def icon(name: str | Var[str], size: int = 16) -> rx.Component:
    """A decorative icon; what it means is said by the label or tooltip beside it."""
    return rx.el.svg(
        rx.el.svg.use(href="/icons.svg#" + (name.to(str) if isinstance(name, Var) else name)),
        class_name="i" if size == 16 else f"i s{size}",
        custom_attrs={"aria-hidden": "true"},
    )
