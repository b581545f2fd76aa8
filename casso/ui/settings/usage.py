"""The section of Appearance on one's own usage: agree or not, see what is kept, delete it."""

import reflex as rx
from reflex.vars.base import Var

from casso.queries.usage import UsageRow, get_own_usage
from casso.rules.permissions import Action
from casso.services import usage
from casso.ui.bridge import call, in_thread
from casso.ui.guard import current_actor
from casso.ui.parts.button import button
from casso.ui.policy import policy
from casso.ui.t import t


class Usage(rx.State):
    """What the person said, and what is kept of them."""

    has_agreed: bool = False
    days: int = 0
    rows: list[UsageRow] = []

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def arrive(self) -> None:
        """Read it."""
        await self._read()

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def agree(self, wanted: bool) -> None:
        """Agree, or take it back; a refusal shows the switch as it stands."""
        try:
            await call(usage.set_agreement, current_actor(), is_given=wanted)
        finally:
            await self._read()

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def forget(self) -> None:
        """Delete what is kept."""
        await call(usage.delete_own_usage, current_actor())
        await self._read()

    async def _read(self) -> None:
        await in_thread(usage.keep_noted)
        found = await call(get_own_usage, current_actor())
        self.has_agreed, self.days, self.rows = found.has_agreed, found.days, list(found.rows)


def usage_section() -> rx.Component:
    """The card; where the desk counts nothing, there is none."""
    switch = rx.el.input(type="checkbox", checked=Usage.has_agreed, on_change=Usage.agree)
    hint = rx.el.span(t("usage.agree_hint", n=Usage.days), class_name="hint")
    return rx.cond(
        Usage.days > 0,
        rx.el.section(
            rx.el.h3(t("usage.title")),
            rx.el.div(
                rx.el.label(switch, rx.el.span(t("usage.agree"), hint), class_name="check"),
                rx.cond(Usage.rows.length() > 0, _kept()),
                class_name="card",
            ),
            class_name="section",
        ),
    )


def _kept() -> rx.Component:
    return rx.fragment(
        rx.el.details(
            rx.el.summary(t("usage.kept", n=Usage.rows.length()), class_name="link"),
            rx.el.ul(rx.foreach(Usage.rows, _row), class_name="usage"),
        ),
        rx.el.div(button(t("usage.forget"), on_click=Usage.forget)),
    )


def _row(row: Var[UsageRow]) -> rx.Component:
    return rx.el.li(rx.el.span(row.used), rx.el.span(row.day, class_name="hint"), rx.el.span(row.times))
