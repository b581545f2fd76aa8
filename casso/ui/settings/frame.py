"""The settings around their pages: the list at the side, the sheet in the middle."""

from typing import Any

import reflex as rx
from reflex.vars.base import Var

from casso.rules.permissions import Action
from casso.ui.me import Me
from casso.ui.parts.icon import icon
from casso.ui.parts.menu import item_link
from casso.ui.parts.states import state
from casso.ui.shell import shell
from casso.ui.t import t

# Pages of the organization, and what a person needs to be shown each.
OF_ORGANIZATION = (
    ("general", "building-2", Action.CHANGE_SETTINGS),
    ("members", "user", Action.MANAGE_MEMBERS),
    ("teams", "users", Action.MANAGE_MEMBERS),
    ("roles", "shield-check", Action.MANAGE_ROLES),
    ("mailboxes", "at-sign", Action.CHANGE_SETTINGS),
    ("quarantine", "shield-alert", Action.READ_QUARANTINE),
    ("activity", "history", Action.READ_TRAIL),
)

OF_PERSON = (
    ("profile", "circle-user"),
    ("appearance", "palette"),
    ("security", "key-round"),
    ("sessions", "monitor-smartphone"),
)


def settings_page(
    here: str, *children: Any, for_admins: bool = True, needs: Action = Action.CHANGE_SETTINGS
) -> rx.Component:
    """A settings page; pages of the organization say so to those who may not see them."""
    sheet = rx.el.div(*children, class_name="sheet")
    refused = rx.cond(Me.account_id > 0, no_permission())
    shown = rx.cond(Me.may.contains(needs.value), sheet, refused) if for_admins else sheet
    return shell(
        rx.el.div(
            rx.el.nav(
                rx.el.h1(t("settings.label")),
                rx.cond(Me.may.contains(Action.READ_SETTINGS.value), rx.el.h2(t("settings.organization"))),
                *(
                    rx.cond(Me.may.contains(needed.value), _link(name, sign, here))
                    for name, sign, needed in OF_ORGANIZATION
                ),
                rx.cond(Me.is_operator, _of_installation(here)),
                rx.el.h2(t("settings.you")),
                *(_link(name, sign, here) for name, sign in OF_PERSON),
                class_name="setnav",
                aria_label=t("settings.label"),
            ),
            rx.el.main(shown, class_name="setmain", id="casso-main"),
            class_name="set",
        ),
        kind="page",
        here="settings",
    )


def _of_installation(here: str) -> rx.Component:
    """What only operators see; mail for nobody stands on the page of kept mail."""
    kept = _link("quarantine", "shield-alert", here)
    return rx.fragment(
        rx.cond(Me.may.contains(Action.READ_QUARANTINE.value), rx.fragment(), kept),
        rx.el.h2(t("settings.installation")),
        _link("operators", "server", here),
        _link("health", "activity", here),
    )


def _link(name: str, sign: str, here: str) -> rx.Component:
    to = "/settings" if name == "general" else f"/settings/{name}"
    return item_link(rx.el.span(t(f"settings.{name}")), to=to, on=Var.create(name == here), sign=sign)


def sheet_head(title: Var[str], lead: Var[str], *actions: rx.Component) -> rx.Component:
    """The title of a settings page, what it is for, and what can be added."""
    return rx.el.header(rx.el.div(rx.el.h2(title), rx.el.p(lead, class_name="lead")), *actions)


def no_permission() -> rx.Component:
    """Said instead of a page that this person may not see."""
    return state(
        "lock", t("state.no_permission"), t("state.no_permission_hint", organization=Me.organization)
    )


def field(label: Var[str], control: rx.Component, hint: Var[str] | None = None) -> rx.Component:
    """A labelled control; the label wraps it, so no ids are needed."""
    return rx.el.label(
        rx.el.span(label, class_name="label"),
        control,
        *([rx.el.span(hint, class_name="hint")] if hint is not None else []),
        class_name="field",
    )


def text_input(name: str, value: Var[str] | str = "", **props: Any) -> rx.Component:
    """An uncontrolled input: the server never writes into it while somebody types."""
    return rx.el.input(name=name, default_value=value, class_name="input", auto_complete="off", **props)


def choice(name: str, current: Var[str], options: tuple[tuple[str, Var[str]], ...]) -> rx.Component:
    """A drop-down of a few values."""
    return rx.el.select(
        *(rx.el.option(label, value=value) for value, label in options),
        name=name,
        default_value=current,
        class_name="input",
    )


def intent_field() -> rx.Component:
    """The id of this act, made by composer.js: a double click or a reconnect saves once."""
    return rx.el.input(type="hidden", name="intent", default_value="")


def saved_mark(shown: Var[bool]) -> rx.Component:
    """`Saved`, beside the button that did it."""
    return rx.el.span(
        rx.cond(shown, rx.fragment(icon("check", 13), " ", t("settings.saved"))),
        role="status",
        class_name="hint",
    )
