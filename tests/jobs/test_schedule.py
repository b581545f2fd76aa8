"""The timetable runs each job by itself: one failing neither stops the others nor is tried without pause."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from casso.jobs import beat, schedule
from casso.jobs.schedule import LONGEST_PAUSE_SECONDS, TIMETABLE, Guarded, Job, make_scheduler
from casso.jobs.stopping import stopping


class Counted:
    """A job that counts its runs and does what it is told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.runs = 0
        self.error = error
        self.ran = threading.Event()

    def __call__(self) -> int:
        self.runs += 1
        self.ran.set()
        if self.error:
            raise self.error
        return 0


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock; add to its only element."""
    found = [100.0]
    monkeypatch.setattr(schedule, "ticks", lambda: found[0])
    return found


def test_the_timetable_names_each_job_once() -> None:
    names = [job.name for job in TIMETABLE]
    assert sorted(names) == [
        "beat",
        "checks",
        "files",
        "free",
        "notices",
        "poll",
        "receive",
        "reroute",
        "send",
        "sweep",
        "trail",
    ]


def test_no_job_runs_beside_itself_and_missed_runs_are_one() -> None:
    scheduler = make_scheduler()
    scheduler.start(paused=True)
    try:
        for job in scheduler.get_jobs():
            assert (job.max_instances, job.coalesce, job.misfire_grace_time) == (1, True, None)
    finally:
        scheduler.shutdown()


def test_a_failing_job_does_not_stop_the_others() -> None:
    bad, good = Counted(RuntimeError("planted")), Counted()
    scheduler = make_scheduler((Job("bad", bad, 0.01), Job("good", good, 0.01)))
    scheduler.start()
    try:
        assert bad.ran.wait(10)
        good.ran.clear()
        assert good.ran.wait(10)
    finally:
        scheduler.shutdown()


@pytest.mark.parametrize("error", [RuntimeError("ours"), OperationalError("x", {}, Exception())])
def test_a_failing_job_pauses_longer_each_time_up_to_half_a_minute(
    seconds: list[float], error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    job = Counted(error)
    guarded = Guarded(Job("bad", job, 1))
    pauses = []
    for _ in range(8):
        guarded.run()
        runs = job.runs
        start = seconds[0]
        while job.runs == runs:
            seconds[0] += 0.25
            guarded.run()
        pauses.append(seconds[0] - start)
        seconds[0] += LONGEST_PAUSE_SECONDS
    assert pauses == sorted(pauses)
    assert pauses[0] >= 1
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_a_job_that_recovers_runs_at_once_again(seconds: list[float]) -> None:
    job = Counted(RuntimeError("planted"))
    guarded = Guarded(Job("bad", job, 1))
    guarded.run()
    job.error = None
    seconds[0] += 1
    guarded.run()
    guarded.run()
    assert job.runs == 3


def test_our_own_mistake_is_logged_with_an_id(caplog: pytest.LogCaptureFixture) -> None:
    Guarded(Job("bad", Counted(RuntimeError("planted")), 1)).run()
    assert [len(vars(record)["error_id"]) for record in caplog.records] == [8]


def test_no_job_begins_while_the_process_stops() -> None:
    job = Counted()
    stopping.set()
    try:
        Guarded(Job("late", job, 1)).run()
    finally:
        stopping.clear()
    assert job.runs == 0


def test_after_the_clock_was_set_back_every_job_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = make_scheduler((Job("daily", Counted(), 86400, first_after_seconds=86400),))
    scheduler.start(paused=True)
    try:
        schedule.run_now(scheduler)
        assert scheduler.get_job("daily").next_run_time <= datetime.now(UTC) + timedelta(seconds=1)
    finally:
        scheduler.shutdown()


def test_only_a_job_that_ended_well_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beat, "_successes", {})
    Guarded(Job("good", Counted(), 1)).run()
    Guarded(Job("bad", Counted(RuntimeError("planted")), 1)).run()
    assert set(beat._successes) == {"job:good"}
