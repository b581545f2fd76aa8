"""The section of passkeys: which there are, and a new one, which assets/passkeys.js asks the browser for."""

from contextlib import suppress

import reflex as rx
from reflex.vars.base import Var

from casso.errors import NotFound
from casso.queries.factors import PasskeyRow, list_passkeys
from casso.rules.permissions import Action
from casso.services import passkeys
from casso.services.proofs import require_recent_proof
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.moments import ago, full
from casso.ui.parts.button import button
from casso.ui.parts.icon import icon
from casso.ui.policy import policy
from casso.ui.settings.frame import field, text_input
from casso.ui.settings.proof import Proof, proved
from casso.ui.settings.security_factor import Factor
from casso.ui.t import t


class Passkeys(rx.State):
    """What there is."""

    rows: list[PasskeyRow] = []

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def arrive(self) -> None:
        """Read the list."""
        self.rows = list(await call(list_passkeys, current_actor()))

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def remove(self, passkey_id: int) -> None:
        """Take one away; one that is gone already is no problem."""
        actor = current_actor()
        await call(require_recent_proof, actor)
        with suppress(NotFound):
            await call(passkeys.remove, actor, passkey_id)
        self.rows = list(await call(list_passkeys, actor))


def passkey_section() -> rx.Component:
    """The card."""
    rows = rx.cond(
        Passkeys.rows.length() > 0,
        rx.el.ul(rx.foreach(Passkeys.rows, _row), class_name="entries", aria_label=t("passkey.title")),
    )
    new = rx.el.div(
        field(t("passkey.name"), text_input("passkey-name", max_length=60), t("passkey.name_hint")),
        rx.el.div(button(t("passkey.add"), sign="key-round", custom_attrs={"data-passkey": "add"})),
        rx.el.p(class_name="wrong passkey-said", role="alert", hidden=True),
        class_name="group passkeys",
    )
    possible = rx.cond(
        Factor.row.passkeys_possible, proved(new), rx.el.p(t("passkey.impossible"), class_name="hint")
    )
    return rx.el.section(
        rx.el.h3(t("passkey.title")),
        rx.el.div(rx.el.p(t("passkey.lead"), class_name="lead"), rows, possible, class_name="card"),
        class_name="section",
    )


def _row(row: Var[PasskeyRow]) -> rx.Component:
    used = rx.cond(row.used_iso != "", t("passkey.used", when=ago(row.used_iso)), t("passkey.never_used"))
    return rx.el.li(
        icon("key-round", 18),
        rx.el.div(rx.el.b(row.name), rx.el.p(t("passkey.since", when=full(row.added_iso)), " · ", used)),
        rx.cond(
            Proof.is_recent,
            button(
                t("passkey.remove"),
                on_click=Passkeys.remove(row.id),
                aria_label=t("passkey.remove_one", name=row.name),
            ),
        ),
        class_name="entry",
    )
