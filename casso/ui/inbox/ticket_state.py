"""The open ticket: who wrote, what was said, how it stands.

Only the newest fifty entries are here; older ones are fetched in front of them.
Long texts and quoted history come when somebody unfolds them. The time line and
the rest are separate vars, so that a changed status does not resend the messages.
"""

from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace

import reflex as rx

from casso.access import Actor
from casso.enums import ChangeKind
from casso.errors import NotFound
from casso.queries.changes import ChangeRow
from casso.queries.rows import AccountChoice, CustomerCard, TeamChoice, TicketPage, TimelineEntry
from casso.queries.tickets import get_message_frame, get_ticket, list_accounts, list_teams
from casso.rules.permissions import Action
from casso.services.tickets import mark_read
from casso.ui.bridge import call
from casso.ui.changes import Changes
from casso.ui.guard import current_actor
from casso.ui.inbox.desk_state import Rows
from casso.ui.live import listens
from casso.ui.policy import policy

NOBODY = CustomerCard(0, "", "", "", "", "", "", ())
NONE = TicketPage(
    0, 0, "", "", "", "", "", 0, "", "", "", (), NOBODY, "", (), 0, "", (), ""
)  # fmt: skip


@listens
class OpenTicket(rx.State):
    """The ticket whose number the address names; 0 while none is open."""

    ticket: TicketPage = NONE
    entries: list[TimelineEntry] = []
    older_cursor: str = ""
    opened: str = ""
    missing: int = 0
    is_failed: bool = False
    unfolded: dict[str, str] = {}
    with_images: list[int] = []
    accounts: list[AccountChoice] = []
    teams: list[TeamChoice] = []

    @rx.event
    @policy(Action.READ_TICKETS)
    async def arrive(self) -> AsyncIterator[None]:
        """Open the ticket of the address and learn whom it could be given to; once shown, mark it read."""
        actor = current_actor()
        self.opened = self.router.url.path.rstrip("/").rpartition("/")[2][:12]
        wanted = int(self.opened) if self.opened.isascii() and self.opened.isdecimal() else 0
        if self.ticket.number != wanted:
            self.unfolded, self.with_images = {}, []
        if await self._read(actor, wanted):
            await self._read_choices(actor)
            yield  # nobody waits for the mark, which waits for whoever else writes
            await call(mark_read, actor, wanted)
            (await self.get_state(Rows))._mark_read(wanted)

    @rx.event
    @policy(Action.READ_TICKETS)
    async def leave(self) -> None:
        """No ticket is open on the list's own page."""
        self.ticket, self.entries, self.older_cursor, self.missing, self.opened = NONE, [], "", 0, ""

    @rx.event
    @policy(Action.READ_TICKETS)
    async def show_older(self) -> None:
        """Put older entries in front of those shown."""
        page = await call(get_ticket, current_actor(), self.ticket.number, before=self.older_cursor)
        self.entries = [*page.entries, *self.entries]
        self.older_cursor = page.older_cursor

    @rx.event
    @policy(Action.READ_TICKETS)
    async def unfold(self, message_id: int) -> None:
        """Show the whole text with its quoted history, or fold it again."""
        key = str(message_id)
        if key in self.unfolded:
            self.unfolded = {name: text for name, text in self.unfolded.items() if name != key}
            return
        frame = await call(get_message_frame, current_actor(), message_id)
        self.unfolded = {**self.unfolded, key: frame.full_text or frame.text}

    @rx.event
    @policy(Action.READ_TICKETS)
    async def show_images(self, message_id: int) -> None:
        """Let this one mail load its images from elsewhere, on this screen, until the page is left."""
        self.with_images = [*self.with_images, message_id]

    async def _on_changes(self, actor: Actor, changes: Changes) -> None:
        if any(change.kind == ChangeKind.PEOPLE for change in changes) and self.accounts:
            self.accounts, self.teams = [], []
            await self._read_choices(actor)
        if self.ticket.id and any(self._is_mine(change) for change in changes):
            await self._show(self.ticket.number, changes.read(get_ticket, actor, self.ticket.number))

    def _is_mine(self, change: ChangeRow) -> bool:
        """A view that changed may hold this ticket no longer."""
        return change.ticket_id == self.ticket.id or change.kind == ChangeKind.PEOPLE

    async def _read_choices(self, actor: Actor) -> None:
        if not self.accounts:
            self.accounts = list(await call(list_accounts, actor))
            self.teams = list(await call(list_teams, actor))

    async def _read(self, actor: Actor, wanted: int) -> bool:
        return await self._show(wanted, call(get_ticket, actor, wanted))

    async def _show(self, wanted: int, reading: Awaitable[TicketPage]) -> bool:
        self.is_failed = True
        try:
            page = await reading
        except NotFound:
            self.ticket, self.entries, self.missing, self.is_failed = NONE, [], wanted or -1, False
            return False
        shown = replace(page, entries=())
        if self.ticket != shown:
            self.ticket = shown
        kept = self._older_than(page)
        if self.entries != [*kept, *page.entries]:
            self.entries = [*kept, *page.entries]
        if not kept:
            self.older_cursor = page.older_cursor
        self.missing, self.is_failed = 0, False
        return True

    def _older_than(self, page: TicketPage) -> list[TimelineEntry]:
        """What was fetched by hand before the newest page, when it is the same ticket still."""
        keys = [entry.key for entry in self.entries]
        first = page.entries[0].key if page.entries else ""
        return self.entries[: keys.index(first)] if first in keys else []
