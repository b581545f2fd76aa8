"""Your sessions: every browser signed in to this account, and ending the others."""

from contextlib import suppress

import reflex as rx
from reflex.vars.base import Var

from casso.errors import NotFound
from casso.queries.sessions import SessionRow, list_sessions
from casso.rules.permissions import Action
from casso.services import session_ending
from casso.ui.bridge import call
from casso.ui.caller import caller_of
from casso.ui.guard import current_actor
from casso.ui.me import Me
from casso.ui.moments import ago, moment
from casso.ui.parts.button import button
from casso.ui.parts.chip import chip
from casso.ui.parts.icon import icon
from casso.ui.parts.states import bar
from casso.ui.policy import policy
from casso.ui.settings.frame import settings_page, sheet_head
from casso.ui.t import t
from casso.ui.toast import Toast


class Sessions(rx.State):
    """The browsers, this one first."""

    rows: list[SessionRow] = []
    is_ready: bool = False

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def arrive(self) -> None:
        """Read the list."""
        await self._read()

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def end(self, session_id: int) -> None:
        """Sign one browser out; one that is gone already is no problem."""
        with suppress(NotFound):
            await call(session_ending.end_session, current_actor(), session_id, caller_of(self))
        await self._say("session_ended")

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def end_others(self) -> None:
        """Sign every other browser out."""
        await call(session_ending.end_other_sessions, current_actor(), caller_of(self))
        await self._say("sessions_ended")

    async def _say(self, word: str) -> None:
        (await self.get_state(Toast))._say(word)
        await self._read()

    async def _read(self) -> None:
        self.rows = list(await call(list_sessions, current_actor()))
        self.is_ready = True


def sessions_page() -> rx.Component:
    """The page."""
    others = rx.cond(
        Sessions.rows.length() > 1,
        button(t("sessions.end_others"), sign="log-out", kind="danger", on_click=Sessions.end_others),
    )
    waiting = rx.el.div(bar("40%"), bar("60%"), class_name="card", custom_attrs={"aria-hidden": "true"})
    return settings_page(
        "sessions",
        sheet_head(t("sessions.title"), t("sessions.lead"), others),
        rx.cond(
            Sessions.is_ready,
            rx.el.ul(
                rx.foreach(Sessions.rows, _session), class_name="card rows", aria_label=t("sessions.title")
            ),
            waiting,
        ),
        rx.el.p(t("sessions.hint"), class_name="lead"),
        for_admins=False,
    )


def _session(row: Var[SessionRow]) -> rx.Component:
    return rx.el.li(
        icon("monitor-smartphone", 18),
        rx.el.div(
            rx.el.b(rx.cond(row.browser != "", row.browser, t("sessions.unknown_browser"))),
            rx.cond(row.is_this, rx.fragment(" ", chip(t("sessions.this"), colour="green"))),
            rx.el.p(
                rx.cond(row.ip != "", row.ip, t("sessions.unknown_address")),
                rx.cond(row.organization != Me.organization, rx.fragment(" · ", row.organization)),
            ),
            rx.el.p(
                t("sessions.when", seen=ago(row.seen_iso), created=moment(row.created_iso)),
            ),
        ),
        rx.cond(
            row.is_this,
            rx.fragment(),
            button(
                t("sessions.end"),
                on_click=Sessions.end(row.id),
                aria_label=t("sessions.end_one", browser=row.browser),
            ),
        ),
        class_name="entry",
    )
