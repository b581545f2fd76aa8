"""One ticket in the list: three lines, told apart by more than colour (weight, dot, bar)."""

import reflex as rx
from reflex.vars.base import Var
from reflex_components_core.react_router.dom import ReactRouterLink

from casso.queries.rows import QueueRow, SearchRow
from casso.ui.moments import age
from casso.ui.parts.avatar import avatar
from casso.ui.parts.chip import category_chip, clip_chip, priority_chip, status_chip
from casso.ui.parts.marked import marked
from casso.ui.t import t


@rx.memo
def queue_row(row: rx.Var[QueueRow], selected: rx.Var[bool], suffix: rx.Var[str]) -> rx.Component:
    """A row of a queue; `suffix` keeps the list on the way to the ticket."""
    look = rx.cond(row.is_unread, "row unread", "row") + rx.cond(selected, " sel", "")
    return ReactRouterLink.create(
        rx.el.span(class_name="dot"),
        rx.el.div(
            rx.el.div(
                rx.el.b(row.customer_name, dir="auto"),
                category_chip(row.category),
                rx.cond(row.is_unread, rx.el.span(t("queue.unread"), class_name="sr")),
                age(row.age_iso),
                class_name="who",
            ),
            rx.el.div(
                rx.el.div(
                    rx.cond(row.subject != "", row.subject, t("queue.no_subject")),
                    class_name="sub",
                    dir="auto",
                ),
                _mark(row),
                class_name="what",
            ),
            rx.el.div(
                rx.cond(row.last_author != "", t("queue.last_author", name=row.last_author) + " ", ""),
                row.preview,
                class_name="pre",
                dir="auto",
            ),
            class_name="txt",
        ),
        to="/tickets/" + row.number.to_string() + suffix,
        class_name=look,
        aria_current=rx.cond(selected, "true", "false"),
        custom_attrs={"data-ticket": row.number.to_string()},
    )


def _mark(row: Var[QueueRow]) -> rx.Component:
    """One line of marks: how urgent, how many files, whose."""
    return rx.el.div(
        priority_chip(row.priority),
        rx.cond((row.status == "pending") | (row.status == "solved"), status_chip(row.status)),
        clip_chip(row.attachment_count),
        rx.cond(
            row.assignee_initials != "",
            avatar(
                row.assignee_initials,
                agent=True,
                title=t("queue.assigned_to", name=row.assignee_name),
                picture=row.assignee_picture,
            ),
        ),
        class_name="marks",
    )


@rx.memo
def search_row(row: rx.Var[SearchRow], selected: rx.Var[bool], suffix: rx.Var[str]) -> rx.Component:
    """A hit of a search, with the found words marked."""
    return ReactRouterLink.create(
        rx.el.span(class_name="dot"),
        rx.el.div(
            rx.el.div(rx.el.b(marked(row.customer_name), dir="auto"), age(row.age_iso), class_name="who"),
            rx.el.div(
                rx.el.div(
                    rx.cond(row.subject != "", marked(row.subject), t("queue.no_subject")),
                    class_name="sub",
                    dir="auto",
                ),
                status_chip(row.status),
                class_name="what",
            ),
            rx.el.div(
                marked(row.snippet),
                class_name="pre",
                dir="auto",
            ),
            class_name="txt",
        ),
        to="/tickets/" + row.number.to_string() + suffix,
        class_name="row" + rx.cond(selected, " sel", ""),
        aria_current=rx.cond(selected, "true", "false"),
        custom_attrs={"data-ticket": row.number.to_string()},
    )
