"""The loop's lag is measured on a real loop: free it is small, blocked it shows."""

import asyncio
import threading

from casso.services.doctor import check_web
from casso.services.heartbeats import beat
from casso.ui.pulse import worst_lag_seconds
from tests.desks import Desk


async def test_a_blocked_loop_shows_how_long_it_was_blocked() -> None:
    watching = asyncio.create_task(worst_lag_seconds(0.5, step_seconds=0.05))
    await asyncio.sleep(0.1)
    threading.Event().wait(0.3)
    assert await watching > 0.2


def test_doctor_reads_the_lag_that_the_web_process_wrote(sqlite_desk: Desk) -> None:
    beat({"web": (sqlite_desk.clock.now(), "lag_ms=3.2")})
    finding = check_web()[0]
    assert "3" in finding.text
