"""Language, colours and time zone of the signed-in person."""

from contextlib import suppress

import reflex as rx
from reflex.vars.base import Var

from casso.errors import AlreadyDone
from casso.services import preferences
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.inbox.desk_state import Desk
from casso.ui.me import Me
from casso.ui.policy import Who, policy
from casso.ui.settings.frame import field, intent_field, saved_mark, settings_page, sheet_head
from casso.ui.settings.usage import Usage, usage_section
from casso.ui.settings.zones import zone_input
from casso.ui.t import t
from casso.words import LOCALES

THEMES = ("system", "light", "dark")


class Appearance(rx.State):
    """Whether the last change was saved."""

    is_saved: bool = False

    @rx.event
    @policy(Who.SIGNED_IN)
    async def arrive(self) -> None:
        """Forget what was saved on an earlier visit."""
        self.is_saved = False

    @rx.event
    @policy(Who.SIGNED_IN)
    async def save(self, form: dict[str, str]) -> None:
        """Save, and show it at once: the words and colours of this page change with it."""
        me = await self.get_state(Me)
        asked = {name: form.get(name, "")[:64] for name in ("locale", "theme", "zone", "intent")}
        with suppress(AlreadyDone):
            await call(preferences.set_appearance, current_actor(), **asked)
        await me._read(current_actor())
        self.is_saved = True


ON_APPEARANCE = [Me.arrive, Desk.tally, Appearance.arrive, Usage.arrive]


def appearance_page() -> rx.Component:
    """The page."""
    languages = tuple((name, t(f"language.{name}")) for name in LOCALES)
    themes = tuple((name, t(f"theme.{name}")) for name in THEMES)
    return settings_page(
        "appearance",
        sheet_head(t("appearance.title"), t("appearance.lead")),
        rx.el.form(
            intent_field(),
            _radios("locale", t("appearance.language"), Me.lang, languages),
            _radios("theme", t("appearance.theme"), Me.theme, themes),
            field(t("appearance.zone"), zone_input(Me.zone), t("appearance.zone_hint")),
            rx.el.footer(
                rx.el.button(t("settings.save"), type="submit", class_name="btn primary"),
                saved_mark(Appearance.is_saved),
            ),
            on_submit=Appearance.save,
            reset_on_submit=False,
            key=Me.account_id.to_string(),
            class_name="card",
        ),
        usage_section(),
        for_admins=False,
    )


def _radios(
    name: str, legend: Var[str], current: Var[str], options: tuple[tuple[str, Var[str]], ...]
) -> rx.Component:
    choices = (
        rx.el.label(
            rx.el.input(type="radio", name=name, value=value, default_checked=current == value),
            label,
            class_name="radio",
        )
        for value, label in options
    )
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="label"), rx.el.div(*choices, class_name="radios"), class_name="field"
    )
