"""The list column: which queue, search, status filter, and the rows."""

import reflex as rx
from reflex.vars.base import Var
from reflex_components_core.react_router.dom import ReactRouterLink

from casso.enums import Queue
from casso.ui.inbox.chunks import CHUNKS
from casso.ui.inbox.desk_state import Desk, Rows
from casso.ui.inbox.ticket_state import OpenTicket
from casso.ui.parts.button import button
from casso.ui.parts.icon import icon
from casso.ui.parts.menu import item_link, menu
from casso.ui.parts.queue_row import queue_row, search_row
from casso.ui.parts.states import row_skeletons, state
from casso.ui.t import t, t_of

MOST_COUNTED = 1000
OPEN_FILTERS = ("", "new", "open", "pending")
CLOSED_FILTERS = ("", "solved", "closed")


def queue_list() -> rx.Component:
    """The whole column."""
    return rx.el.section(
        rx.el.div(_title(), _more(), class_name="qhead"),
        _search(),
        _filters(),
        rx.el.button(type="button", class_name="pill", hidden=True),
        rx.el.div(
            rx.cond(
                Desk.is_failed,
                state(
                    "triangle-alert", t("queue.error"), None, button(t("state.retry"), on_click=Desk.arrive)
                ),
                rx.cond(Desk.is_ready, _rows(), row_skeletons(t("queue.loading"))),
            ),
            class_name="rows",
            custom_attrs={"data-keep": Desk.queue + Desk.status + Desk.after + Desk.query},
        ),
        class_name="queue",
        aria_label=t("queue.label"),
    )


def _title() -> rx.Component:
    more = rx.cond(Desk.next_cursor != "", "+", "")
    found = Desk.hits.length().to_string() + more
    shown = rx.cond(Desk.query != "", found, _up_to(Desk.counts[Desk.queue]))
    return rx.el.h1(
        menu(
            rx.el.summary(
                rx.el.span(rx.cond(Desk.query != "", t("queue.search"), t_of("queue.", Desk.queue))),
                rx.cond(Desk.is_ready, rx.el.span(shown, class_name="n")),
                icon("chevron-down"),
                title=t("queue.choose"),
            ),
            *(_queue_link(queue) for queue in Queue),
        )
    )


def _queue_link(queue: Queue) -> rx.Component:
    return item_link(
        rx.el.span(t(f"queue.{queue}")),
        rx.el.span(_up_to(Desk.counts[queue.value]), class_name="n"),
        to="/" if queue is Queue.UNASSIGNED else f"/?queue={queue}",
        on=(Desk.queue == queue.value) & (Desk.query == ""),
    )


def _up_to(count: Var[int]) -> Var[str]:
    return rx.cond(count >= MOST_COUNTED, "1000+", count.to_string())


def _more() -> rx.Component:
    return menu(
        rx.el.summary(icon("ellipsis"), class_name="ico", title=t("queue.more"), aria_label=t("queue.more")),
        item_link(rx.el.span(t("settings.mailboxes")), to="/settings/mailboxes", sign="at-sign"),
        item_link(rx.el.span(t("settings.quarantine")), to="/settings/quarantine", sign="shield-alert"),
        place="end",
    )


def _search() -> rx.Component:
    return rx.el.form(
        icon("search"),
        rx.el.input(
            name="q",
            type="search",
            default_value=Desk.query,
            key=Desk.query,
            placeholder=t("queue.search_hint"),
            aria_label=t("queue.search"),
            auto_complete="off",
            custom_attrs={"data-key": "/"},
        ),
        rx.el.kbd("/"),
        on_submit=Desk.search,
        reset_on_submit=False,
        class_name="search",
        role="search",
    )


def _filters() -> rx.Component:
    back = ReactRouterLink.create(
        icon("arrow-left", 13), " ", t("queue.search_back"), to="/?queue=" + Desk.queue, class_name="tab"
    )
    return rx.el.nav(
        rx.cond(
            Desk.query != "",
            back,
            rx.cond(
                Desk.queue == Queue.CLOSED.value,
                rx.fragment(*(_filter(status) for status in CLOSED_FILTERS)),
                rx.fragment(*(_filter(status) for status in OPEN_FILTERS)),
            ),
        ),
        class_name="tabs",
        aria_label=t("queue.statuses"),
    )


def _filter(status: str) -> rx.Component:
    is_on = Desk.status == status
    count = Desk.statuses[status]
    return ReactRouterLink.create(
        t(f"status.{status}") if status else t("queue.all"),
        *([rx.cond(count > 0, rx.el.span(_up_to(count), class_name="n"))] if status else []),
        to="/?queue=" + Desk.queue + (f"&status={status}" if status else ""),
        class_name=rx.cond(is_on, "tab on", "tab"),
        aria_current=rx.cond(is_on, "true", "false"),
    )


def _rows() -> rx.Component:
    return rx.fragment(
        rx.cond(
            Desk.after != "",
            rx.el.div(
                ReactRouterLink.create(t("queue.newest"), to=_list_address(), class_name="btn"),
                class_name="pager",
            ),
        ),
        rx.cond(
            Desk.query != "",
            rx.cond(Desk.is_empty, _nothing_found(), rx.foreach(Desk.hits, _hit)),
            rx.cond(
                Desk.is_empty,
                _empty(),
                rx.fragment(*(rx.foreach(getattr(Rows, f"rows_{index}"), _row) for index in range(CHUNKS))),
            ),
        ),
        rx.cond(
            Desk.next_cursor != "",
            rx.el.div(
                ReactRouterLink.create(
                    t("queue.older"), to=_list_address() + "&after=" + Desk.next_cursor, class_name="btn"
                ),
                class_name="pager",
            ),
        ),
    )


def _list_address() -> Var[str]:
    return (
        "/?queue="
        + Desk.queue
        + rx.cond(Desk.status != "", "&status=" + Desk.status, "")
        + rx.cond(Desk.query != "", "&q=" + _encoded(Desk.query), "")
    )


def _encoded(text: Var[str]) -> Var[str]:
    return rx.Var(f"encodeURIComponent({text!s})", _var_type=str, _var_data=text._get_all_var_data()).to(str)


def _row(row) -> rx.Component:
    selected = OpenTicket.ticket.number == row.number
    return rx.fragment(queue_row(row=row, selected=selected, suffix=Desk.suffix), key=row.number.to_string())


def _hit(row) -> rx.Component:
    selected = OpenTicket.ticket.number == row.number
    return rx.fragment(search_row(row=row, selected=selected, suffix=Desk.suffix), key=row.number.to_string())


def _empty() -> rx.Component:
    of_queue = rx.match(
        Desk.queue, *((queue.value, _empty_state(queue.value)) for queue in Queue), rx.fragment()
    )
    filtered = rx.cond(Desk.status != "", _empty_state("filtered"), of_queue)
    return rx.cond(Desk.is_unused, _empty_state("unused"), filtered)


def _empty_state(name: str) -> rx.Component:
    return state("inbox", t(f"queue.empty.{name}"), t(f"queue.empty.{name}_hint"))


def _nothing_found() -> rx.Component:
    return state("search", t("queue.search_none", query=Desk.query), t("queue.search_none_hint"))
