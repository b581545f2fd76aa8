"""The operators page: who looks after this installation; shown to operators alone."""

import reflex as rx
from reflex.vars.base import Var

from casso.queries.roles import OperatorRow, list_operators
from casso.services import operators
from casso.ui.bridge import call
from casso.ui.caller import caller_of
from casso.ui.guard import current_actor
from casso.ui.me import Me
from casso.ui.parts.button import button
from casso.ui.parts.chip import chip
from casso.ui.parts.icon import icon
from casso.ui.policy import Who, policy
from casso.ui.settings.frame import field, no_permission, settings_page, sheet_head, text_input
from casso.ui.t import t
from casso.ui.toast import Toast


class Operators(rx.State):
    """The rows, and whose mark is about to be taken away."""

    rows: list[OperatorRow] = []
    asked: int = 0

    @rx.event
    @policy(Who.OPERATOR)
    async def arrive(self) -> None:
        """Read the list."""
        self.asked = 0
        self.rows = list(await call(list_operators, current_actor()))

    @rx.event
    @policy(Who.OPERATOR)
    async def ask(self, account_id: int) -> None:
        """Ask whether this one is really to be none any more."""
        self.asked = account_id

    @rx.event
    @policy(Who.OPERATOR)
    async def make(self, form: dict[str, str]) -> None:
        """Make somebody with an account an operator."""
        await self._set(form.get("email", ""), is_operator=True)

    @rx.event
    @policy(Who.OPERATOR)
    async def end(self, email: str) -> None:
        """Take the mark away; whoever takes their own sees this page no more."""
        await self._set(email, is_operator=False)

    async def _set(self, email: str, *, is_operator: bool) -> None:
        actor, caller = current_actor(), caller_of(self)
        await call(operators.set_operator, actor, email, is_operator=is_operator, caller=caller)
        (await self.get_state(Toast))._say("operator_made" if is_operator else "operator_ended")
        self.asked = 0
        if not is_operator and email == actor.email:
            self.rows = []
            (await self.get_state(Me)).is_operator = False
            return
        self.rows = list(await call(list_operators, actor))


def operators_page() -> rx.Component:
    """The page."""
    shown = rx.fragment(
        sheet_head(t("operators.title"), t("operators.lead")),
        rx.el.ul(rx.foreach(Operators.rows, _operator), class_name="card rows"),
        rx.el.form(
            field(
                t("operators.email"),
                text_input("email", type="email", required=True, max_length=320),
                t("operators.email_hint"),
            ),
            rx.el.footer(button(t("operators.make"), kind="primary", submit=True)),
            on_submit=Operators.make,
            reset_on_submit=True,
            class_name="card",
        ),
    )
    refused = rx.cond(Me.account_id > 0, no_permission())
    return settings_page("operators", rx.cond(Me.is_operator, shown, refused), for_admins=False)


def _operator(row: Var[OperatorRow]) -> rx.Component:
    really = rx.el.span(
        button(t("operators.end_now"), kind="danger", on_click=Operators.end(row.email)),
        button(t("members.cancel"), on_click=Operators.ask(0)),
        class_name="does",
    )
    return rx.el.li(
        icon("server", 18),
        rx.el.div(
            rx.el.b(row.name),
            rx.cond(row.is_me, rx.fragment(" ", chip(t("members.you")))),
            rx.el.p(row.email),
        ),
        rx.cond(
            Operators.asked == row.account_id,
            really,
            button(t("operators.end"), on_click=Operators.ask(row.account_id)),
        ),
        class_name="entry",
    )
