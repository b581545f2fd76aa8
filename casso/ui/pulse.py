"""The web process's sign of life: how long an event had to wait for the loop lately.

Written to the database every few seconds, where `casso doctor` reads it. A loop
that lags means that something blocks it or that one process has too much to do.
"""

import asyncio
import gc
import logging
import sys
from datetime import datetime
from statistics import median

from casso.clock import now, ticks
from casso.services.heartbeats import beat
from casso.ui.bridge import in_thread
from casso.ui.guard import costs

LOOK_EVERY_SECONDS = 0.25
WRITE_EVERY_SECONDS = 10.0
SWITCH_SECONDS = 0.0005
logger = logging.getLogger(__name__)


async def pulse() -> None:
    """Measure and write until the process stops; a database that is away is tried again."""
    spare_what_stays()
    give_way_sooner()
    while True:
        lag = await worst_lag_seconds(WRITE_EVERY_SECONDS)
        try:
            await in_thread(beat, _signs(lag))
        except Exception:
            logger.exception("no sign of life could be written", extra={"event": "pulse.failed"})


def _signs(lag: float) -> dict[str, tuple[datetime, str]]:
    """The loop's lag, and once anybody was there what the guard takes for an event."""
    signs = {"web": (now(), f"lag_ms={lag * 1000:.1f}")}
    return signs | {"guard": (now(), f"ms_p50={median(costs):.2f}")} if costs else signs


def spare_what_stays() -> None:
    """Let the collector leave out what was loaded at the start: that took 0.1 s, and everybody waited."""
    gc.collect()
    gc.freeze()


def give_way_sooner() -> None:
    """Threads hand the interpreter on sooner: with the usual 5 ms a few busy ones starve the loop."""
    sys.setswitchinterval(SWITCH_SECONDS)


async def worst_lag_seconds(during_seconds: float, *, step_seconds: float = LOOK_EVERY_SECONDS) -> float:
    """The longest that a timer came late while we watched, in seconds."""
    end, worst = ticks() + during_seconds, 0.0
    while (started := ticks()) < end:
        await asyncio.sleep(step_seconds)
        worst = max(worst, ticks() - started - step_seconds)
    return worst
