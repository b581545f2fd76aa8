"""The probe between organizations, run by a process of its own, because it turns that process's settings."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable

from casso.config import ROOT
from casso.services.checks.findings import Found, fine, wrong

LONGEST_SECONDS = 1800
LOOK_EVERY_SECONDS = 1.0
STOP_SECONDS = 20
KINDS = {"shown": "leak_shown", "changed": "leak_changed", "told_apart": "leak_told_apart"}


class Stopped(Exception):
    """The one who asked stops; nothing was found out."""


def probe(is_stopping: Callable[[], bool] = lambda: False) -> tuple[list[Found], dict[str, object]]:
    """Findings and what was tried. Raises Stopped."""
    process = subprocess.Popen(
        [sys.executable, "-m", "casso", "probe", "--json"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        said, failed = _wait(process, is_stopping)
    finally:
        _end(process)
    if not said.startswith("{"):
        return [wrong("isolation_failed", text=" ".join(failed.split())[-200:])], {}
    told = json.loads(said)
    leaks = [
        wrong(KINDS[one["kind"]], way=one["way"], what=one["what"], who=one["who"])
        for one in told.pop("leaks")
    ]
    return leaks or [fine("isolation_fine", **{name: str(value) for name, value in told.items()})], told


def _end(process: subprocess.Popen[str]) -> None:
    """As by Ctrl+C, so that it stops the desk that it started."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _wait(process: subprocess.Popen[str], is_stopping: Callable[[], bool]) -> tuple[str, str]:
    """What it said when it ended. Raises Stopped."""
    for _ in range(int(LONGEST_SECONDS / LOOK_EVERY_SECONDS)):
        try:
            return process.communicate(timeout=LOOK_EVERY_SECONDS)
        except subprocess.TimeoutExpired:
            if is_stopping():
                raise Stopped from None
    return "", "took too long"
