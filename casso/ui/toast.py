"""Short messages at the bottom: what just happened, with Undo while a reply waits, and what went wrong.

An own part: the framework's needs eval, which our content policy forbids. The
countdown and the fading are casso.js; the live region speaks them.
"""

import reflex as rx

from casso.clock import now
from casso.ui.parts.icon import icon
from casso.ui.policy import Who, policy
from casso.ui.problems import Problems
from casso.ui.t import t, t_of, t_problem


class Toast(rx.State):
    """The last thing that went well, as a catalogue key below `toast.`."""

    said: str = ""
    said_at: str = ""
    undo_until: str = ""
    undo_message: int = 0

    @rx.event
    @policy(Who.ANYONE)
    async def dismiss(self) -> None:
        """Take it away."""
        self.said, self.undo_until, self.undo_message = "", "", 0

    def _say(self, word: str) -> None:
        self.said, self.undo_until, self.undo_message = word, "", 0
        self.said_at = now().isoformat()

    def _say_sent(self, message_id: int, until: str) -> None:
        self.said, self.undo_until, self.undo_message = "sent", until, message_id
        self.said_at = now().isoformat()


def toasts(undo: rx.EventHandler) -> rx.Component:
    """Everything that may appear there; `undo` takes the id of the waiting message."""
    return rx.el.section(
        rx.cond(Problems.key != "", _problem()),
        rx.cond(Toast.said != "", rx.cond(Toast.undo_until != "", _sent(undo), _plain())),
        class_name="toasts",
        aria_label=t("toast.label"),
        aria_live="polite",
    )


def _plain() -> rx.Component:
    return rx.el.div(
        rx.el.span(t_of("toast.", Toast.said)),
        _close(Toast.dismiss),
        class_name="toast",
        custom_attrs={"data-fade": Toast.said_at},
    )


def _sent(undo: rx.EventHandler) -> rx.Component:
    return rx.el.div(
        rx.el.span(t("toast.sent"), custom_attrs={"data-countdown": ""}, aria_live="off"),
        rx.el.button(
            t("toast.undo"),
            type="button",
            on_click=undo(Toast.undo_message),
            custom_attrs={"data-key": "u", "aria-keyshortcuts": "u"},
        ),
        _close(Toast.dismiss),
        key=Toast.said_at,
        class_name="toast",
        custom_attrs={"data-until": Toast.undo_until},
    )


def _problem() -> rx.Component:
    words = t_problem(Problems.key, Problems.values)
    return rx.el.div(
        icon("circle-alert"),
        rx.el.span(words),
        _close(Problems.dismiss),
        class_name="toast bad",
        role="alert",
        custom_attrs={"data-problem": Problems.serial.to_string()},
    )


def _close(handler: rx.EventHandler) -> rx.Component:
    return rx.el.button(
        icon("x"),
        type="button",
        aria_label=t("toast.close"),
        on_click=handler,
        custom_attrs={"data-dismiss": ""},
    )
