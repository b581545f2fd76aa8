"""The section that changes the password: a plain form, because the session gets a new cookie with it.

How good the new one is, is said when the field is left; what went wrong comes back in the address.
"""

import reflex as rx

from casso.rules.passwords import PASSWORD_MAX, PASSWORD_MIN
from casso.rules.permissions import Action
from casso.services import password_changes
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.parts.icon import icon
from casso.ui.parts.plain_form import plain_form
from casso.ui.policy import policy
from casso.ui.settings.frame import field
from casso.ui.settings.proof import Proof, proved
from casso.ui.t import t, t_of, t_problem

PROBLEMS = (
    "error.password_wrong", "error.password_length", "error.password_letters", "error.password_common",
    "error.password_weak", "error.too_many_tries", "error.not_proved",
)  # fmt: skip
UNKNOWN = -1


class Password(rx.State):
    """What came of the last change, and how good the password in the field is (0 to 4, -1 unknown)."""

    is_changed: bool = False
    problem: str = ""
    values: dict[str, str] = {}
    score: int = UNKNOWN

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def arrive(self) -> None:
        """Read what the form came back with; only words of our own count."""
        found = self.router.url.query_parameters
        problem = found.get("problem", "")
        self.problem = problem if problem in PROBLEMS else ""
        minutes = found.get("minutes", "")[:4]
        minutes = minutes if minutes.isdecimal() else "1"
        self.values = {"low": str(PASSWORD_MIN), "high": str(PASSWORD_MAX), "minutes": minutes}
        self.is_changed, self.score = found.get("done") == "password", UNKNOWN

    @rx.event
    @policy(Action.OWN_ACCOUNT)
    async def judge(self, typed: str) -> None:
        """Say how good it is; an empty field says nothing."""
        self.score = UNKNOWN
        if typed:
            self.score = await call(password_changes.judge_mine, current_actor(), typed[:PASSWORD_MAX])


def password_section() -> rx.Component:
    """The card."""
    form = plain_form(
        rx.cond(Proof.has_password, field(t("security.current"), _input("current", "current-password"))),
        field(
            t("security.new"),
            _input("password", "new-password", on_blur=Password.judge),
            t("security.new_hint", low=PASSWORD_MIN),
        ),
        _strength(),
        rx.el.footer(
            rx.el.button(t("security.change"), type="submit", class_name="btn primary"),
            rx.el.span(t("security.change_hint"), class_name="hint"),
        ),
        action="/account/password",
        method="post",
        class_name="card",
    )
    return rx.el.section(
        rx.el.h3(t("security.password")),
        rx.cond(
            Password.is_changed,
            rx.el.p(icon("check"), t("security.changed"), class_name="notice good", role="status"),
        ),
        rx.cond(
            Password.problem != "",
            rx.el.p(
                icon("circle-alert"),
                t_problem(Password.problem, Password.values),
                class_name="notice bad",
                role="alert",
            ),
        ),
        rx.cond(Proof.has_password, form, proved(form)),
        class_name="section",
    )


def _input(name: str, fill: str, **props: object) -> rx.Component:
    return rx.el.input(
        name=name,
        type="password",
        required=True,
        max_length=PASSWORD_MAX,
        auto_complete=fill,
        class_name="input",
        **props,
    )


def _strength() -> rx.Component:
    bars = rx.el.span(*(rx.el.i() for _ in range(4)), custom_attrs={"aria-hidden": "true"})
    said = t("security.strength", said=t_of("strength.", Password.score.to_string()))
    return rx.el.div(
        rx.cond(Password.score > UNKNOWN, rx.fragment(bars, said)),
        class_name="strength s" + Password.score.to_string(),
        role="status",
    )
