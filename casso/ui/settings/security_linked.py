"""The section of linked accounts: Google, GitHub, an OpenID Connect provider, as far as switched on.

Linking is a plain form that leaves the site and comes back to this page.
"""

from contextlib import suppress

import reflex as rx
from reflex.vars.base import Var

from casso.errors import NotFound
from casso.queries.identities import LinkedRow, ProviderRow, list_choices, list_linked
from casso.rules.permissions import Action
from casso.services import identities
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.moments import ago, full
from casso.ui.parts.button import button
from casso.ui.parts.icon import icon
from casso.ui.parts.plain_form import plain_form
from casso.ui.policy import policy
from casso.ui.settings.proof import Proof, proved
from casso.ui.t import t


class Linked(rx.State):
    """What is linked, and what could be."""

    rows: list[LinkedRow] = []
    choices: list[ProviderRow] = []

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def arrive(self) -> None:
        """Read both lists."""
        self.choices = list(await call(list_choices, current_actor()))
        self.rows = list(await call(list_linked, current_actor()))

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def unlink(self, identity_id: int) -> None:
        """Take one away; one that is gone already is no problem."""
        actor = current_actor()
        with suppress(NotFound):
            await call(identities.unlink, actor, identity_id)
        self.rows = list(await call(list_linked, actor))


def linked_section() -> rx.Component:
    """The card; nothing where no provider is switched on and nothing is linked."""
    rows = rx.cond(
        Linked.rows.length() > 0,
        rx.el.ul(rx.foreach(Linked.rows, _row), class_name="entries", aria_label=t("linked.title")),
        rx.el.p(t("linked.none"), class_name="lead"),
    )
    links = rx.el.div(rx.foreach(Linked.choices, _choice), class_name="deeds")
    return rx.cond(
        (Linked.choices.length() > 0) | (Linked.rows.length() > 0),
        rx.el.section(
            rx.el.h3(t("linked.title")),
            rx.el.div(rows, proved(links), class_name="card"),
            class_name="section",
        ),
    )


def _row(row: Var[LinkedRow]) -> rx.Component:
    used = rx.cond(row.used_iso != "", t("linked.used", when=ago(row.used_iso)), t("linked.never_used"))
    return rx.el.li(
        icon("link", 18),
        rx.el.div(
            rx.el.b(row.provider),
            rx.el.p(row.who),
            rx.el.p(t("linked.since", when=full(row.linked_iso)), " · ", used),
        ),
        rx.cond(
            Proof.is_recent,
            button(
                t("linked.unlink"),
                on_click=Linked.unlink(row.id),
                aria_label=t("linked.unlink_one", provider=row.provider),
            ),
        ),
        class_name="entry",
    )


def _choice(one: Var[ProviderRow]) -> rx.Component:
    return plain_form(
        rx.el.button(icon("link"), t("linked.link", provider=one.title), type="submit", class_name="btn"),
        action="/auth/" + one.name + "/link",
        method="post",
    )
