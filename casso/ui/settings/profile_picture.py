"""The section with one's own picture: a plain form, because files travel outside of the socket.

What went wrong comes back in the address, as on the security page.
"""

import reflex as rx

from casso.rules.permissions import Action
from casso.services import pictures
from casso.services.pictures import LARGEST_PICTURE
from casso.ui.bridge import call
from casso.ui.caller import caller_of
from casso.ui.guard import current_actor
from casso.ui.me import Me
from casso.ui.parts.avatar import face
from casso.ui.parts.button import button
from casso.ui.parts.icon import icon
from casso.ui.parts.plain_form import plain_form
from casso.ui.policy import policy
from casso.ui.settings.frame import field
from casso.ui.t import t, t_problem

PROBLEMS = (
    "error.picture", "error.file_empty", "error.file_too_large", "error.too_many_tries", "error.outside",
)  # fmt: skip
TYPES = "image/png,image/jpeg,image/webp,image/gif"
MEGABYTES = LARGEST_PICTURE // 1_000_000


class Picture(rx.State):
    """What came of the last upload."""

    is_changed: bool = False
    problem: str = ""
    values: dict[str, str] = {}

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def arrive(self) -> None:
        """Read what the form came back with; only words of our own count."""
        found = self.router.url.query_parameters
        problem = found.get("problem", "")
        self.problem = problem if problem in PROBLEMS else ""
        minutes = found.get("minutes", "")[:4]
        self.values = {"n": str(MEGABYTES), "minutes": minutes if minutes.isdecimal() else "1"}
        self.is_changed = found.get("done") == "picture"

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def remove(self) -> None:
        """Show the initials again, in the rail at once."""
        actor = current_actor()
        await call(pictures.remove_picture, actor, caller_of(self))
        self.is_changed, self.problem = False, ""
        await (await self.get_state(Me))._read(actor)


def picture_section() -> rx.Component:
    """The card."""
    chosen = rx.el.input(type="file", name="picture", accept=TYPES, required=True, class_name="input")
    form = plain_form(
        field(t("profile.picture_file"), chosen, t("profile.picture_hint", n=MEGABYTES)),
        rx.el.div(
            rx.el.button(t("profile.picture_upload"), type="submit", class_name="btn"),
            rx.cond(
                Me.picture != "",
                button(t("profile.picture_remove"), kind="danger", on_click=Picture.remove),
            ),
            class_name="deeds",
        ),
        action="/account/picture",
        method="post",
        enc_type="multipart/form-data",
        class_name="group",
    )
    mark = rx.el.span(
        Me.initials, face(Me.picture), class_name="av a portrait", custom_attrs={"aria-hidden": "true"}
    )
    return rx.el.section(
        rx.el.h3(t("profile.picture")),
        rx.cond(
            Picture.is_changed & (Me.picture != ""),
            rx.el.p(icon("check"), t("profile.picture_changed"), class_name="notice good", role="status"),
        ),
        rx.cond(
            Picture.problem != "",
            rx.el.p(
                icon("circle-alert"),
                t_problem(Picture.problem, Picture.values),
                class_name="notice bad",
                role="alert",
            ),
        ),
        rx.el.div(mark, form, class_name="card beside"),
        class_name="section",
    )
