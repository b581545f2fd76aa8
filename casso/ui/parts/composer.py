"""Where an answer or a note is written. Uncontrolled: the server never writes into its fields.

casso.js keeps the text per ticket, uploads files, makes the intent and empties the
field once `done` names that intent.
"""

from dataclasses import dataclass

import reflex as rx
from reflex.vars.base import Var

from casso.services.attachments import LARGEST_FILE
from casso.ui.parts.button import icon_button
from casso.ui.parts.icon import icon
from casso.ui.parts.menu import item, menu
from casso.ui.t import t


@dataclass(frozen=True, slots=True)
class ComposerParts:
    """What the composer shows and whom it tells."""

    submit: rx.EventHandler
    ticket: Var[int]
    version: Var[int]
    customer: Var[str]
    to_line: Var[str]
    cc: Var[list[str]]
    done: Var[str]
    undone: Var[str]
    is_hidden: Var[bool]


def composer(part: ComposerParts) -> rx.Component:
    """The whole form, docked below the ticket; the chosen files themselves are not part of it."""
    picker = rx.el.input(
        id="casso-files", type="file", multiple=True, hidden=True, aria_label=t("composer.attach")
    )
    return rx.fragment(_form(part), picker, _courier(part.submit))


def _form(part: ComposerParts) -> rx.Component:
    return rx.el.form(
        *(_hidden(name) for name in ("intent", "uploads", "then")),
        _hidden("ticket", part.ticket.to_string()),
        _hidden("version", part.version.to_string()),
        rx.el.div(_top(part), _area(part), rx.el.div(class_name="uploads"), _bottom(part), class_name="in",
                  custom_attrs={"data-drop": t("composer.drop")}),
        on_submit=part.submit,
        reset_on_submit=False,
        class_name="composer",
        hidden=part.is_hidden,
        aria_label=t("composer.label"),
        custom_attrs={
            "data-draft": part.ticket.to_string(),
            "data-done": part.done,
            "data-undone": part.undone,
            "data-empty": t("composer.empty"),
            "data-wait": t("composer.upload_wait"),
            "data-early": t("composer.early"),
            "data-unconnected": t("composer.unconnected"),
            "data-under-way": t("composer.under_way"),
            "data-unconfirmed": t("composer.unconfirmed"),
            "data-gone": t("composer.uploads_gone"),
            "data-held-back": t("composer.held", number="{number}"),
            "data-failed": t("composer.upload_failed", name="{name}"),
            "data-big": t("composer.upload_too_big", name="{name}", size="{size}"),
            "data-remove": t("composer.upload_remove", name="{name}"),
            "data-limit": str(LARGEST_FILE),
        },
    )  # fmt: skip


def _courier(submit: rx.EventHandler) -> rx.Component:
    """Carries a Send that was never confirmed once more, whatever ticket is shown by then."""
    fields = ("intent", "kind", "ticket", "version", "then", "cc", "uploads", "text")
    return rx.el.form(
        *(_hidden(name) for name in fields),
        on_submit=submit,
        reset_on_submit=False,
        class_name="courier",
        hidden=True,
    )


def _hidden(name: str, value: Var[str] | None = None) -> rx.Component:
    if value is None:
        return rx.el.input(type="hidden", name=name, default_value="")
    return rx.el.input(type="hidden", name=name, value=value, read_only=True)


def _tab(value: str, label: Var[str], key: str, *, chosen: bool) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="kind",
            value=value,
            default_checked=chosen,
            custom_attrs={"data-key": key, "data-focus": "#casso-text"},
        ),
        label,
        class_name="ctab",
        title=label + f" ({key})",
    )


def _top(part: ComposerParts) -> rx.Component:
    return rx.el.div(
        _tab("reply", t("composer.reply"), "r", chosen=True),
        _tab("note", t("composer.note"), "n", chosen=False),
        rx.el.span(t("composer.to", people=part.to_line), class_name="to reply-only"),
        rx.el.details(
            rx.el.summary(t("composer.cc"), title=t("composer.add_cc")),
            rx.el.input(
                name="cc",
                type="text",
                default_value=part.cc.join(", "),
                key=part.ticket.to_string(),
                placeholder=t("composer.cc_hint"),
                aria_label=t("composer.cc"),
                auto_complete="off",
            ),
            class_name="cc reply-only",
        ),
        class_name="top",
    )


def _area(part: ComposerParts) -> rx.Component:
    return rx.el.textarea(
        id="casso-text",
        name="text",
        default_value="",
        rows=2,
        aria_label=t("composer.text"),
        placeholder=t("composer.reply_hint", name=part.customer),
        custom_attrs={
            "data-reply": t("composer.reply_hint", name=part.customer),
            "data-note": t("composer.note_hint"),
        },
        dir="auto",
    )


def _bottom(part: ComposerParts) -> rx.Component:
    is_early = part.ticket == 0
    return rx.el.div(
        icon_button("paperclip", t("composer.attach"), custom_attrs={"data-pick-files": ""}),
        rx.el.span(class_name="hint", role="status"),
        rx.el.span(
            rx.el.button(
                t("composer.send"),
                rx.el.kbd(t("composer.keys")),
                type="submit",
                class_name="btn primary reply-only",
                disabled=is_early,
            ),
            rx.el.button(
                t("composer.save_note"), type="submit", class_name="btn primary note-only", disabled=is_early
            ),
            menu(
                rx.el.summary(
                    icon("chevron-down"),
                    class_name="btn primary",
                    title=t("composer.send_more"),
                    aria_label=t("composer.send_more"),
                ),
                item(t("composer.send_close"), sign="check", custom_attrs={"data-then": "solved"}),
                item(t("composer.send_pending"), sign="hourglass", custom_attrs={"data-then": "pending"}),
                place="up reply-only",
            ),
            class_name="split",
        ),
        class_name="bot",
    )
