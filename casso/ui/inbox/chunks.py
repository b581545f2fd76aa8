"""Which of the ten parts of the list a row belongs to.

A row stays in its part while rows come and go above it, so that the browser moves
nothing it need not move and few parts travel. A ticket that rises to the top
joins the first part; when parts grow too uneven all are dealt out anew.
"""

from collections.abc import Sequence

from casso.queries.rows import QueueRow

CHUNKS = 10
SIZE = 5
LONGEST = 15


def place(rows: Sequence[QueueRow], before: Sequence[Sequence[QueueRow]]) -> list[list[QueueRow]]:
    """The rows in order, cut into CHUNKS parts; `before` is how they were cut until now."""
    home = {row.number: index for index, chunk in enumerate(before) for row in chunk}
    if not home:
        return _dealt(rows)
    chunks: list[list[QueueRow]] = [[] for _ in range(CHUNKS)]
    at = CHUNKS - 1
    for row in reversed(rows):
        at = min(at, home.get(row.number, at))
        chunks[at].append(row)
    for chunk in chunks:
        chunk.reverse()
    return _dealt(rows) if max(len(chunk) for chunk in chunks) > LONGEST else chunks


def _dealt(rows: Sequence[QueueRow]) -> list[list[QueueRow]]:
    step = max(SIZE, -(-len(rows) // CHUNKS))
    return [list(rows[index * step : (index + 1) * step]) for index in range(CHUNKS)]
