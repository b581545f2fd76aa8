"""The ticket column: head, time line, composer; and what stands there while no ticket is open."""

import reflex as rx
from reflex.vars.base import Var
from reflex_components_core.react_router.dom import ReactRouterLink

from casso.queries.rows import TimelineEntry
from casso.ui.inbox.composer_state import Composer
from casso.ui.inbox.desk_state import Desk
from casso.ui.inbox.properties_state import Properties
from casso.ui.inbox.ticket_state import OpenTicket
from casso.ui.me import Me
from casso.ui.moments import ago
from casso.ui.parts.button import button, icon_button
from casso.ui.parts.chip import priority_chip, status_chip
from casso.ui.parts.composer import ComposerParts, composer
from casso.ui.parts.context import INTENT, ContextActions, context_panel
from casso.ui.parts.event_line import event_line
from casso.ui.parts.icon import icon
from casso.ui.parts.menu import item, menu
from casso.ui.parts.message import MessageActions, message_card
from casso.ui.parts.states import bar, message_skeletons, state
from casso.ui.t import t

TICKET = OpenTicket.ticket
IS_OPEN = TICKET.number > 0


def ticket_column() -> rx.Component:
    """The column of an open ticket; the composer stays mounted, so that nothing typed is ever lost."""
    return rx.el.section(
        _head(),
        rx.el.div(
            _content(),
            class_name="stream",
            tab_index=0,
            aria_label=t("ticket.messages"),
            role="region",
        ),
        rx.cond(
            Me.may_write,
            composer(
                ComposerParts(
                    submit=Composer.submit,
                    ticket=TICKET.number,
                    version=TICKET.version,
                    customer=TICKET.customer.name,
                    to_line=rx.cond(TICKET.customer.name != "", TICKET.customer.name, TICKET.reply_to),
                    cc=TICKET.cc,
                    done=Composer.done,
                    undone=Composer.undone,
                    is_hidden=(OpenTicket.missing != 0) | (OpenTicket.is_failed & ~IS_OPEN),
                )
            ),
            rx.el.p(t("composer.viewer"), class_name="notice composer"),
        ),
        class_name="conv",
        id="casso-main",
        aria_label=t("ticket.label"),
        custom_attrs={"data-ticket": TICKET.number.to_string()},
    )


def _content() -> rx.Component:
    """The time line, or what stands in its place."""
    timeline = rx.cond(IS_OPEN, _timeline(), message_skeletons(t("ticket.loading")))
    known = rx.cond(OpenTicket.missing != 0, _missing(), timeline)
    failed = state("triangle-alert", t("ticket.error"), None, _retry())
    return rx.cond(OpenTicket.is_failed, failed, known)


def context() -> rx.Component:
    """The panel beside it."""
    return context_panel(
        TICKET,
        ContextActions(
            set_status=Properties.set_status,
            set_priority=Properties.set_priority,
            set_work_type=Properties.set_work_type,
            assign=Properties.assign,
            set_team=Properties.assign_team,
            set_category=Properties.write_category,
            set_tags=Properties.write_tags,
            accounts=OpenTicket.accounts,
            teams=OpenTicket.teams,
            may_write=Me.may_write,
            suffix=Desk.suffix,
            is_loading=(OpenTicket.missing == 0) & ~OpenTicket.is_failed,
        ),
    )


def _head() -> rx.Component:
    words = rx.fragment(
        rx.el.h1(
            rx.cond(TICKET.subject != "", TICKET.subject, t("queue.no_subject")),
            dir="auto",
            title=TICKET.subject,
        ),
        rx.el.div(
            rx.el.span(t("ticket.number", number=TICKET.number)),
            status_chip(TICKET.status),
            priority_chip(TICKET.priority),
            rx.el.span(t("ticket.opened", when=ago(TICKET.opened_iso))),
            class_name="meta",
        ),
    )
    waiting = rx.el.div(bar("60%", "14px"), bar("35%"), custom_attrs={"aria-hidden": "true"})
    return rx.el.div(
        ReactRouterLink.create(
            icon("arrow-left"),
            to="/" + Desk.suffix,
            class_name="ico back",
            title=t("ticket.back"),
            aria_label=t("ticket.back"),
            custom_attrs={"data-key": "Escape"},
        ),
        rx.el.div(
            rx.cond(
                IS_OPEN,
                words,
                rx.cond((OpenTicket.missing != 0) | OpenTicket.is_failed, rx.fragment(), waiting),
            ),
            class_name="t",
        ),
        rx.cond(IS_OPEN, _actions()),
        class_name="chead",
    )


def _actions() -> rx.Component:
    is_done = (TICKET.status == "solved") | (TICKET.status == "closed")
    change = Properties.set_status
    writing = rx.fragment(
        rx.cond(
            TICKET.assignee_id != Me.account_id,
            icon_button(
                "user-plus",
                t("ticket.assign_me"),
                key="a",
                on_click=Properties.assign(Me.account_id, TICKET.version, INTENT),
            ),
        ),
        _more(),
        rx.cond(
            is_done,
            button(
                t("ticket.reopen"), sign="undo-2", key="e", on_click=change("open", TICKET.version, INTENT)
            ),
            button(
                t("ticket.solve"), sign="check", key="e", on_click=change("solved", TICKET.version, INTENT)
            ),
        ),
    )
    return rx.el.div(
        icon_button(
            "panel-right", t("ticket.details"), kind="to-ctx", custom_attrs={"data-panel-toggle": "context"}
        ),
        rx.cond(Me.may_write, writing),
        class_name="acts",
    )


def _more() -> rx.Component:
    change = Properties.set_status
    return menu(
        rx.el.summary(
            icon("ellipsis"), class_name="ico", title=t("ticket.more"), aria_label=t("ticket.more")
        ),
        item(
            t("ticket.mark_pending"),
            sign="hourglass",
            on_click=change("pending", TICKET.version, INTENT),
        ),
        item(t("ticket.mark_closed"), sign="lock", on_click=change("closed", TICKET.version, INTENT)),
        item(
            t("ticket.copy_link"),
            sign="copy",
            custom_attrs={"data-copy": "location", "data-copied": t("ticket.link_copied")},
        ),
        place="end",
    )


def _timeline() -> rx.Component:
    return rx.el.div(
        rx.cond(
            OpenTicket.older_cursor != "",
            rx.el.div(button(t("ticket.older"), on_click=OpenTicket.show_older), class_name="pager"),
        ),
        rx.foreach(OpenTicket.entries, _entry),
        class_name="col",
    )


def _entry(entry: Var[TimelineEntry]) -> rx.Component:
    act = MessageActions(
        unfold=OpenTicket.unfold,
        show_images=OpenTicket.show_images,
        undo=Composer.undo,
        send_again=Composer.send_again,
        unfolded=OpenTicket.unfolded,
        with_images=OpenTicket.with_images,
        may_write=Me.may_write,
    )
    return rx.fragment(
        rx.cond(
            entry.message,
            message_card(entry.message, act),
            # How a ticket began is said by its first message already.
            rx.cond(entry.event.action == "ticket.created", rx.fragment(), event_line(entry.event)),
        ),
        key=entry.key,
    )


def _retry() -> rx.Component:
    return button(t("state.retry"), on_click=OpenTicket.arrive)


def _missing() -> rx.Component:
    return state(
        "search",
        t("ticket.not_found", number=OpenTicket.opened),
        t("ticket.not_found_hint"),
        ReactRouterLink.create(t("state.to_inbox"), to="/", class_name="btn"),
        level=rx.el.h1,
    )
