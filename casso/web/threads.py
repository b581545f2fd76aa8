"""Threads of their own for signing in, so that a rush at the door never holds up anybody who is in.

Few on purpose: each busy thread takes the interpreter from the event loop, and each that writes
takes the database from others. Whoever was proved does not wait behind those who are not yet.
A picture takes a process of its own for up to seconds: one at a time, in a thread of its own.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from typing import ParamSpec, TypeVar

PASSWORD_THREADS = 2
ENTRY_THREADS = 1
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def password_work(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run a service that hashes or judges passwords, off the event loop."""
    return await _run(_pool("passwords", PASSWORD_THREADS), partial(function, *args, **kwargs))


async def entry_work(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run what opens a session for somebody proved, off the event loop."""
    return await _run(_pool("entry", ENTRY_THREADS), partial(function, *args, **kwargs))


async def picture_work(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run a service that makes a picture, off the event loop."""
    return await _run(_pool("pictures", 1), partial(function, *args, **kwargs))


async def _run(pool: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(pool, partial(copy_context().run, work))


@cache
def _pool(name: str, threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=threads, thread_name_prefix=name)
