"""Times what the screens read and write, through the same functions that the screens call."""

import random
from dataclasses import dataclass
from functools import partial

from casso.access import Actor
from casso.enums import Queue
from casso.queries.search import search_tickets
from casso.queries.tickets import get_ticket, list_queue
from casso.services.bench.corpus import COMMON, RARE
from casso.services.bench.loading import Loaded
from casso.services.bench.timing import percentile, times_ms
from casso.services.replies import send_reply

TIMES = 200
ANSWER = "Thank you for writing. We have looked into it and this is what we found out.\n\n" * 4


@dataclass(frozen=True, slots=True)
class QueryFigures:
    """Milliseconds, and how many tickets the two searches find in all."""

    inbox_ms_p50: float | None
    inbox_ms_p95: float | None
    ticket_ms_p50: float | None
    ticket_ms_p95: float | None
    ticket50_ms_p95: float | None
    search_common_ms_p50: float | None
    search_rare_ms_p50: float | None
    search_common_hits: int
    search_rare_hits: int
    reply_ms_p50: float | None


def measure(actor: Actor, loaded: Loaded) -> QueryFigures:
    """Read queues, tickets and searches many times over, then answer tickets."""
    rng = random.Random("casso bench order")  # noqa: S311
    numbers = [rng.randrange(1, loaded.tickets - len(loaded.giant_numbers) + 1) for _ in range(TIMES)]
    fifties = loaded.giant_numbers[:-1] * (TIMES // len(loaded.giant_numbers))
    inbox = times_ms([partial(list_queue, actor, queue) for queue in _queues()])
    ticket = times_ms([partial(get_ticket, actor, number) for number in numbers])
    ticket50 = times_ms([partial(get_ticket, actor, number) for number in fifties])
    common = times_ms([partial(search_tickets, actor, COMMON)] * (TIMES // 4))
    rare = times_ms([partial(search_tickets, actor, RARE)] * (TIMES // 4))
    common_hits, rare_hits = count_hits(actor, COMMON), count_hits(actor, RARE)
    reply = times_ms([partial(send_reply, actor, number, text=ANSWER) for number in numbers[::2]])
    return QueryFigures(
        inbox_ms_p50=percentile(inbox, 0.5),
        inbox_ms_p95=percentile(inbox, 0.95),
        ticket_ms_p50=percentile(ticket, 0.5),
        ticket_ms_p95=percentile(ticket, 0.95),
        ticket50_ms_p95=percentile(ticket50, 0.95),
        search_common_ms_p50=percentile(common, 0.5),
        search_rare_ms_p50=percentile(rare, 0.5),
        search_common_hits=common_hits,
        search_rare_hits=rare_hits,
        reply_ms_p50=percentile(reply, 0.5),
    )


def count_hits(actor: Actor, text: str) -> int:
    """How many tickets a search finds, page after page to the end."""
    found: set[int] = set()
    cursor = ""
    while True:
        rows, cursor = search_tickets(actor, text, cursor=cursor, limit=200)
        found.update(row.number for row in rows)
        if not cursor:
            return len(found)


def _queues() -> list[Queue]:
    """The stock queues in turn, as people go through them."""
    return list(Queue) * (TIMES // len(Queue))
