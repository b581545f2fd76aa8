"""Buttons: one with a word, one with an icon whose word is its label and tooltip."""

from typing import Any

import reflex as rx
from reflex.vars.base import Var

from casso.ui.parts.icon import icon


def button(
    label: Var[str], *, sign: str = "", kind: str = "", key: str = "", submit: bool = False, **props: Any
) -> rx.Component:
    """A button with a word; `key` is the keyboard key that presses it."""
    return rx.el.button(
        *([icon(sign)] if sign else []),
        label,
        class_name=f"btn {kind}".strip(),
        type="submit" if submit else "button",
        **_with_key(key, props),
    )


def icon_button(sign: str, label: Var[str], *, key: str = "", kind: str = "", **props: Any) -> rx.Component:
    """A button that is only an icon; the word is its name and tooltip."""
    return rx.el.button(
        icon(sign),
        class_name=f"ico {kind}".strip(),
        type="button",
        title=_titled(label, key),
        aria_label=label,
        **_with_key(key, props),
    )


def _titled(label: Var[str], key: str) -> Var[str]:
    return label + f" ({key})" if key else label


def _with_key(key: str, props: dict[str, Any]) -> dict[str, Any]:
    if not key:
        return props
    attrs = {"data-key": key, "aria-keyshortcuts": key, **props.pop("custom_attrs", {})}
    return {**props, "custom_attrs": attrs}
