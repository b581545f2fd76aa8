"""Blocking work leaves the event loop; the guard's look-ups have threads of their own."""

import asyncio
import threading

import pytest

from casso.errors import Conflict
from casso.logs import _ids, log_ids
from casso.ui import bridge


async def test_a_service_runs_outside_the_event_loop_and_its_result_comes_back() -> None:
    assert await bridge.call(lambda first, *, second: (first, second), 1, second=2) == (1, 2)
    assert await bridge.call(threading.get_ident) != threading.get_ident()


async def test_a_services_error_travels_on_unchanged() -> None:
    def refuse() -> None:
        raise Conflict("error.stale", number=7)

    with pytest.raises(Conflict) as caught:
        await bridge.call(refuse)
    assert (caught.value.key, caught.value.values) == ("error.stale", {"number": 7})


async def test_log_ids_go_along_into_the_thread() -> None:
    with log_ids(request="r7"):
        assert await bridge.call(lambda: _ids.get()["request"]) == "r7"


async def test_a_full_pool_waits_and_the_guard_is_still_served() -> None:
    release = threading.Event()
    slow = [asyncio.create_task(bridge.call(release.wait, 10)) for _ in range(bridge.THREADS * 3)]
    try:
        assert await asyncio.wait_for(bridge.first_in_line(lambda: "looked up"), 5) == "looked up"
        assert not any(task.done() for task in slow)
    finally:
        release.set()
    assert all(await asyncio.gather(*slow))
