"""THE timetable: what runs in the background and how often. Everything else about a job is in its module.

Each job claims its work in the database, so any number of workers may run this
timetable at once. A job never runs twice at the same time in one process, missed
runs are made up for by a single one, and a job that fails does not stop the others.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import InterfaceError, OperationalError

from casso.clock import ticks
from casso.errors import GatewayError
from casso.jobs.beat import beat, note_success
from casso.jobs.checks import check_due
from casso.jobs.poll import poll_due
from casso.jobs.receive import receive_waiting
from casso.jobs.reroute import reroute_due
from casso.jobs.send import send_notices, send_waiting
from casso.jobs.stopping import stopping
from casso.jobs.trail import look_after_trail
from casso.logs import log_ids
from casso.services.file_sweeping import sweep_files
from casso.services.leases import free_dead
from casso.services.sweeping import sweep

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable; `run` returns how much it did."""

    name: str
    run: Callable[[], int]
    every_seconds: float
    first_after_seconds: float = 0


TIMETABLE = (
    Job("free", free_dead, every_seconds=30),
    Job("reroute", reroute_due, every_seconds=5),
    Job("receive", receive_waiting, every_seconds=0.5),
    Job("send", send_waiting, every_seconds=1),
    Job("notices", send_notices, every_seconds=2),
    Job("poll", poll_due, every_seconds=15),
    Job("beat", beat, every_seconds=5),
    Job("sweep", sweep, every_seconds=24 * 3600, first_after_seconds=60),
    Job("files", sweep_files, every_seconds=24 * 3600, first_after_seconds=300),
    Job("trail", look_after_trail, every_seconds=24 * 3600, first_after_seconds=120),
    Job("checks", check_due, every_seconds=15, first_after_seconds=30),
)

DRAINED = tuple(
    job for job in TIMETABLE if job.name in ("free", "reroute", "poll", "receive", "send", "notices")
)
"""What `casso drain` runs until nothing is due."""


def make_scheduler(timetable: tuple[Job, ...] = TIMETABLE) -> BackgroundScheduler:
    """A scheduler that holds the timetable; not started yet."""
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(len(timetable))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    for job in timetable:
        first = datetime.now(UTC) + timedelta(seconds=job.first_after_seconds)
        scheduler.add_job(
            Guarded(job).run, "interval", seconds=job.every_seconds, id=job.name, next_run_time=first
        )
    return scheduler


def run_now(scheduler: BackgroundScheduler) -> None:
    """Make every job due: the machine's clock was set back, and the times in the scheduler lie ahead."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC))


class Guarded:
    """A job whose failures stay inside: logged with an id, then a pause doubling up to half a minute."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._pause = 0.0
        self._not_before = 0.0

    def run(self) -> None:
        """Run the job once, unless it is pausing or the process is stopping."""
        if stopping.is_set() or ticks() < self._not_before:
            return
        with log_ids(job=self._job.name):
            try:
                self._job.run()
            except (OperationalError, InterfaceError, GatewayError) as error:
                self._rest()
                log.warning("job pauses: %s", type(error).__name__, extra={"pause_seconds": self._pause})
            except Exception:
                self._rest()
                log.exception("job failed", extra={"error_id": secrets.token_hex(4)})
            else:
                self._pause = 0.0
                note_success(self._job.name)

    def _rest(self) -> None:
        self._pause = min(max(2 * self._pause, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self._not_before = ticks() + self._pause
