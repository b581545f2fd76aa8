"""The mailboxes page: every address with its state, and the form to add or change one."""

import reflex as rx
from reflex.vars.base import Var

from casso.queries.rows import MailboxRow
from casso.rules.permissions import Action
from casso.ui.me import Me
from casso.ui.moments import ago
from casso.ui.parts.button import button
from casso.ui.parts.chip import chip
from casso.ui.parts.icon import icon
from casso.ui.parts.states import bar, state
from casso.ui.settings.frame import choice, field, intent_field, settings_page, sheet_head, text_input
from casso.ui.settings.mailboxes_state import CLOSED, NEW, RUNNING, Mailboxes
from casso.ui.t import t, t_of

SECURITIES = ("tls", "starttls", "none")
_MAY_MANAGE = Me.may.contains(Action.MANAGE_MAILBOXES.value)


def mailboxes_page() -> rx.Component:
    """The page."""
    new = button(t("mailboxes.add"), sign="plus", kind="primary", on_click=Mailboxes.open(NEW))
    add = rx.cond(_MAY_MANAGE, new)
    return settings_page(
        "mailboxes",
        sheet_head(t("mailboxes.title"), t("mailboxes.lead"), add),
        rx.cond(_MAY_MANAGE & Mailboxes.may_be_overheard, _warning(t("mailboxes.out_in_clear"))),
        rx.cond(Mailboxes.opened == NEW, _form(_blank())),
        rx.cond(
            Mailboxes.is_ready,
            rx.cond(
                Mailboxes.rows.length() > 0,
                rx.foreach(Mailboxes.rows, _mailbox),
                rx.cond(
                    Mailboxes.opened == CLOSED,
                    rx.el.div(
                        state("at-sign", t("mailboxes.none"), t("mailboxes.none_hint")), class_name="card"
                    ),
                ),
            ),
            rx.el.div(bar("40%"), bar("60%"), class_name="card", custom_attrs={"aria-hidden": "true"}),
        ),
        rx.cond(
            _MAY_MANAGE & (Mailboxes.smtp_address != ""),
            rx.el.p(t("mailboxes.server_hint", address=Mailboxes.smtp_address), class_name="lead"),
        ),
    )


def _blank() -> Var[MailboxRow]:
    return rx.Var.create(MailboxRow(0, "", ""))


def _mailbox(row: Var[MailboxRow]) -> rx.Component:
    return rx.cond(
        Mailboxes.opened == row.id,
        _form(row),
        rx.el.div(
            rx.el.div(
                rx.el.div(
                    rx.el.b(row.address),
                    rx.cond(row.is_default, rx.fragment(" ", chip(t("mailboxes.default")))),
                    rx.cond(row.name != "", rx.el.p(row.name)),
                    rx.cond(_MAY_MANAGE, _condition(row)),
                ),
                rx.cond(_MAY_MANAGE, button(t("mailboxes.edit"), on_click=Mailboxes.open(row.id))),
                class_name="entry",
            ),
            class_name="card",
        ),
    )


def _condition(row: Var[MailboxRow]) -> rx.Component:
    checked = rx.cond(
        row.last_checked_iso != "",
        t("mailboxes.imap_on", when=ago(row.last_checked_iso)),
        t("mailboxes.imap_never"),
    )
    failed = t("mailboxes.imap_error", reason=t_of("imap.", row.last_error, otherwise="other"))
    fetched = rx.cond(row.last_error != "", rx.el.p(failed, class_name="bad"), rx.el.p(checked))
    return rx.fragment(
        rx.cond(row.is_imap_on, fetched, rx.el.p(t("mailboxes.smtp"))),
        rx.cond(row.is_in_clear, _warning(t("mailboxes.in_clear"))),
    )


def _warning(text: Var[str]) -> rx.Component:
    return rx.el.div(icon("triangle-alert"), rx.el.span(text), class_name="notice warn", role="note")


def _form(row: Var[MailboxRow]) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="then", default_value=""),
        intent_field(),
        _names(row),
        _imap(row),
        _options(row),
        _test_result(),
        rx.el.footer(
            rx.el.button(
                t("settings.save"),
                type="submit",
                class_name="btn primary",
                custom_attrs={"data-submit-as": ""},
            ),
            rx.cond(
                row.id > 0,
                rx.el.button(
                    t("mailboxes.test"),
                    type="submit",
                    class_name="btn if-imap",
                    custom_attrs={"data-submit-as": "test"},
                ),
            ),
            button(t("mailboxes.cancel"), on_click=Mailboxes.open(CLOSED)),
        ),
        on_submit=Mailboxes.submit,
        reset_on_submit=False,
        key="mailbox" + row.id.to_string(),
        class_name="card",
    )


def _names(row: Var[MailboxRow]) -> rx.Component:
    return rx.el.div(
        field(
            t("mailboxes.address"),
            text_input("address", row.address, type="email", required=True),
            t("mailboxes.address_hint"),
        ),
        field(t("mailboxes.name"), text_input("name", row.name, max_length=100), t("mailboxes.name_hint")),
        class_name="two",
    )


def _imap(row: Var[MailboxRow]) -> rx.Component:
    security = tuple((name, t(f"mailboxes.security_{name}")) for name in SECURITIES)
    password = text_input(
        "password",
        type="password",
        placeholder=rx.cond(row.imap_login != "", t("mailboxes.password_keep"), ""),
    )
    return rx.fragment(
        _switch("is_enabled", row.is_imap_on, t("mailboxes.imap"), t("mailboxes.imap_hint")),
        rx.el.div(
            rx.el.div(
                field(t("mailboxes.host"), text_input("host", row.imap_host, spell_check=False)),
                field(
                    t("mailboxes.port"), text_input("port", row.imap_port.to_string(), input_mode="numeric")
                ),
                field(t("mailboxes.security"), choice("security", row.imap_security, security)),
                class_name="three",
            ),
            rx.el.div(
                field(t("mailboxes.login"), text_input("login", row.imap_login, spell_check=False)),
                field(t("mailboxes.password"), password),
                class_name="two",
            ),
            field(t("mailboxes.folder"), text_input("folder", row.imap_folder, spell_check=False)),
            class_name="group if-imap",
        ),
    )


def _options(row: Var[MailboxRow]) -> rx.Component:
    """Whose words count about who wrote a mail."""
    return rx.el.fieldset(
        rx.el.legend(t("mailboxes.options"), class_name="label"),
        _switch(
            "uses_reply_to",
            row.uses_reply_to,
            t("mailboxes.uses_reply_to"),
            t("mailboxes.uses_reply_to_hint"),
        ),
        _switch(
            "unfolds_forwards",
            row.unfolds_forwards,
            t("mailboxes.unfolds_forwards"),
            t("mailboxes.unfolds_forwards_hint"),
        ),
        field(
            t("mailboxes.trusted_receiver"),
            text_input("trusted_receiver", row.trusted_receiver, spell_check=False, max_length=255),
            t("mailboxes.trusted_receiver_hint"),
        ),
        class_name="group",
    )


def _switch(name: str, is_on: Var[bool], label: Var[str], hint: Var[str]) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=name, default_checked=is_on),
        rx.el.span(label, rx.el.span(hint, class_name="hint")),
        class_name="check",
    )


def _test_result() -> rx.Component:
    detail = rx.cond(Mailboxes.test_detail != "", " (" + Mailboxes.test_detail + ")", "")
    return rx.el.div(
        rx.match(
            Mailboxes.test_code,
            ("", rx.fragment()),
            (RUNNING, rx.el.p(t("mailboxes.testing"), class_name="notice")),
            (
                "ok",
                rx.el.p(
                    icon("check"), t("mailboxes.test_ok", n=Mailboxes.test_count), class_name="notice good"
                ),
            ),
            rx.el.p(
                icon("circle-alert"),
                rx.el.span(t_of("imap.", Mailboxes.test_code, otherwise="other"), detail),
                class_name="notice bad",
            ),
        ),
        role="status",
    )
