"""One grey line of the time line: who changed what."""

import reflex as rx
from reflex.vars.base import Var

from casso.queries.rows import EventRow
from casso.ui.moments import full, moment
from casso.ui.parts.icon import icon
from casso.ui.t import t, t_of

SIGNS = (
    ("ticket.priority", "arrow-up"),
    ("ticket.assignee", "user"),
    ("ticket.team", "users"),
    ("ticket.status", "check"),
    ("ticket.taken_in", "inbox"),
)


def event_line(row: Var[EventRow]) -> rx.Component:
    """The line, with the whole moment on hover."""
    return rx.el.div(
        icon(rx.match(row.action, *SIGNS, "info"), 13),
        rx.el.span(_words(row), title=full(row.at_iso), dir="auto"),
        class_name="ev",
    )


def _words(row: Var[EventRow]) -> Var[str]:
    who = rx.cond(row.actor_name != "", row.actor_name, t("event.system"))
    when = moment(row.at_iso)

    def said(key: str, after: Var[str]) -> tuple[str, Var[str]]:
        return f"ticket.{key}", t(f"event.ticket.{key}", who=who, after=after, when=when)

    def said_or_none(key: str) -> tuple[str, Var[str]]:
        none = t(f"event.ticket.{key}_none", who=who, when=when)
        return f"ticket.{key}", rx.cond(row.after != "", said(key, row.after)[1], none)

    assigned = said_or_none("assignee")
    took = t("event.ticket.assignee_self", who=who, when=when)
    is_own = (row.after == row.actor_name) & (row.after != "")
    return rx.match(
        row.action,
        said("status", t_of("status.", row.after)),
        said("priority", t_of("priority.", row.after)),
        said("work_type", t_of("work_type.", row.after)),
        said_or_none("category"),
        (assigned[0], rx.cond(is_own, took, assigned[1])),
        said_or_none("team"),
        said_or_none("tags"),
        said("subject", row.after),
        ("ticket.taken_in", t("event.ticket.taken_in", who=who, when=when)),
        ("message.bounced", t("event.message.bounced", when=when)),
        t("event.other", who=who, when=when),
    )
