"""Asking for the password again before a sensitive change; good for ten minutes.

A section shows `proved(its_controls)`: the controls, or the question in their place. The
services behind them call require_recent_proof(), so nothing depends on what is shown.
"""

import reflex as rx

from casso.queries.sessions import has_password
from casso.rules.permissions import Action
from casso.services import proofs
from casso.ui.bridge import call
from casso.ui.caller import caller_of
from casso.ui.guard import current_actor
from casso.ui.parts.button import button
from casso.ui.policy import policy
from casso.ui.settings.frame import field
from casso.ui.t import t


class Proof(rx.State):
    """Whether this browser proved lately who is in front of it, and whether it can with a password."""

    is_recent: bool = False
    has_password: bool = True

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def arrive(self) -> None:
        """Look how long ago it was."""
        actor = current_actor()
        self.is_recent = await call(proofs.has_recent_proof, actor)
        self.has_password = await call(has_password, actor)

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def confirm(self, form: dict[str, str]) -> None:
        """Check the password; a wrong one says so and shows the question again."""
        await call(proofs.prove_password, current_actor(), form.get("password", ""), caller_of(self))
        self.is_recent = True


def proved(*controls: rx.Component) -> rx.Component:
    """The controls once it is proved who is in front of the screen, else the question."""
    return rx.cond(
        Proof.is_recent,
        rx.fragment(*controls),
        rx.cond(Proof.has_password, _question(), rx.el.p(t("proof.no_password"), class_name="lead")),
    )


def _question() -> rx.Component:
    password = rx.el.input(
        name="password",
        type="password",
        required=True,
        max_length=256,
        auto_complete="current-password",
        class_name="input",
    )
    return rx.el.form(
        field(t("proof.password"), password, t("proof.why")),
        rx.el.div(button(t("proof.confirm"), submit=True)),
        on_submit=Proof.confirm,
        reset_on_submit=True,
        class_name="group",
    )
