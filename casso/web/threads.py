"""Threads of their own for password work, so that a flood of sign-ins never holds up anything else.

Each hash takes tens of milliseconds and 19 MiB; four at a time is what a small machine bears.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from typing import ParamSpec, TypeVar

THREADS = 4
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def password_work(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run a service that hashes or judges passwords, off the event loop."""
    work = partial(copy_context().run, partial(function, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_pool(), work)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="passwords")
