"""An empty desk teaches: where the first mail goes, and a test mail that takes the real road."""

import reflex as rx
from reflex.vars.base import Var
from reflex_components_core.react_router.dom import ReactRouterLink

from casso.rules.permissions import Action
from casso.services import test_mail
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.inbox.desk_state import Desk
from casso.ui.me import Me
from casso.ui.parts.icon import icon
from casso.ui.policy import policy
from casso.ui.t import t
from casso.ui.toast import Toast


class FirstVisit(rx.State):
    """The one button of an empty desk."""

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def send_test(self, intent: str) -> None:
        """Put a test mail into the spool, as if a customer had sent it."""
        await call(test_mail.send_test_mail, current_actor(), intent=intent)
        toast = await self.get_state(Toast)
        toast._say("test_mail")


def first_visit() -> rx.Component:
    """What the ticket column shows while the organization has no ticket at all."""
    return rx.el.div(
        rx.el.h1(t("first.title")),
        rx.el.p(
            rx.cond(Desk.addresses.length() > 0, t("first.lead"), t("first.lead_none")), class_name="lead"
        ),
        rx.foreach(Desk.addresses, _address),
        rx.el.div(
            rx.cond(
                Desk.addresses.length() > 0,
                rx.el.button(
                    icon("mail"),
                    t("first.test"),
                    type="button",
                    class_name="btn primary big",
                    on_click=FirstVisit.send_test(rx.Var("crypto.randomUUID()", _var_type=str)),
                ),
            ),
            rx.cond(
                Me.may_set,
                ReactRouterLink.create(t("first.connect"), to="/settings/mailboxes", class_name="btn big"),
            ),
            class_name="acts",
        ),
        rx.el.ul(
            rx.el.li(icon("download"), t("first.step_imap")),
            rx.el.li(icon("send"), t("first.step_forward")),
            class_name="ways",
            aria_label=t("first.steps"),
        ),
        class_name="first",
    )


def _address(address: Var[str]) -> rx.Component:
    return rx.el.div(
        icon("at-sign"),
        rx.el.b(address),
        rx.el.button(
            icon("copy"),
            t("first.copy"),
            rx.el.span(icon("check"), hidden=True, custom_attrs={"data-copied-here": ""}),
            type="button",
            class_name="btn",
            custom_attrs={"data-copy": address, "data-copied": t("first.copied")},
        ),
        class_name="addr",
    )
