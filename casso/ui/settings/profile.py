"""Who one is: name and phone number of the signed-in person.

One page of sections, each a file of its own, like the security page.
"""

from contextlib import suppress

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from casso.errors import AlreadyDone
from casso.queries.profile import get_profile
from casso.rules.permissions import Action
from casso.rules.person import NAME_LIMIT, PHONE_LIMIT
from casso.services import profile
from casso.ui.bridge import call
from casso.ui.caller import caller_of
from casso.ui.guard import current_actor
from casso.ui.inbox.desk_state import Desk
from casso.ui.me import Me
from casso.ui.parts.states import bar
from casso.ui.policy import policy
from casso.ui.settings.frame import field, intent_field, saved_mark, settings_page, sheet_head, text_input
from casso.ui.settings.profile_mail import MailAddress, mail_section
from casso.ui.settings.profile_picture import Picture, picture_section
from casso.ui.settings.proof import Proof
from casso.ui.t import t

FIELDS = ("first_name", "last_name", "phone", "intent")


class Profile(rx.State):
    """What the form starts from, and whether it was saved."""

    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    is_ready: bool = False
    is_saved: bool = False

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def arrive(self) -> None:
        """Read the profile."""
        await self._read()
        self.is_ready, self.is_saved = True, False

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def save(self, form: dict[str, str]) -> None:
        """Save; the rail shows the new name at once."""
        actor = current_actor()
        asked = {name: form.get(name, "")[:400] for name in FIELDS}
        with suppress(AlreadyDone):
            await call(profile.set_profile, actor, caller=caller_of(self), **asked)
        await (await self.get_state(Me))._read(actor)
        await self._read()
        self.is_saved = True

    async def _read(self) -> None:
        row = await call(get_profile, current_actor())
        self.first_name, self.last_name, self.phone = row.first_name, row.last_name, row.phone


ON_PROFILE = [Me.arrive, Desk.tally, Proof.arrive, Profile.arrive, MailAddress.arrive, Picture.arrive]


def profile_page() -> rx.Component:
    """The page."""
    waiting = rx.el.div(bar("40%"), bar("60%"), class_name="card", custom_attrs={"aria-hidden": "true"})
    return settings_page(
        "profile",
        sheet_head(t("profile.title"), t("profile.lead")),
        rx.cond(Profile.is_ready, _names(), waiting),
        picture_section(),
        mail_section(),
        ReactRouterLink.create(t("profile.elsewhere"), to="/settings/appearance", class_name="linkbtn"),
        for_admins=False,
    )


def _names() -> rx.Component:
    first = text_input("first_name", Profile.first_name, required=True, max_length=NAME_LIMIT)
    last = text_input("last_name", Profile.last_name, max_length=NAME_LIMIT)
    phone = text_input("phone", Profile.phone, type="tel", max_length=PHONE_LIMIT)
    return rx.el.form(
        intent_field(),
        rx.el.div(
            field(t("profile.first_name"), first), field(t("profile.last_name"), last), class_name="two"
        ),
        field(t("profile.phone"), phone, t("profile.phone_hint")),
        rx.el.footer(
            rx.el.button(t("settings.save"), type="submit", class_name="btn primary"),
            saved_mark(Profile.is_saved),
        ),
        on_submit=Profile.save,
        reset_on_submit=False,
        key=Profile.first_name + "." + Profile.last_name + "." + Profile.phone,
        class_name="card",
    )
