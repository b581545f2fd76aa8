"""The frame of every page: skip link, rail, toasts, live region, key overview.

Theme, language and zone travel to casso.js as attributes of one hidden element;
the keys are one listener there, which clicks what carries `data-key`.
"""

import reflex as rx
from reflex.vars.base import Var
from reflex_components_core.core.banner import has_connection_errors
from reflex_components_core.react_router.dom import ReactRouterLink

from casso.queries.sessions import OrganizationChoice
from casso.ui.inbox.composer_state import Composer
from casso.ui.inbox.desk_state import Desk
from casso.ui.me import Me
from casso.ui.parts.avatar import face
from casso.ui.parts.button import icon_button
from casso.ui.parts.icon import icon
from casso.ui.parts.menu import item_link, menu
from casso.ui.parts.plain_form import plain_form
from casso.ui.t import t
from casso.ui.toast import toasts

KEYS = (
    ("j", "next"), ("k", "previous"), ("Enter", "open"), ("r", "reply"), ("n", "note"), ("a", "assign"),
    ("s", "status"), ("p", "priority"), ("l", "tags"), ("e", "solve"), ("u", "undo"), ("/", "search"),
    ("g i", "go_inbox"), ("g s", "go_settings"), ("?", "help"), ("Esc", "back"),
)  # fmt: skip


def shell(*children: rx.Component, kind: str | Var[str], here: str) -> rx.Component:
    """The page around its content; `kind` is at-list, at-ticket or page, `here` the rail entry that is on."""
    return rx.fragment(
        rx.el.a(t("app.skip"), href="#casso-main", class_name="btn skip"),
        rx.el.div(
            id="casso-me",
            hidden=True,
            custom_attrs={
                "data-lang": Me.lang,
                "data-theme": Me.theme,
                "data-zone": Me.zone,
                "data-account": rx.cond(
                    Me.account_id > 0,
                    Me.organization_id.to_string() + "." + Me.account_id.to_string(),
                    "0",
                ),
            },
        ),
        rx.el.div(_rail(here), *children, class_name="app " + kind),
        toasts(Composer.undo),
        rx.el.div(id="casso-live", role="status", class_name="sr"),
        rx.cond(
            has_connection_errors,
            rx.el.div(
                icon("triangle-alert"), t("toast.offline"), class_name="notice warn offline", role="status"
            ),
        ),
        _key_overview(),
    )


def _rail(here: str) -> rx.Component:
    mine = Desk.counts["mine"]
    return rx.el.nav(
        _organization(),
        _rail_link(
            "/",
            "inbox",
            t("nav.inbox"),
            here == "inbox",
            "g i",
            rx.cond(
                mine > 0,
                rx.el.span(
                    rx.cond(mine > 99, "99+", mine.to_string()),
                    rx.el.span(t("nav.mine", n=mine), class_name="sr"),
                    class_name="badge-n",
                ),
            ),
        ),
        rx.el.span(class_name="sp"),
        icon_button(
            "keyboard", t("nav.help"), key="?", kind="rail-link", custom_attrs={"popovertarget": "casso-keys"}
        ),
        _rail_link("/settings", "settings", t("nav.settings"), here == "settings", "g s"),
        _person(),
        class_name="rail",
        aria_label=t("nav.main"),
    )


def _organization() -> rx.Component:
    """Where one is; with several organizations a menu that goes to the others."""
    mark = {"class_name": "org", "title": Me.organization}
    alone = rx.el.div(Me.organization[0], custom_attrs={"aria-hidden": "true"}, **mark)
    several = menu(
        rx.el.summary(
            rx.el.span(Me.organization[0], custom_attrs={"aria-hidden": "true"}, **mark),
            rx.el.span(t("nav.switch"), class_name="sr"),
        ),
        rx.foreach(Me.organizations, _other),
        place="down switcher",
    )
    return rx.cond(Me.organizations.length() > 1, several, alone)


def _other(row: Var[OrganizationChoice]) -> rx.Component:
    return plain_form(
        rx.el.input(type="hidden", name="organization", value=row.id.to_string()),
        rx.el.button(
            rx.el.span(row.name, dir="auto"),
            type="submit",
            disabled=row.is_here,
            class_name=rx.cond(row.is_here, "item on", "item"),
            aria_current=rx.cond(row.is_here, "true", "false"),
        ),
        action="/switch",
        method="post",
        key=row.id.to_string(),
    )


def _rail_link(
    to: str, sign: str, label: Var[str], is_on: bool, key: str, *more: rx.Component
) -> rx.Component:
    return ReactRouterLink.create(
        icon(sign, 18),
        rx.el.span(label, class_name="sr"),
        *more,
        to=to,
        class_name="rail-link on" if is_on else "rail-link",
        title=label + f" ({key})",
        aria_current="page" if is_on else "false",
        custom_attrs={"data-key": key},
    )


def _person() -> rx.Component:
    return menu(
        rx.el.summary(
            rx.el.span(
                Me.initials, face(Me.picture), class_name="av a me", custom_attrs={"aria-hidden": "true"}
            ),
            rx.el.span(t("nav.menu_person"), class_name="sr"),
            title=t("nav.person", name=Me.name),
        ),
        rx.el.div(rx.el.b(Me.name), Me.email, class_name="head"),
        rx.el.hr(),
        item_link(rx.el.span(t("nav.profile")), to="/settings/profile", sign="circle-user"),
        item_link(rx.el.span(t("nav.appearance")), to="/settings/appearance", sign="palette"),
        plain_form(
            rx.el.button(icon("log-out"), rx.el.span(t("nav.sign_out")), type="submit", class_name="item"),
            action="/sign-out",
            method="post",
        ),
    )


def _key_overview() -> rx.Component:
    rows = [part for key, name in KEYS for part in _keys_of(name, key)]
    return rx.el.div(
        rx.el.h2(
            t("keys.title"),
            icon_button("x", t("state.close"), custom_attrs={"popovertarget": "casso-keys"}),
        ),
        rx.el.dl(
            *rows, *_keys_of("send", t("composer.keys")), *_keys_of("send_solve", t("composer.keys_solve"))
        ),
        rx.el.p(t("keys.none")),
        id="casso-keys",
        class_name="keys",
        role="dialog",
        aria_label=t("keys.title"),
        custom_attrs={"popover": "auto"},
    )


def _keys_of(name: str, key: str | Var[str]) -> tuple[rx.Component, rx.Component]:
    return rx.el.dt(t(f"keys.{name}")), rx.el.dd(rx.el.kbd(key))
