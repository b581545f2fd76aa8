"""The panel beside the ticket: the customer, the ticket's properties, earlier tickets."""

from dataclasses import dataclass

import reflex as rx
from reflex.vars.base import Var
from reflex_components_core.react_router.dom import ReactRouterLink

from casso.enums import Priority, Status, WorkType
from casso.queries.rows import AccountChoice, CustomerCard, PastTicket, TeamChoice, TicketPage
from casso.ui.moments import age, clock
from casso.ui.parts.avatar import avatar
from casso.ui.parts.button import button, icon_button
from casso.ui.parts.chip import chip, status_chip
from casso.ui.parts.menu import item, menu
from casso.ui.parts.states import bar
from casso.ui.t import t, t_of

INTENT = rx.Var("crypto.randomUUID()", _var_type=str)


@dataclass(frozen=True, slots=True)
class ContextActions:
    """Who is told of a change, whom and what can be chosen."""

    set_status: rx.EventHandler
    set_priority: rx.EventHandler
    set_work_type: rx.EventHandler
    assign: rx.EventHandler
    set_team: rx.EventHandler
    set_category: rx.EventHandler
    set_tags: rx.EventHandler
    accounts: Var[list[AccountChoice]]
    teams: Var[list[TeamChoice]]
    may_write: Var[bool]
    suffix: Var[str]
    is_loading: Var[bool]


def context_panel(ticket: Var[TicketPage], act: ContextActions) -> rx.Component:
    """The whole panel."""
    return rx.el.aside(
        icon_button(
            "arrow-left", t("ticket.back"), kind="back", custom_attrs={"data-panel-toggle": "context"}
        ),
        rx.cond(
            ticket.number > 0,
            rx.fragment(
                _customer(ticket.customer),
                rx.el.section(rx.el.h2(t("context.ticket")), _properties(ticket, act)),
                _past(ticket.customer, act.suffix),
            ),
            rx.cond(act.is_loading, rx.el.div(*(bar(width) for width in ("70%", "50%", "80%", "60%")))),
        ),
        class_name="ctx",
        aria_label=t("context.label"),
    )


def _customer(customer: Var[CustomerCard]) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            avatar(customer.initials, large=True),
            rx.el.div(
                rx.el.b(customer.name, dir="auto"),
                rx.el.span(
                    rx.cond(customer.company != "", customer.company + " · ", ""),
                    rx.cond(customer.email != customer.name, customer.email, ""),
                ),
            ),
            class_name="cust",
        ),
        rx.cond(
            (customer.phone != "") | (customer.local_time_zone != ""),
            rx.el.dl(
                rx.cond(
                    customer.phone != "", rx.fragment(rx.el.dt(t("context.phone")), rx.el.dd(customer.phone))
                ),
                rx.cond(
                    customer.local_time_zone != "",
                    rx.fragment(rx.el.dt(t("context.local_time")), rx.el.dd(clock(customer.local_time_zone))),
                ),
            ),
        ),
    )


def _properties(ticket: Var[TicketPage], act: ContextActions) -> rx.Component:
    assignee = rx.cond(
        ticket.assignee_name != "",
        rx.fragment(
            avatar(ticket.assignee_initials, agent=True, picture=ticket.assignee_picture),
            ticket.assignee_name,
        ),
        rx.el.span(t("context.nobody"), class_name="none"),
    )
    nothing = rx.el.span(t("context.none"), class_name="none")
    tags = rx.cond(ticket.tags.length() > 0, rx.foreach(ticket.tags, _tag), nothing)
    category = _form("category", ticket.category, t("context.add_category"), ticket, act.set_category)
    tag_form = _form("tags", ticket.tags.join(", "), t("context.tags_hint"), ticket, act.set_tags)
    return rx.el.dl(
        *_choice("status", Status, ticket.status, ticket, act.set_status, act, key="s"),
        *_choice("priority", Priority, ticket.priority, ticket, act.set_priority, act, key="p"),
        *_pair("assignee", assignee, act, _people(ticket, act)),
        *_pair("team", _or_none(ticket.team_name, "context.no_team"), act, _teams(ticket, act)),
        *_choice("work_type", WorkType, ticket.work_type, ticket, act.set_work_type, act),
        *_pair("category", _or_none(ticket.category, "context.none"), act, category),
        *_pair("tags", tags, act, tag_form, key="l"),
    )


def _tag(name: Var[str]) -> rx.Component:
    return chip(rx.el.span(name), title=name)


def _or_none(value: Var[str], none: str) -> rx.Component:
    return rx.cond(value != "", rx.el.span(value, dir="auto"), rx.el.span(t(none), class_name="none"))


def _pair(
    name: str, shown, act: ContextActions, choices: rx.Component, key: str = ""
) -> tuple[rx.Component, ...]:
    """A label and a value that opens its choices; only a value for those who may not write."""
    label = t(f"context.{name}")
    title = label + f" ({key})" if key else label
    editable = menu(rx.el.summary(shown, title=title), choices, place="prop", key=key)
    return (
        rx.el.dt(label),
        rx.el.dd(rx.cond(act.may_write, editable, rx.el.span(shown, class_name="ro"))),
    )


def _choice(
    name: str, values, current: Var[str], ticket, handler, act, key: str = ""
) -> tuple[rx.Component, ...]:
    items = rx.fragment(
        *(
            item(
                t(f"{name}.{value}"),
                on=current == value.value,
                on_click=handler(value.value, ticket.version, INTENT),
            )
            for value in values
        )
    )
    return _pair(name, t_of(f"{name}.", current), act, items, key)


def _people(ticket: Var[TicketPage], act: ContextActions) -> rx.Component:
    return rx.fragment(
        item(t("context.nobody"), on=ticket.assignee_id == 0, on_click=act.assign(0, ticket.version, INTENT)),
        rx.foreach(
            act.accounts,
            lambda one: item(
                one.name, on=ticket.assignee_id == one.id, on_click=act.assign(one.id, ticket.version, INTENT)
            ),
        ),
    )


def _teams(ticket: Var[TicketPage], act: ContextActions) -> rx.Component:
    return rx.fragment(
        item(
            t("context.no_team"), on=ticket.team_name == "", on_click=act.set_team(0, ticket.version, INTENT)
        ),
        rx.foreach(
            act.teams,
            lambda one: item(
                one.name,
                on=ticket.team_name == one.name,
                on_click=act.set_team(one.id, ticket.version, INTENT),
            ),
        ),
    )


def _form(name: str, value: Var[str], hint: Var[str], ticket: Var[TicketPage], handler) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="intent", default_value=""),
        rx.el.input(type="hidden", name="version", value=ticket.version.to_string(), read_only=True),
        rx.el.input(
            name=name,
            default_value=value,
            key=ticket.number.to_string() + value,
            class_name="input",
            placeholder=hint,
            aria_label=t(f"context.{name}"),
            auto_complete="off",
        ),
        button(t("context.save"), kind="primary", submit=True),
        on_submit=handler,
        reset_on_submit=False,
        class_name="form",
    )


def _past(customer: Var[CustomerCard], suffix: Var[str]) -> rx.Component:
    return rx.cond(
        customer.past.length() > 0,
        rx.el.section(
            rx.el.h2(t("context.past")),
            rx.foreach(customer.past, lambda one: _past_ticket(one, suffix)),
            class_name="past",
        ),
    )


def _past_ticket(one: Var[PastTicket], suffix: Var[str]) -> rx.Component:
    return ReactRouterLink.create(
        status_chip(one.status),
        rx.el.span(one.subject, dir="auto"),
        age(one.at_iso),
        to="/tickets/" + one.number.to_string() + suffix,
    )
