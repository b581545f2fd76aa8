"""The section that changes the mail address: what is asked for, what both addresses have said, a way back."""

import reflex as rx
from reflex.vars.base import Var

from casso.queries.mail_changes import MailChangeRow, get_mail_change
from casso.rules.permissions import Action
from casso.rules.sign_in_address import TYPED_LIMIT
from casso.services import mail_changes
from casso.ui.bridge import call
from casso.ui.caller import caller_of
from casso.ui.guard import current_actor
from casso.ui.me import Me
from casso.ui.moments import moment
from casso.ui.parts.button import button
from casso.ui.parts.chip import chip
from casso.ui.policy import policy
from casso.ui.settings.frame import field, text_input
from casso.ui.settings.proof import proved
from casso.ui.t import t


class MailAddress(rx.State):
    """The change that waits, if one does."""

    waiting: MailChangeRow = MailChangeRow()

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def arrive(self) -> None:
        """Look what waits."""
        await self._read()

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def ask(self, form: dict[str, str]) -> None:
        """Send the links to both addresses."""
        wanted = form.get("new_email", "")[: TYPED_LIMIT + 1]
        await call(mail_changes.request_mail_change, current_actor(), wanted, caller_of(self))
        await self._read()

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def cancel(self) -> None:
        """Leave the address as it is."""
        await call(mail_changes.cancel_mail_change, current_actor(), caller_of(self))
        await self._read()

    async def _read(self) -> None:
        self.waiting = await call(get_mail_change, current_actor())


def mail_section() -> rx.Component:
    """The card."""
    is_waiting = MailAddress.waiting.new_email != ""
    return rx.el.section(
        rx.el.h3(t("profile.mail")),
        rx.el.div(
            rx.el.p(t("profile.mail_now", email=Me.email), dir="auto"),
            rx.cond(is_waiting, _waiting(MailAddress.waiting), proved(_form())),
            class_name="card",
        ),
        class_name="section",
    )


def _form() -> rx.Component:
    new = text_input("new_email", type="email", required=True, max_length=TYPED_LIMIT)
    return rx.el.form(
        field(t("profile.mail_new"), new, t("profile.mail_hint")),
        rx.el.div(button(t("profile.mail_ask"), submit=True)),
        on_submit=MailAddress.ask,
        reset_on_submit=True,
        class_name="group",
    )


def _waiting(row: Var[MailChangeRow]) -> rx.Component:
    return rx.el.div(
        rx.el.p(
            t("profile.mail_waits", when=moment(row.expires_iso)), role="status", class_name="notice warn"
        ),
        rx.el.ul(
            _side(Me.email, t("profile.mail_old_side"), row.is_old_confirmed),
            _side(row.new_email, t("profile.mail_new_side"), row.is_new_confirmed),
            class_name="entries",
        ),
        rx.el.div(button(t("profile.mail_cancel"), on_click=MailAddress.cancel)),
        class_name="group",
    )


def _side(email: Var[str], what: Var[str], is_confirmed: Var[bool]) -> rx.Component:
    return rx.el.li(
        rx.el.div(rx.el.b(email, dir="auto"), rx.el.p(what)),
        rx.cond(
            is_confirmed,
            chip(t("profile.mail_confirmed"), colour="green"),
            chip(t("profile.mail_unconfirmed"), colour="amber"),
        ),
        class_name="entry",
    )
