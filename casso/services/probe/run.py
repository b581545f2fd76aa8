"""The whole probe, in order: scratch desk, two organizations, searches, live updates, handlers, routes.

It leaves the processor to whoever works on this machine meanwhile.
"""

import asyncio
import os
import tempfile
from pathlib import Path

from casso.clock import ticks
from casso.services import schema
from casso.services.bench.sockets import NoAnswer
from casso.services.probe import filling, routes, scratch, sockets, surface
from casso.services.probe.outcome import Outcome


def probe(app: str) -> Outcome:
    """Try everything. Only in a process of its own: its settings are turned. Raises ProbeFailed."""
    start = ticks()
    os.nice(10)
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="casso-probe-") as name:
        folder = Path(name)
        scratch.turn_settings(folder)
        schema.upgrade()
        first, second = filling.fill()
        found = surface.read(app)
        try:
            with scratch.served(app, folder / "web.log"):
                asyncio.run(_try_sockets(first, second, found, outcome))
                routes.try_routes(first, second, found, outcome)
        except NoAnswer as error:
            raise scratch.ProbeFailed(str(error)) from error
    outcome.seconds = round(ticks() - start, 1)
    return outcome


async def _try_sockets(
    first: filling.Planted, second: filling.Planted, found: surface.Surface, outcome: Outcome
) -> None:
    await sockets.try_searches(first, second, outcome)
    await sockets.try_pushes(first, second, outcome)
    await sockets.try_handlers(first, second, found, outcome)
