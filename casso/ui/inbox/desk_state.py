"""The list of tickets: which queue, its rows, what is searched for.

The address decides everything (`?queue=…&status=…&after=…&q=…`), so it can be
reloaded and shared. Rows live in ten vars: a change of one ticket sends five rows,
not fifty. What others commit arrives through `_on_changes`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

import reflex as rx

from casso.access import Actor
from casso.enums import Queue
from casso.queries.changes import ChangeRow
from casso.queries.rows import QueueRow, SearchRow
from casso.queries.search import search_tickets
from casso.queries.tickets import count_queues, list_mailboxes, look_at_queue
from casso.rules.permissions import Action
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.inbox.chunks import CHUNKS, place
from casso.ui.live import listens
from casso.ui.policy import policy


class Rows(rx.State):
    """The rows of the list, in ten parts that keep their members (chunks.py)."""

    rows_0: list[QueueRow] = []
    rows_1: list[QueueRow] = []
    rows_2: list[QueueRow] = []
    rows_3: list[QueueRow] = []
    rows_4: list[QueueRow] = []
    rows_5: list[QueueRow] = []
    rows_6: list[QueueRow] = []
    rows_7: list[QueueRow] = []
    rows_8: list[QueueRow] = []
    rows_9: list[QueueRow] = []

    def _show(self, rows: Sequence[QueueRow], *, anew: bool) -> None:
        """Put rows into the parts; only parts that differ are sent."""
        before = [] if anew else [getattr(self, f"rows_{index}") for index in range(CHUNKS)]
        for index, chunk in enumerate(place(rows, before)):
            if getattr(self, f"rows_{index}") != chunk:
                setattr(self, f"rows_{index}", chunk)

    def _mark_read(self, number: int) -> None:
        """Show a ticket as read at once; only its part is sent."""
        for index in range(CHUNKS):
            chunk = getattr(self, f"rows_{index}")
            if any(row.number == number and row.is_unread for row in chunk):
                read = [replace(row, is_unread=False) if row.number == number else row for row in chunk]
                setattr(self, f"rows_{index}", read)


@listens
class Desk(rx.State):
    """What the list shows, and how much every queue holds."""

    queue: str = Queue.UNASSIGNED
    status: str = ""
    query: str = ""
    after: str = ""
    suffix: str = ""
    counts: dict[str, int] = {}
    count: int = 0
    next_cursor: str = ""
    hits: list[SearchRow] = []
    is_ready: bool = False
    is_empty: bool = False
    is_unused: bool = False
    is_failed: bool = False
    addresses: list[str] = []

    @rx.event
    @policy(Action.READ_TICKETS)
    async def arrive(self) -> None:
        """Read what the address asks for; the same list is not read twice in a row."""
        asked = asked_of(self.router.url.query_parameters)
        is_same = all(getattr(self, name) == value for name, value in asked.items())
        if is_same and self.is_ready and not self.is_unused and not self.is_failed:
            return
        for name, value in asked.items():
            setattr(self, name, value)
        self.suffix = suffix_of(asked)
        await self._read(current_actor(), anew=True)

    @rx.event
    @policy(Action.READ_TICKETS)
    async def tally(self) -> None:
        """Only the counts, for the badge of pages without a list."""
        self.counts = {row.queue: row.count for row in await call(count_queues, current_actor())}

    @rx.event
    @policy(Action.READ_TICKETS)
    async def search(self, form: dict[str, str]) -> rx.event.EventSpec:
        """Go to the address of a search; an empty one leads back to the list."""
        found = form.get("q", "").strip()[:200]
        asked = {"queue": self.queue, "status": self.status, "after": "", "query": found}
        return rx.redirect("/" + suffix_of(asked))

    async def _on_changes(self, actor: Actor, changes: Sequence[ChangeRow]) -> None:
        if self.is_ready:
            await self._read(actor, anew=False)

    async def _read(self, actor: Actor, *, anew: bool) -> None:
        self.is_failed = True
        await self._read_list(actor, anew=anew)
        self.is_ready, self.is_failed = True, False

    async def _read_list(self, actor: Actor, *, anew: bool) -> None:
        if self.query:
            hits, self.next_cursor = await call(search_tickets, actor, self.query, cursor=self.after)
            self.hits, self.count, self.is_empty = list(hits), len(hits), not hits
            counts = await call(count_queues, actor)
        else:
            page, counts = await call(look_at_queue, actor, self.queue, cursor=self.after, status=self.status)
            rows = await self.get_state(Rows)
            rows._show(page.rows, anew=anew)
            self.count, self.next_cursor, self.is_empty = page.count, page.next_cursor, not page.rows
        self.counts = {row.queue: row.count for row in counts}
        self.is_unused = not (self.counts.get(Queue.OPEN) or self.counts.get(Queue.CLOSED))
        if self.is_unused:
            self.addresses = [row.address for row in await call(list_mailboxes, actor)]


def asked_of(parameters: Mapping[str, str]) -> dict[str, str]:
    """What a query string asks for; an unknown queue is the first one everybody looks at."""
    queue = parameters.get("queue", "")
    return {
        "queue": queue if queue in tuple(Queue) else Queue.UNASSIGNED.value,
        "status": parameters.get("status", "")[:20],
        "after": parameters.get("after", "")[:60],
        "query": parameters.get("q", "").strip()[:200],
    }


def suffix_of(asked: dict[str, str]) -> str:
    """The query string that keeps the list on every link of it; defaults leave no trace."""
    named = {"queue": asked["queue"], "status": asked["status"], "after": asked["after"], "q": asked["query"]}
    if named["queue"] == Queue.UNASSIGNED:
        named.pop("queue")
    text = urlencode({name: value for name, value in named.items() if value})
    return "?" + text if text else ""
