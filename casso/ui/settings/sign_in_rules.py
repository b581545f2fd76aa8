"""The section of General that says how members must sign in."""

import reflex as rx

from casso.queries.tickets import get_organization
from casso.rules.permissions import Action
from casso.services import own_factor
from casso.ui.bridge import call
from casso.ui.caller import caller_of
from casso.ui.guard import current_actor
from casso.ui.policy import policy
from casso.ui.t import t


class SignInRules(rx.State):
    """What the organization demands."""

    is_demanded: bool = False

    @rx.event
    @policy(Action.READ_SETTINGS)
    async def arrive(self) -> None:
        """Read it."""
        self.is_demanded = (await call(get_organization, current_actor())).requires_second_factor

    @rx.event
    @policy(Action.CHANGE_SETTINGS)
    async def demand(self, wanted: bool) -> None:
        """Demand a second factor, or no more; a refusal shows the switch as it stands."""
        actor = current_actor()
        try:
            await call(own_factor.demand, actor, caller_of(self), is_demanded=wanted)
        finally:
            self.is_demanded = (await call(get_organization, actor)).requires_second_factor


def rules_section() -> rx.Component:
    """The card."""
    switch = rx.el.input(type="checkbox", checked=SignInRules.is_demanded, on_change=SignInRules.demand)
    return rx.el.section(
        rx.el.h3(t("rules.title")),
        rx.el.div(
            rx.el.label(
                switch,
                rx.el.span(t("rules.demand"), rx.el.span(t("rules.demand_hint"), class_name="hint")),
                class_name="check",
            ),
            class_name="card",
        ),
        class_name="section",
    )
