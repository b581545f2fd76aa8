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
from casso.queries.rows import QueueCount, QueueRow, SearchRow
from casso.queries.search import search_tickets
from casso.queries.shared_queues import count_queues_for, list_queue_for
from casso.queries.tickets import count_queues, list_mailboxes, look_at_queue
from casso.rules.permissions import Action
from casso.ui.bridge import call
from casso.ui.changes import Changes
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
        shown = [self.get_value(f"rows_{index}") for index in range(CHUNKS)]
        for index, chunk in enumerate(place(rows, [] if anew else shown)):
            if shown[index] != chunk:
                setattr(self, f"rows_{index}", chunk)

    def _mark_read(self, number: int) -> None:
        """Show a ticket as read at once; only its part is sent."""
        for index in range(CHUNKS):
            chunk = self.get_value(f"rows_{index}")
            if any(row.number == number and row.is_unread for row in chunk):
                read = [replace(row, is_unread=False) if row.number == number else row for row in chunk]
                setattr(self, f"rows_{index}", read)


@listens
class Desk(rx.State):
    """What the list shows, how much every queue holds, and how the shown one divides by status."""

    queue: str = Queue.UNASSIGNED
    status: str = ""
    query: str = ""
    after: str = ""
    suffix: str = ""
    counts: dict[str, int] = {}
    statuses: dict[str, int] = {}
    next_cursor: str = ""
    hits: list[SearchRow] = []
    is_ready: bool = False
    is_empty: bool = False
    is_unused: bool = False
    is_failed: bool = False
    addresses: list[str] = []
    # By which socket the list was read: a tab that was away has missed what others committed.
    _socket: str = ""

    @rx.event
    @policy(Action.READ_TICKETS)
    async def arrive(self) -> None:
        """Read what the address asks for; the same list is not read twice in a row."""
        asked = asked_of(self.router.url.query_parameters)
        asked["_socket"] = self.router.session.session_id
        is_same = all(getattr(self, name) == value for name, value in asked.items())
        if is_same and self.is_ready and not self.is_unused and not self.is_failed:
            return
        self._put(**asked, suffix=suffix_of(asked))
        actor = current_actor()
        await self._read(actor, Changes((), {actor.account_id or 0}), anew=True)

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

    async def _on_changes(self, actor: Actor, changes: Changes) -> None:
        if self.is_ready:
            await self._read(actor, changes, anew=False)
        elif self.counts:
            found = await changes.read(count_queues_for, actor, changes.account_ids)
            self._put(counts={row.queue: row.count for row in found.of(actor)})

    async def _read(self, actor: Actor, changes: Changes, *, anew: bool) -> None:
        try:
            counts = await (self._read_hits if self.query else self._read_rows)(actor, changes, anew)
            held = {row.queue: row.count for row in counts}
            is_unused = not (held.get(Queue.OPEN) or held.get(Queue.CLOSED))
            if is_unused:
                self.addresses = [row.address for row in await changes.read(list_mailboxes, actor)]
        except Exception:
            self.is_failed = True
            raise
        self._put(counts=held, is_unused=is_unused, is_ready=True, is_failed=False)

    async def _read_hits(self, actor: Actor, changes: Changes, anew: bool) -> Sequence[QueueCount]:
        hits, cursor = await changes.read(search_tickets, actor, self.query, cursor=self.after)
        self._put(hits=list(hits), next_cursor=cursor, is_empty=not hits)
        return (await changes.read(count_queues_for, actor, changes.account_ids)).of(actor)

    async def _read_rows(self, actor: Actor, changes: Changes, anew: bool) -> Sequence[QueueCount]:
        asked = {"cursor": self.after, "status": self.status}
        if self.queue == Queue.MINE or changes.reads_alone(actor):
            page, counts = await changes.read_own(look_at_queue, actor, self.queue, **asked)
        else:
            shared = await changes.read(list_queue_for, actor, changes.account_ids, self.queue, **asked)
            page, counts = shared.of(actor)
        (await self.get_state(Rows))._show(page.rows, anew=anew)
        statuses = {row.status: row.count for row in page.statuses}
        self._put(statuses=statuses, next_cursor=page.next_cursor, is_empty=not page.rows)
        return counts

    def _put(self, **values: object) -> None:
        """Set vars; what stays as it was is not sent."""
        for name, value in values.items():
            if self.get_value(name) != value:
                setattr(self, name, value)


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
