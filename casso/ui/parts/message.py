"""One message or note in the time line: who, to whom, when, what, files, and what became of it."""

from dataclasses import dataclass

import reflex as rx
from reflex.vars.base import Var

from casso.queries.rows import FileRow, MessageRow
from casso.ui.moments import full, moment, size
from casso.ui.parts.avatar import avatar
from casso.ui.parts.button import button
from casso.ui.parts.chip import chip
from casso.ui.parts.icon import icon
from casso.ui.t import t, t_of

BAD = ("failed", "uncertain", "bounced")


@dataclass(frozen=True, slots=True)
class MessageActions:
    """What a reader can do with a message, and what was unfolded so far."""

    unfold: rx.EventHandler
    show_images: rx.EventHandler
    undo: rx.EventHandler
    send_again: rx.EventHandler
    unfolded: Var[dict[str, str]]
    with_images: Var[list[int]]
    may_write: Var[bool]


def message_card(row: Var[MessageRow], act: MessageActions) -> rx.Component:
    """The card; notes are tinted and locked, taken-back replies fade."""
    return rx.el.article(
        _head(row),
        rx.el.div(
            _text(row, act),
            _files(row),
            _fold(row, act),
            _warnings(row, act),
            _why(row),
            _outcome(row, act),
            class_name="body",
        ),
        class_name="msg"
        + rx.cond(row.kind == "note", " note", "")
        + rx.cond(row.delivery == "canceled", " canceled", ""),
        id="m" + row.id.to_string(),
    )


def _head(row: Var[MessageRow]) -> rx.Component:
    return rx.el.header(
        avatar(row.author_initials, agent=row.kind != "incoming", large=True, picture=row.author_picture),
        rx.el.div(
            rx.el.b(row.author_name, dir="auto", title=row.author_email),
            " ",
            rx.el.span(
                rx.cond(
                    row.kind == "note",
                    t("message.note"),
                    rx.cond(row.to_line != "", t("message.to", people=row.to_line), ""),
                ),
                rx.cond(row.cc_line != "", " · " + t("message.cc", people=row.cc_line), ""),
            ),
            rx.cond(
                row.is_unverified,
                chip(
                    icon("shield-alert", 12),
                    t("message.unverified"),
                    colour="amber",
                    title=t("message.unverified_hint"),
                ),
            ),
            rx.cond(row.is_automatic, chip(icon("bot", 12), t("message.automatic"))),
            class_name="p",
        ),
        rx.el.span(
            rx.el.time(moment(row.at_iso), date_time=row.at_iso, title=full(row.at_iso)),
            rx.cond(row.kind == "reply", rx.fragment(" · ", t_of("delivery.", row.delivery)), rx.fragment()),
            class_name="when" + rx.cond(_is_bad(row), " bad", ""),
        ),
    )


def _is_bad(row: Var[MessageRow]) -> Var[bool]:
    return (row.delivery == "failed") | (row.delivery == "uncertain") | (row.delivery == "bounced")


def _text(row: Var[MessageRow], act: MessageActions) -> rx.Component:
    whole = act.unfolded[row.id.to_string()]
    text = rx.cond(whole, whole, row.text)
    return rx.cond(
        row.has_html,
        rx.el.iframe(
            src="/mail/" + row.id.to_string() + rx.cond(act.with_images.contains(row.id), "?images=1", ""),
            sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox",
            class_name="mailframe",
            title=t("message.frame_of", name=row.author_name),
            custom_attrs={"loading": "lazy"},
        ),
        rx.foreach(
            rx.cond(text != "", text, t("message.empty")).split("\n\n"), lambda part, at: _part(part, at, row)
        ),
    )


def _part(part: Var[str], at: Var[int], row: Var[MessageRow]) -> rx.Component:
    """One paragraph; each finds its own writing direction."""
    lock = rx.el.span(icon("lock", 13), class_name="lock")
    return rx.el.p(rx.cond((row.kind == "note") & (at == 0), lock), part, dir="auto", class_name="txt")


def _fold(row: Var[MessageRow], act: MessageActions) -> rx.Component:
    is_open = act.unfolded.contains(row.id.to_string())
    label = rx.cond(is_open, t("message.hide_quoted"), t("message.quoted"))
    return rx.fragment(
        rx.cond(
            row.is_cut & ~row.has_html & ~is_open,
            rx.el.button(t("message.rest"), type="button", class_name="linkbtn", on_click=act.unfold(row.id)),
        ),
        rx.cond(
            row.quoted & ~row.has_html & ~(row.is_cut & ~is_open),
            rx.el.button(
                "…",
                type="button",
                class_name="fold",
                title=label,
                aria_label=label,
                aria_expanded=rx.cond(is_open, "true", "false"),
                on_click=act.unfold(row.id),
            ),
        ),
    )


def _files(row: Var[MessageRow]) -> rx.Component:
    return rx.cond(
        row.attachments.length() > 0,
        rx.el.div(rx.foreach(row.attachments, file_chip), class_name="files"),
    )


def file_chip(file: Var[FileRow]) -> rx.Component:
    """A file to fetch, with its picture when it is one."""
    return rx.el.a(
        rx.cond(
            file.is_image,
            rx.el.img(src="/files/" + file.id, alt="", custom_attrs={"loading": "lazy"}),
            icon("paperclip"),
        ),
        rx.el.span(file.name, dir="auto"),
        rx.el.em(size(file.size)),
        href="/files/" + file.id,
        target="_blank",
        rel="noopener",
        class_name="file",
        title=t("message.file", name=file.name),
    )


def _warnings(row: Var[MessageRow], act: MessageActions) -> rx.Component:
    return rx.cond(
        row.has_remote_images & ~act.with_images.contains(row.id),
        rx.el.div(
            icon("image", 13),
            rx.el.span(t("message.images_blocked")),
            rx.el.button(
                t("message.images_show"),
                type="button",
                class_name="linkbtn",
                on_click=act.show_images(row.id),
            ),
            class_name="line why",
        ),
    )


def _why(row: Var[MessageRow]) -> rx.Component:
    return rx.cond(
        row.thread_reason != "",
        rx.el.span(icon("inbox", 13), t_of("reason.", row.thread_reason), class_name="why"),
    )


def _outcome(row: Var[MessageRow], act: MessageActions) -> rx.Component:
    again = button(
        t("message.retry"),
        sign="rotate-cw",
        on_click=act.send_again(row.id, rx.Var("crypto.randomUUID()", _var_type=str)),
    )
    return rx.cond(
        _is_bad(row),
        rx.el.div(
            icon("triangle-alert", 13),
            rx.el.span(
                rx.cond(
                    row.delivery == "uncertain",
                    t("delivery.uncertain_hint"),
                    t("message.failed") + rx.cond(row.delivery_error != "", ": " + row.delivery_error, ""),
                )
            ),
            rx.cond(act.may_write, again),
            class_name="line bad",
        ),
    )
