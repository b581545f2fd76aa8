"""Signing in has its own few threads: a rush waits there, and not whoever was proved."""

import asyncio
import threading

from casso.web import threads
from casso.web.threads import entry_work, password_work


async def test_whoever_was_proved_does_not_wait_behind_those_who_are_not_yet() -> None:
    gate = threading.Event()
    rush = [asyncio.create_task(password_work(gate.wait)) for _ in range(20)]
    try:
        async with asyncio.timeout(10):
            assert await entry_work(threading.current_thread) is not threading.current_thread()
        assert not any(one.done() for one in rush)
    finally:
        gate.set()
        await asyncio.gather(*rush)


async def test_a_rush_takes_few_threads() -> None:
    began, gate = threading.Semaphore(0), threading.Event()

    def work() -> str:
        began.release()
        gate.wait()
        return threading.current_thread().name

    rush = [asyncio.create_task(password_work(work)) for _ in range(20)]
    try:
        for _ in range(threads.PASSWORD_THREADS):
            assert await asyncio.to_thread(began.acquire, timeout=10)
    finally:
        gate.set()
    assert len(set(await asyncio.gather(*rush))) == threads.PASSWORD_THREADS
