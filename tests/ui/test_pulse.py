"""The loop's lag is measured on a real loop: free it is small, blocked it shows."""

import asyncio
import gc
import sys
import threading
from collections import deque

import pytest
import reflex as rx
from reflex_base.event import Event

from casso.db import reading
from casso.models import Heartbeat
from casso.services.doctor import check_web
from casso.services.heartbeats import beat
from casso.ui import guard
from casso.ui import pulse as pulse_module
from casso.ui.me import Me
from casso.ui.pulse import give_way_sooner, pulse, spare_what_stays, worst_lag_seconds
from tests.desks import Desk
from tests.services.people import open_session


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
    interval = sys.getswitchinterval()
    watching = asyncio.create_task(pulse())
    await asyncio.sleep(0)
    try:
        assert gc.get_freeze_count() > 0
        assert sys.getswitchinterval() < interval
    finally:
        watching.cancel()
        sys.setswitchinterval(interval)
        gc.unfreeze()


async def test_the_sign_of_life_tells_what_the_guard_takes_once_anybody_was_there(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "costs", deque(maxlen=500))
    monkeypatch.setattr(pulse_module, "costs", guard.costs)
    assert set(pulse_module._signs(0.001)) == {"web"}
    token = open_session(sqlite_desk.owner.account_id)
    root = rx.State(_reflex_internal_init=True)
    root.router_data = {"headers": {"cookie": f"casso={token}"}, "ip": ""}
    for name in ("casso.nothing.declared", f"{Me.get_full_name()}.arrive", f"{Me.get_full_name()}.arrive"):
        await guard.Guard().preprocess(None, root, Event(name=name, payload={}))  # type: ignore[arg-type]
    assert len(guard.costs) == 3
    beat(pulse_module._signs(0.001))
    with reading() as session:
        told = session.get_one(Heartbeat, "guard").detail
    assert told == f"ms_p50={sorted(guard.costs)[1]:.2f}"


def test_threads_hand_the_interpreter_on_sooner() -> None:
    before = sys.getswitchinterval()
    try:
        give_way_sooner()
        assert sys.getswitchinterval() < before
    finally:
        sys.setswitchinterval(before)
