"""Sends the browser to a plain page (sign-in) with a full page load.

Reflex's own redirect stays inside the single page application, where our plain
pages do not exist. A refresh element put into the page needs no script at all.
"""

import reflex as rx


class Leave(rx.State):
    """Where this tab has to go; empty while it may stay."""

    to: str = ""


def leave_watch() -> rx.Component:
    """The part that every page carries; draws nothing until the guard fills `Leave.to`."""
    return rx.cond(
        Leave.to != "", rx.el.meta(http_equiv="refresh", content="0;url=" + Leave.to), rx.fragment()
    )
