"""Small coloured marks: status, priority, category, attachment count."""

import reflex as rx
from reflex.vars.base import Var

from casso.ui.parts.icon import icon
from casso.ui.t import t, t_of

STATUS_COLOURS = (("new", "blue"), ("open", "blue"), ("pending", "amber"), ("solved", "green"))
PRIORITY_COLOURS = (("urgent", "red"), ("high", "amber"))


def chip(
    *children: rx.Component | Var[str], colour: str | Var[str] = "", title: Var[str] | str = ""
) -> rx.Component:
    """A mark; the colour never says more than the word in it."""
    name = "chip " + colour.to(str) if isinstance(colour, Var) else f"chip {colour}".strip()
    return rx.el.span(*children, class_name=name, title=title)


def status_chip(status: Var[str]) -> rx.Component:
    """Where the ticket stands."""
    return chip(t_of("status.", status), colour=rx.match(status, *STATUS_COLOURS, ""))


def priority_chip(priority: Var[str]) -> rx.Component:
    """High and urgent show themselves; the rest stays quiet."""
    return rx.cond(
        (priority == "high") | (priority == "urgent"),
        chip(
            icon("arrow-up", 12),
            t_of("priority.", priority),
            colour=rx.match(priority, *PRIORITY_COLOURS, ""),
        ),
    )


def category_chip(category: Var[str]) -> rx.Component:
    """What it is about, when that is known."""
    return rx.cond(category != "", chip(rx.el.span(category), colour="blue", title=category))


def clip_chip(count: Var[int]) -> rx.Component:
    """How many files came with it."""
    return rx.cond(
        count > 0,
        chip(icon("paperclip", 12), count, title=t("queue.attachments", n=count)),
    )
