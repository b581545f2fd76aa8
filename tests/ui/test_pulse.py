"""The loop's lag is measured on a real loop: free it is small, blocked it shows."""

import asyncio
import gc
import threading

from casso.services.doctor import check_web
from casso.services.heartbeats import beat
from casso.ui.pulse import pulse, spare_what_stays, worst_lag_seconds
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


def test_the_collector_is_spared_what_was_loaded_at_the_start() -> None:
    assert gc.get_freeze_count() == 0
    loaded = len(gc.get_objects())
    try:
        spare_what_stays()
        assert gc.get_freeze_count() > loaded / 2
        assert len(gc.get_objects()) < loaded / 10
    finally:
        gc.unfreeze()


async def test_the_sign_of_life_begins_by_sparing_the_collector(sqlite_desk: Desk) -> None:
    watching = asyncio.create_task(pulse())
    await asyncio.sleep(0)
    try:
        assert gc.get_freeze_count() > 0
    finally:
        watching.cancel()
        gc.unfreeze()
