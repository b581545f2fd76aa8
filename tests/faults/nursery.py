"""Forks processes that do the product's work and may be killed at any moment; a program of its own.

Importing the product takes a second, a fork some milliseconds. Nothing is open here, no
engine and no thread, so that a child begins as a fresh process would. One order a line
comes in; the child's process id goes out, and when it has ended, its exit code.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import threading
import traceback
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy.dialects.postgresql.psycopg
import sqlalchemy.dialects.sqlite.pysqlite  # noqa: F401
from sqlalchemy.orm import configure_mappers

import tests.faults.hook_call  # noqa: F401
from casso import clock, config, db

OURS = ("CASSO_", "MAILGUN_", "AWS_")
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Ahead:
    """The machine's clock, some time ahead; stands in for datetime in casso/clock.py."""

    def __init__(self, seconds: float) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self, zone: tzinfo) -> datetime:
        """The moment as the child sees it."""
        return datetime.now(zone) + self._ahead


def main() -> None:
    """Serve orders until nobody is there to give any."""
    _die_with_parent()
    configure_mappers()
    gc.freeze()  # a child that collects garbage would copy every page of what was imported
    for line in sys.stdin:
        if db.engine.cache_info().currsize or threading.active_count() > 1:
            raise RuntimeError("something is open before the fork")
        child = os.fork()
        if child == 0:
            _live(json.loads(line))
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _live(order: dict[str, Any]) -> None:
    """The child: do what was ordered, and end without returning."""
    code = 1
    try:
        _die_with_parent()
        _detach()
        for name in [name for name in os.environ if name.startswith(OURS)]:
            del os.environ[name]
        os.environ.update(order["env"])
        os.chdir(order["env"]["CASSO_DATA_DIR"])
        config.settings.cache_clear()
        clock.datetime = Ahead(order["ahead"])  # type: ignore[attr-defined]
        module, _, name = order["run"].partition(":")
        getattr(importlib.import_module(module), name)(*order["arguments"])
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _detach() -> None:
    """The pipes belong to the parent; what the child says goes to the error output."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)


def _die_with_parent() -> None:
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


if __name__ == "__main__":
    main()
