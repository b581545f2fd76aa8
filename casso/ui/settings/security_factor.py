"""The section of the second factor: set up an authenticator app, new spare codes, turn it off.

Secret and spare codes are vars only while they are shown, and forgotten when one leaves the page.
"""

import reflex as rx

from casso.queries.factors import FactorRow, get_factor
from casso.rules.permissions import Action
from casso.services import own_factor
from casso.ui.bridge import call
from casso.ui.caller import caller_of
from casso.ui.guard import current_actor
from casso.ui.parts.button import button
from casso.ui.parts.icon import icon
from casso.ui.policy import policy
from casso.ui.settings.frame import field
from casso.ui.settings.proof import Proof, proved
from casso.ui.t import t

NOTHING = FactorRow(False, 0, True)


class Factor(rx.State):
    """How it stands, and what is being set up."""

    row: FactorRow = NOTHING
    secret: str = ""
    qr: str = ""
    codes: list[str] = []

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def arrive(self) -> None:
        """Read how it stands; what was shown before is gone."""
        self.secret, self.qr, self.codes = "", "", []
        self.row = await call(get_factor, current_actor())

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def begin(self) -> None:
        """Show a secret to scan."""
        made = await call(own_factor.begin, current_actor())
        grouped = (made.secret[start : start + 4] for start in range(0, len(made.secret), 4))
        self.secret, self.qr = " ".join(grouped), made.qr

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def confirm(self, form: dict[str, str]) -> None:
        """Let it count; show the spare codes."""
        code = form.get("code", "")[:30]
        self.codes = list(await call(own_factor.confirm, current_actor(), code, caller_of(self)))
        self.secret, self.qr = "", ""
        self.row = await call(get_factor, current_actor())

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def renew(self) -> None:
        """Show new spare codes."""
        self.codes = list(await call(own_factor.renew_spare_codes, current_actor(), caller_of(self)))
        self.row = await call(get_factor, current_actor())

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def turn_off(self) -> None:
        """Ask for it no more."""
        await call(own_factor.turn_off, current_actor(), caller_of(self))
        self.codes = []
        self.row = await call(get_factor, current_actor())

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def keep(self) -> None:
        """The spare codes were kept; show them no more."""
        self.codes = []


def factor_section() -> rx.Component:
    """The card."""
    shown = rx.cond(
        Factor.codes.length() > 0,
        _codes(),
        rx.cond(Factor.row.is_on, _on(), rx.cond(Factor.secret != "", _scan(), _off())),
    )
    return rx.el.section(
        rx.el.h3(t("factor.title")), rx.el.div(shown, class_name="card"), class_name="section"
    )


def _off() -> rx.Component:
    return rx.fragment(
        rx.el.p(t("factor.off_lead"), class_name="lead"),
        proved(rx.el.div(button(t("factor.begin"), kind="primary", on_click=Factor.begin))),
    )


def _scan() -> rx.Component:
    code = rx.el.input(
        name="code",
        required=True,
        max_length=10,
        input_mode="numeric",
        auto_complete="one-time-code",
        class_name="input",
    )
    return rx.el.form(
        rx.el.p(t("factor.scan")),
        rx.el.img(src=Factor.qr, alt=t("factor.qr"), class_name="qr", width="200", height="200"),
        rx.el.p(t("factor.typed"), " ", rx.el.code(Factor.secret), class_name="hint"),
        field(t("factor.code"), code),
        rx.el.div(rx.el.button(t("factor.confirm"), type="submit", class_name="btn primary")),
        on_submit=Factor.confirm,
        reset_on_submit=True,
        class_name="group",
    )


def _codes() -> rx.Component:
    return rx.fragment(
        rx.el.p(t("factor.codes"), role="status"),
        rx.el.ul(rx.foreach(Factor.codes, lambda one: rx.el.li(rx.el.code(one))), class_name="codes"),
        rx.el.div(button(t("factor.kept"), kind="primary", on_click=Factor.keep)),
    )


def _on() -> rx.Component:
    return rx.fragment(
        rx.el.p(icon("check"), t("factor.on"), class_name="notice good"),
        rx.el.p(t("factor.spare_left", n=Factor.row.spare_left), class_name="hint"),
        rx.cond(
            Proof.is_recent,
            rx.el.div(
                button(t("factor.renew"), on_click=Factor.renew),
                button(t("factor.turn_off"), kind="danger", on_click=Factor.turn_off),
                class_name="deeds",
            ),
            proved(),
        ),
    )
