"""The activity page: who did what, narrowed by person, kind, ticket and day; whether the chain holds."""

import reflex as rx
from reflex.vars.base import Var
from reflex_components_core.react_router.dom import ReactRouterLink

from casso.queries.trail import TrailRow
from casso.queries.trail_state import TrailChoice
from casso.rules.permissions import Action
from casso.ui.me import Me
from casso.ui.moments import full, moment
from casso.ui.parts.icon import icon
from casso.ui.parts.plain_form import plain_form
from casso.ui.parts.states import bar, state
from casso.ui.settings.activity_state import PATH, Activity
from casso.ui.settings.frame import field, intent_field, saved_mark, settings_page, sheet_head, text_input
from casso.ui.t import t

FIELDS = ("person", "kind", "ticket", "from", "to", "q")


def activity_page() -> rx.Component:
    """The page."""
    return settings_page(
        "activity",
        sheet_head(t("activity.title"), t("activity.lead"), _export("csv"), _export("jsonl")),
        rx.cond(
            Activity.is_ready, rx.fragment(_chain(), _filter(), _entries(), _pages(), _rules()), _waiting()
        ),
        needs=Action.READ_TRAIL,
    )


def _export(kind: str) -> rx.Component:
    """A form that the browser itself sends: the answer is a file."""
    return plain_form(
        *(
            rx.el.input(type="hidden", name=name, value=Activity.asked[name], read_only=True)
            for name in FIELDS
        ),
        rx.el.button(icon("download"), t(f"activity.export_{kind}"), type="submit", class_name="btn"),
        action=f"/activity.{kind}",
        method="post",
    )


def _chain() -> rx.Component:
    """Whether the chain holds, as the daily check saw it."""
    chain = Activity.chain
    broken = rx.el.p(
        icon("triangle-alert", 14),
        rx.el.span(
            t("activity.broken", n=chain.broken_number),
            rx.cond(chain.held_iso != "", rx.fragment(" ", t("activity.held", when=moment(chain.held_iso)))),
        ),
        class_name="chain bad",
        role="alert",
    )
    holds = rx.el.p(
        icon("shield-check", 14),
        rx.cond(
            chain.checked_number > 0,
            t("activity.verified", n=chain.checked_number, when=moment(chain.checked_iso)),
            t("activity.unverified"),
        ),
        class_name="chain",
    )
    return rx.cond(chain.is_broken, broken, holds)


def _filter() -> rx.Component:
    """Uncontrolled fields that start from the address bar; submitting goes to another address."""
    asked = Activity.asked
    anybody = (rx.el.option(t("activity.anybody"), value=""), rx.el.option(t("activity.desk"), value="casso"))
    anything = (rx.el.option(t("activity.anything"), value=""),)
    days = (
        rx.el.input(name=name, type="date", default_value=asked[name], class_name="input")
        for name in ("from", "to")
    )
    return rx.el.form(
        field(t("activity.person"), _choice("person", Activity.people, *anybody)),
        field(t("activity.kind"), _choice("kind", Activity.kinds, *anything)),
        field(
            t("activity.ticket"), text_input("ticket", asked["ticket"], input_mode="numeric", max_length=12)
        ),
        field(t("activity.from"), next(days)),
        field(t("activity.to"), next(days)),
        field(t("activity.words"), text_input("q", asked["q"], type="search", max_length=100)),
        rx.el.div(
            rx.el.button(t("activity.filter"), type="submit", class_name="btn primary"),
            rx.cond(
                Activity.suffix != "",
                ReactRouterLink.create(t("activity.clear"), to=PATH, class_name="btn"),
            ),
            class_name="does",
        ),
        on_submit=Activity.filter,
        reset_on_submit=False,
        key="filter" + Activity.suffix,
        class_name="card filter",
        role="search",
    )


def _choice(name: str, options: Var[list[TrailChoice]], *first: rx.Component) -> rx.Component:
    return rx.el.select(
        *first,
        rx.foreach(options, lambda one: rx.el.option(one.label, value=one.value)),
        name=name,
        default_value=Activity.asked[name],
        class_name="input",
    )


def _entries() -> rx.Component:
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(*(rx.el.th(t(f"activity.{name}"), scope="col") for name in ("when", "what", "where")))
        ),
        rx.el.tbody(rx.foreach(Activity.rows, _entry)),
        class_name="table trail",
        aria_label=t("activity.title"),
    )
    nothing = rx.cond(
        Activity.suffix != "",
        state("search", t("activity.nothing_fits"), t("activity.nothing_fits_hint")),
        state("history", t("activity.nothing"), t("activity.nothing_hint")),
    )
    return rx.el.div(rx.cond(Activity.rows.length() > 0, table, nothing), class_name="card rows")


def _entry(row: Var[TrailRow]) -> rx.Component:
    said = rx.cond(
        row.ticket_number > 0,
        ReactRouterLink.create(row.said, to="/tickets/" + row.ticket_number.to_string()),
        row.said,
    )
    return rx.el.tr(
        rx.el.td(
            rx.el.time(moment(row.at_iso), date_time=row.at_iso, title=full(row.at_iso)), class_name="when"
        ),
        rx.el.td(said, dir="auto"),
        rx.el.td(
            rx.cond(row.ip != "", rx.el.span(row.ip)),
            rx.cond(row.browser != "", rx.el.span(row.browser)),
            class_name="where",
        ),
        key=row.number,
    )


def _pages() -> rx.Component:
    def link(label: Var[str], sign: str, to: Var[str]) -> rx.Component:
        return ReactRouterLink.create(icon(sign, 14), label, to=to, class_name="btn")

    mark = rx.cond(Activity.suffix != "", Activity.suffix + "&", "?")
    return rx.el.nav(
        rx.cond(Activity.after != "", link(t("activity.newest"), "arrow-left", PATH + Activity.suffix)),
        rx.cond(
            Activity.next_cursor != "",
            link(t("activity.older"), "arrow-right", PATH + mark + "after=" + Activity.next_cursor),
        ),
        class_name="pager",
        aria_label=t("activity.pages"),
    )


def _rules() -> rx.Component:
    """How long things stay."""
    chain = Activity.chain
    removed = rx.cond(
        chain.first_number > 1,
        rx.el.p(t("activity.removed", n=chain.first_number), class_name="hint"),
    )
    return rx.el.section(
        rx.el.h3(t("activity.rules")),
        rx.el.form(
            intent_field(),
            rx.el.div(
                _days("address_days", chain.address_days, t("activity.address_days_hint")),
                _days("trail_days", chain.trail_days, t("activity.trail_days_hint")),
                class_name="two",
            ),
            removed,
            rx.el.footer(
                rx.el.button(t("settings.save"), type="submit", class_name="btn primary"),
                saved_mark(Activity.is_saved),
            ),
            on_submit=Activity.save,
            reset_on_submit=False,
            key="rules" + chain.address_days.to_string() + "," + chain.trail_days.to_string(),
            class_name="card",
        ),
        class_name="section",
    )


def _days(name: str, value: Var[int], hint: Var[str]) -> rx.Component:
    control = text_input(name, value.to_string(), type="number", min=1, required=True)
    return field(t(f"activity.{name}"), control, hint)


def _waiting() -> rx.Component:
    return rx.cond(
        Me.may_set,
        rx.el.div(
            *(bar(f"{70 - 5 * one}%") for one in range(8)),
            class_name="card",
            custom_attrs={"aria-hidden": "true"},
        ),
    )
