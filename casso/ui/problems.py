"""What the person sees when a handler failed: words from the catalogue, never a trace.

A CassoError says its own words. Anything else is our mistake: it is logged with
an id, and the person gets the id to pass on.
"""

import logging
import secrets

import reflex as rx
from reflex_base.event import EventSpec

from casso.errors import CassoError, GatewayError
from casso.ui.policy import Who, policy

logger = logging.getLogger(__name__)


class Problems(rx.State):
    """The last problem of this tab: a catalogue key and the values for its gaps."""

    key: str = ""
    values: dict[str, str] = {}
    serial: int = 0

    @rx.event
    @policy(Who.ANYONE)
    async def show(self, key: str, values: dict[str, str]) -> None:
        """Put a problem on this tab's screen; a browser may call it, it sees only its own."""
        self.key, self.values, self.serial = key[:80], values, self.serial + 1

    @rx.event
    @policy(Who.ANYONE)
    async def dismiss(self) -> None:
        """Take it away."""
        self.key = ""


def on_backend_error(exception: Exception) -> EventSpec | None:
    """Called by Reflex for whatever a handler did not catch."""
    if isinstance(exception, CassoError):
        return Problems.show(exception.key, {name: str(value) for name, value in exception.values.items()})
    number = secrets.token_hex(4)
    logger.error(
        "handler failed",
        extra={"event": "ui.failed", "error_id": number},
        exc_info=(type(exception), exception, exception.__traceback__),
    )
    key = "error.outside" if isinstance(exception, GatewayError) else "error.unexpected"
    return Problems.show(key, {"id": number})


def on_browser_error(exception: Exception) -> None:
    """Called by Reflex when a browser reports an error. Its text may hold anything: only the length stays."""
    seen = {"event": "ui.browser_error", "length": len(str(exception))}
    logger.warning("browser reported an error", extra=seen)
