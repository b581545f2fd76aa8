"""The two addresses of the desk: `/` the list, `/tickets/{number}` the list with a ticket open."""

import reflex as rx

from casso.ui.inbox.desk_state import Desk
from casso.ui.inbox.first_visit import first_visit
from casso.ui.inbox.queue_list import queue_list
from casso.ui.inbox.ticket_column import context, ticket_column
from casso.ui.inbox.ticket_state import OpenTicket
from casso.ui.me import Me
from casso.ui.parts.states import state
from casso.ui.shell import shell
from casso.ui.t import t

ON_LIST = [Me.arrive, OpenTicket.leave, Desk.arrive]
ON_TICKET = [Me.arrive, OpenTicket.arrive, Desk.arrive]


def inbox_page() -> rx.Component:
    """The list, and beside it a hint or the first steps."""
    hint = state("inbox", t("ticket.none"), t("ticket.none_hint"))
    beside = rx.el.section(
        rx.cond(Desk.is_ready, rx.cond(Desk.is_unused, first_visit(), hint)),
        class_name="conv wide",
        id="casso-main",
        aria_label=t("ticket.label"),
    )
    return shell(
        rx.el.main(queue_list(), beside, class_name="both"),
        kind=rx.cond(Desk.is_unused & Desk.is_ready & ~Desk.is_failed, "at-list is-unused", "at-list"),
        here="inbox",
    )


def ticket_page() -> rx.Component:
    """List, ticket and context."""
    both = rx.el.main(queue_list(), ticket_column(), class_name="both")
    return shell(both, context(), kind="at-ticket", here="inbox")
