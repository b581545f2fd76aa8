"""Says that this worker and each of its jobs are alive. A job that fails keeps its old time, and shows."""

import os
from datetime import datetime

from casso.clock import now
from casso.services import heartbeats

_successes: dict[str, tuple[datetime, str]] = {}


def note_success(job: str) -> None:
    """Remember that a job has just ended well; written with the next beat."""
    _successes[f"job:{job}"] = (now(), "")


def beat() -> int:
    """Write this process's sign of life and the jobs' last successes."""
    heartbeats.beat({"worker": (now(), str(os.getpid())), **_successes})
    return len(_successes) + 1
