"""The health page, for operators: is all well, and what is to be done. Its state is health_state.py."""

import reflex as rx
from reflex.vars.base import Var

from casso.queries.desk_health import EarlierRow, FindingRow, HealthLine, JobRow, LookRow, SourceRow
from casso.ui.me import Me
from casso.ui.moments import age, ago, moment
from casso.ui.parts.button import button
from casso.ui.parts.chip import chip
from casso.ui.parts.icon import icon
from casso.ui.parts.states import bar, state
from casso.ui.settings.frame import no_permission, settings_page, sheet_head
from casso.ui.settings.health_state import Health
from casso.ui.t import t, t_of, t_said

LEVEL_SIGNS = (("fine", "check"), ("notice", "info"), ("wrong", "triangle-alert"))


def health_page() -> rx.Component:
    """The page."""
    waiting = rx.el.div(bar("40%"), bar("60%"), class_name="card", custom_attrs={"aria-hidden": "true"})
    shown = rx.fragment(
        sheet_head(t("health.title"), t("health.lead"), _run_now()),
        rx.cond(Health.is_ready, _everything(), waiting),
    )
    refused = rx.cond(Me.account_id > 0, no_permission())
    return settings_page("health", rx.cond(Me.is_operator, shown, refused), for_admins=False)


def _run_now() -> rx.Component:
    is_going = (Health.isolation.since_iso != "") | (Health.security.since_iso != "")
    return button(t("health.run_now"), sign="shield-check", on_click=Health.run_checks, disabled=is_going)


def _everything() -> rx.Component:
    return rx.fragment(
        rx.el.ul(
            rx.foreach(Health.lines, _line), class_name="card rows health parts", aria_label=t("health.parts")
        ),
        _section(t("health.sources"), _sources()),
        _section(
            t("health.isolation"),
            _look(Health.isolation, Health.isolation_findings, t("health.isolation_hint")),
        ),
        _section(
            t("health.security"), _look(Health.security, Health.security_findings, t("health.security_hint"))
        ),
        rx.cond(Health.earlier.length() > 2, _section(t("health.earlier"), _earlier())),
        _section(t("health.jobs"), _jobs()),
    )


def _section(title: Var[str], *children: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.h3(title), *children, class_name="section")


def _line(row: Var[HealthLine]) -> rx.Component:
    return rx.el.li(
        _sign(row.level),
        rx.el.div(
            rx.el.b(t_of("health.part.", row.name)),
            rx.el.p(
                t_said("health.said.", row.said, row.gaps),
                class_name=rx.cond(row.level == "wrong", "bad", ""),
            ),
        ),
        rx.cond(row.at_iso != "", age(row.at_iso)),
        class_name="entry",
    )


def _sign(level: Var[str]) -> rx.Component:
    return rx.el.span(
        icon(rx.match(level, *LEVEL_SIGNS, "info"), 18),
        rx.el.span(t_of("health.level.", level), class_name="sr"),
        class_name="level is-" + level.to(str),
    )


def _sources() -> rx.Component:
    nothing = state("mail", t("health.no_sources"), t("health.no_sources_hint"), level=rx.el.h4)
    return rx.cond(
        Health.sources.length() > 0,
        rx.el.ul(
            rx.foreach(Health.sources, _source), class_name="card rows health", aria_label=t("health.sources")
        ),
        rx.el.div(nothing, class_name="card"),
    )


def _source(row: Var[SourceRow]) -> rx.Component:
    failed = rx.el.p(
        t("mailboxes.imap_error", reason=t_of("imap.", row.error_code, otherwise="other")), class_name="bad"
    )
    never = rx.el.p(t("mailboxes.imap_never"))
    fetched = rx.cond(row.checked_iso != "", rx.el.p(t("health.fetched", when=ago(row.checked_iso))), never)
    off = rx.el.p(t("health.source_off"))
    return rx.el.li(
        _sign(rx.cond(row.error_code != "", "wrong", "fine").to(str)),
        rx.el.div(
            rx.el.b(row.address),
            rx.cond(row.is_enabled, rx.cond(row.error_code != "", failed, fetched), off),
        ),
        class_name="entry",
    )


def _look(row: Var[LookRow], findings: Var[list[FindingRow]], hint: Var[str]) -> rx.Component:
    told = rx.match(
        row.state,
        ("running", rx.el.p(icon("hourglass"), " ", t("health.running", when=ago(row.since_iso)))),
        ("waiting", rx.el.p(icon("clock"), " ", t("health.waiting", when=ago(row.since_iso)))),
        ("never", rx.el.p(t("health.never"))),
        rx.fragment(),
    )
    ended = rx.el.p(t("health.ended", when=moment(row.ended_iso)), " ", _verdict(row.wrong))
    grave = rx.foreach(findings, lambda one: rx.cond(one.level != "fine", _finding(one)))
    calm = rx.foreach(findings, lambda one: rx.cond(one.level == "fine", _finding(one)))
    return rx.el.div(
        rx.el.p(hint, class_name="hint"),
        rx.el.div(told, rx.cond(row.ended_iso != "", ended), role="status", class_name="told"),
        rx.el.ul(grave, class_name="found"),
        rx.cond(
            row.fine > 0,
            rx.el.details(rx.el.summary(t("health.fine", n=row.fine)), rx.el.ul(calm, class_name="found")),
        ),
        class_name="card health",
    )


def _verdict(wrong: Var[int]) -> rx.Component:
    return rx.cond(
        wrong > 0,
        chip(t("health.to_mend", n=wrong), colour="red"),
        chip(t("health.nothing_to_mend"), colour="green"),
    )


def _finding(row: Var[FindingRow]) -> rx.Component:
    return rx.el.li(_sign(row.level), rx.el.p(t_said("check.", row.code, row.gaps)), class_name="entry")


def _earlier() -> rx.Component:
    rows = rx.foreach(Health.earlier, _earlier_row)
    return rx.el.ul(rows, class_name="card rows health", aria_label=t("health.earlier"))


def _earlier_row(row: Var[EarlierRow]) -> rx.Component:
    return rx.el.li(
        rx.el.div(rx.el.b(t_of("health.kind.", row.kind)), rx.el.p(moment(row.ended_iso))),
        _verdict(row.wrong),
        class_name="entry",
    )


def _jobs() -> rx.Component:
    return rx.cond(
        Health.jobs.length() > 0,
        rx.el.ul(rx.foreach(Health.jobs, _job), class_name="card jobs", aria_label=t("health.jobs")),
        rx.el.p(t("health.no_jobs"), class_name="lead"),
    )


def _job(row: Var[JobRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(t_of("health.job.", row.name, otherwise="other")),
        rx.cond(
            row.is_late, chip(age(row.at_iso), colour="red", title=t("health.job_late")), age(row.at_iso)
        ),
    )
