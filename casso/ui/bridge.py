"""From an async event handler into the blocking floors below, and back.

Services and queries block on the database, so they run in a small pool of
threads; a full pool waits, it never grows. Errors pass through unchanged:
the handler in problems.py turns them into words on the screen.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from typing import ParamSpec, TypeVar

THREADS = 8
GUARD_THREADS = 3
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def call(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run a service or query: `row = await call(tickets.close_ticket, actor, number)`.

    A CassoError travels on; left uncaught in a handler it becomes a calm message on the screen.
    """
    return await in_thread(function, *args, **kwargs)


async def in_thread(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run a blocking function in the pool, with the caller's context (log ids)."""
    return await _run(_pool("ui", THREADS), partial(function, *args, **kwargs))


async def first_in_line(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """The same in the guard's own threads, so that slow services never hold up a look-up."""
    return await _run(_pool("guard", GUARD_THREADS), partial(function, *args, **kwargs))


async def _run(pool: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(pool, partial(copy_context().run, work))


@cache
def _pool(name: str, threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=threads, thread_name_prefix=name)
