"""The activity page's state: what the address bar asks for, the rows that fit, and the chain around them."""

from contextlib import suppress

import reflex as rx

from casso.access import Actor
from casso.errors import AlreadyDone
from casso.queries.trail import TrailRow, list_trail
from casso.queries.trail_filter import fields_of, filter_of, suffix_of
from casso.queries.trail_state import TrailChoice, TrailState, get_trail_state, list_trail_choices
from casso.rules.permissions import Action
from casso.services.trail_rules import set_trail_rules
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.policy import policy

PATH = "/settings/activity"
_UNKNOWN = TrailState(0, 1, 0, "", "", False, 0, 0, 0)
_ANYTHING = fields_of(filter_of({}))


class Activity(rx.State):
    """Fifty rows after a place; `asked` are the filter's fields, `suffix` the same for links."""

    rows: list[TrailRow] = []
    asked: dict[str, str] = _ANYTHING
    suffix: str = ""
    after: str = ""
    next_cursor: str = ""
    people: list[TrailChoice] = []
    kinds: list[TrailChoice] = []
    chain: TrailState = _UNKNOWN
    is_ready: bool = False
    is_saved: bool = False

    @rx.event
    @policy(Action.READ_TRAIL)
    async def arrive(self) -> None:
        """Read what the address bar asks for."""
        parameters = self.router.url.query_parameters
        wanted = filter_of(parameters)
        self.asked, self.suffix = fields_of(wanted), suffix_of(wanted)
        self.after, self.is_saved = parameters.get("after", "")[:40], False
        await self._read(current_actor())

    @rx.event
    @policy(Action.READ_TRAIL)
    async def filter(self, form: dict[str, str]) -> rx.event.EventSpec:
        """Go to the address that says what was chosen."""
        return rx.redirect(PATH + suffix_of(filter_of(form)))

    @rx.event
    @policy(Action.CHANGE_SETTINGS)
    async def save(self, form: dict[str, str]) -> None:
        """How long things stay from now on; told in the trail itself, so the rows are read anew."""
        actor, intent = current_actor(), form.get("intent", "")[:64]
        days = {name: _days(form.get(name, "")) for name in ("address_days", "trail_days")}
        with suppress(AlreadyDone):
            await call(set_trail_rules, actor, intent=intent, **days)
        await self._read(actor)
        self.is_saved = True

    async def _read(self, actor: Actor) -> None:
        page = await call(list_trail, actor, filter_of(self.asked), cursor=self.after)
        self.rows, self.next_cursor = list(page.rows), page.next_cursor
        people, kinds = await call(list_trail_choices, actor)
        self.people, self.kinds = list(people), list(kinds)
        self.chain = await call(get_trail_state, actor)
        self.is_ready = True


def _days(text: str) -> int:
    """A number of days; anything else is out of bounds and refused as such."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0
