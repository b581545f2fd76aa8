"""The organization's name, zone and language."""

from contextlib import suppress

import reflex as rx

from casso.errors import AlreadyDone
from casso.queries.tickets import get_organization
from casso.rules.permissions import Action
from casso.services import preferences
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.me import Me
from casso.ui.policy import policy
from casso.ui.settings.frame import (
    choice,
    field,
    intent_field,
    saved_mark,
    settings_page,
    sheet_head,
    text_input,
)
from casso.ui.settings.sign_in_rules import rules_section
from casso.ui.settings.zones import zone_input
from casso.ui.t import t
from casso.words import LOCALES


class General(rx.State):
    """What the form starts from, and whether it was saved."""

    name: str = ""
    zone: str = ""
    locale: str = ""
    is_saved: bool = False

    @rx.event
    @policy(Action.READ_SETTINGS)
    async def arrive(self) -> None:
        """Read the settings."""
        row = await call(get_organization, current_actor())
        self.name, self.zone, self.locale = row.name, row.zone, row.locale
        self.is_saved = False

    @rx.event
    @policy(Action.CHANGE_SETTINGS)
    async def save(self, form: dict[str, str]) -> None:
        """Save; the rail shows the new name at once."""
        actor = current_actor()
        name, zone, locale = form.get("name", ""), form.get("zone", ""), form.get("locale", "")
        intent = form.get("intent", "")[:64]
        with suppress(AlreadyDone):
            await call(preferences.set_general, actor, name=name, zone=zone, locale=locale, intent=intent)
        me = await self.get_state(Me)
        await me._read(actor)
        self.is_saved = True


def general_page() -> rx.Component:
    """The page."""
    languages = tuple((name, t(f"language.{name}")) for name in LOCALES)
    return settings_page(
        "general",
        sheet_head(t("general.title"), t("general.lead")),
        rx.el.form(
            intent_field(),
            field(t("general.name"), text_input("name", General.name, required=True, max_length=100)),
            field(t("general.zone"), zone_input(General.zone), t("general.zone_hint")),
            field(t("general.locale"), choice("locale", General.locale, languages)),
            rx.el.footer(
                rx.el.button(t("settings.save"), type="submit", class_name="btn primary"),
                saved_mark(General.is_saved),
            ),
            on_submit=General.save,
            reset_on_submit=False,
            key=General.name + General.zone,
            class_name="card",
        ),
        rules_section(),
    )
