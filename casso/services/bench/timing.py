"""Measures how long a piece of work takes, many times over, in milliseconds."""

from collections.abc import Callable, Sequence

from casso.clock import ticks


def times_ms(work: Sequence[Callable[[], object]]) -> list[float]:
    """How long each piece took; the first tenth runs once unmeasured before, to warm up what is kept warm."""
    for one in work[: max(1, len(work) // 10)]:
        one()
    found = []
    for one in work:
        start = ticks()
        one()
        found.append((ticks() - start) * 1000)
    return found


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that `share` of all stay below (nearest rank), to a hundredth; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)
