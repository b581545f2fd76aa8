"""What an agent changes on a ticket: status, priority, kind, owner, team, category, tags.

Each handler is one service call; the change comes back to every open screen
through the live watcher, and to this one at once.
"""

from functools import partial

import reflex as rx

from casso.errors import AlreadyDone
from casso.rules.permissions import Action
from casso.services import tickets
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.inbox.ticket_state import OpenTicket
from casso.ui.policy import policy


class Properties(rx.State):
    """Nothing of its own: it writes, and the ticket is read anew."""

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def set_status(self, status: str, version: int, intent: str) -> None:
        """Open, pending, solved or closed."""
        await self._change(partial(tickets.set_status, status=status), version, intent)

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def set_priority(self, priority: str, version: int, intent: str) -> None:
        """How soon it needs an answer."""
        await self._change(partial(tickets.set_priority, priority=priority), version, intent)

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def set_work_type(self, work_type: str, version: int, intent: str) -> None:
        """What kind of work it is."""
        await self._change(partial(tickets.set_work_type, work_type=work_type), version, intent)

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def assign(self, account_id: int, version: int, intent: str) -> None:
        """Give it to a person; 0 is nobody."""
        await self._change(partial(tickets.assign_ticket, account_id=account_id), version, intent)

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def assign_team(self, team_id: int, version: int, intent: str) -> None:
        """Give it to a team; 0 is none."""
        await self._change(partial(tickets.assign_team, team_id=team_id), version, intent)

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def write_category(self, form: dict[str, str]) -> None:
        """What it is about, in the organization's own word."""
        service = partial(tickets.set_category, category=form.get("category", ""))
        await self._change(service, _version(form), form.get("intent", ""))

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def write_tags(self, form: dict[str, str]) -> None:
        """All tags anew, separated by commas."""
        names = tuple(name.strip() for name in form.get("tags", "").split(",") if name.strip())
        await self._change(partial(tickets.set_tags, tags=names), _version(form), form.get("intent", ""))

    async def _change(self, service: partial[int], version: int, intent: str) -> None:
        actor = current_actor()
        ticket = await self.get_state(OpenTicket)
        opened = ticket.ticket.number
        try:
            await call(service, actor, opened, version=version, intent=intent)
        except AlreadyDone:
            pass
        finally:
            await ticket._read(actor, opened)


def _version(form: dict[str, str]) -> int:
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() else 0
