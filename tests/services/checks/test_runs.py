"""Checks are done once at a time, monthly by what is stored, and kept with their date for two years."""

import json
import threading

import pytest
from sqlmodel import col, select

from casso import db
from casso.access import Actor
from casso.enums import CheckKind, Level, Role
from casso.errors import NotAllowed
from casso.jobs.checks import check_due
from casso.jobs.stopping import stopping
from casso.models import CheckRun, Instance
from casso.services.checks import isolation, runs, security
from casso.services.checks.findings import Found, fine, wrong
from tests.desks import Desk


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was looked at; the looks themselves have tests of their own, and take minutes."""
    found: list[str] = []

    def probe(_is_stopping: object) -> tuple[list[Found], dict[str, object]]:
        found.append("isolation")
        return [wrong("leak_shown", way="x", what="y", who="agent")], {"handlers": 3}

    def look() -> list[Found]:
        found.append("security")
        return [fine("https_on")]

    monkeypatch.setattr(isolation, "probe", probe)
    monkeypatch.setattr(security, "look", look)
    return found


def operator(desk: Desk) -> Actor:
    return Actor(desk.mine.organization_id, desk.owner.account_id, Role.OWNER, is_operator=True)


def kept() -> list[CheckRun]:
    with db.reading() as session:
        return list(session.exec(select(CheckRun).order_by(col(CheckRun.id))).all())


def test_a_new_desk_is_checked_after_a_day_and_then_monthly(desk: Desk, done: list[str]) -> None:
    assert runs.run_due() == 0
    desk.clock.tick(days=1, minutes=1)
    assert runs.run_due() == 2
    assert runs.run_due() == 0
    desk.clock.tick(days=29)
    assert runs.run_due() == 0
    desk.clock.tick(days=1)
    assert runs.run_due() == 2
    assert done == ["isolation", "security"] * 2


def test_a_desk_that_nobody_set_up_is_not_checked(desk: Desk, done: list[str]) -> None:
    with db.transaction() as session:
        session.delete(session.get_one(Instance, 1))
    desk.clock.tick(days=100)
    assert runs.run_due() == 0


def test_what_was_found_is_kept_with_its_dates_and_who_asked(desk: Desk, done: list[str]) -> None:
    asked_at = desk.clock.moment
    assert runs.ask_for_checks(operator(desk)) == 2
    desk.clock.tick(minutes=10)
    assert check_due() == 2
    first, second = kept()
    assert (first.kind, second.kind) == ("isolation", "security")
    assert first.asked_by_id == desk.owner.account_id
    moments = [first.asked_at, first.started_at, first.finished_at]
    assert [round(((one or asked_at) - asked_at).total_seconds()) for one in moments] == [0, 600, 600]
    assert json.loads(first.counts) == {"handlers": 3}
    (finding,) = json.loads(first.findings)
    assert (finding["code"], finding["level"], finding["values"]["who"]) == ("leak_shown", "wrong", "agent")


def test_only_an_operator_asks(desk: Desk, done: list[str]) -> None:
    with pytest.raises(NotAllowed):
        runs.ask_for_checks(desk.owner)
    assert kept() == []


def test_asking_twice_is_asking_once(desk: Desk, done: list[str]) -> None:
    assert runs.ask_for_checks(operator(desk)) == 2
    assert runs.ask_for_checks(operator(desk)) == 0
    assert runs.run_due() == 2
    assert len(done) == 2


def test_of_many_workers_at_once_one_does_it(desk: Desk, done: list[str]) -> None:
    runs.ask_for_checks(operator(desk))
    barrier = threading.Barrier(6)

    def work() -> None:
        barrier.wait()
        runs.run_due()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["isolation", "security"]


def test_while_one_runs_no_other_begins(desk: Desk, done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []

    def probe(_is_stopping: object) -> tuple[list[Found], dict[str, object]]:
        begun.append(runs.run_now(CheckKind.ISOLATION))
        begun.append(runs.ask_for_checks(operator(desk)))
        return [], {}

    monkeypatch.setattr(isolation, "probe", probe)
    assert runs.run_now(CheckKind.ISOLATION) == []
    assert begun == [None, 1]


def test_a_process_that_stops_leaves_the_check_to_the_next(
    desk: Desk, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.ask_for_checks(operator(desk))
    real = isolation.probe

    def stopped(_is_stopping: object) -> tuple[list[Found], dict[str, object]]:
        raise isolation.Stopped

    monkeypatch.setattr(isolation, "probe", stopped)
    assert runs.run_due() == 1
    assert kept()[0].started_at is None
    monkeypatch.setattr(isolation, "probe", real)
    assert runs.run_due() == 1
    assert done == ["security", "isolation"]


def test_nothing_begins_while_the_process_stops(desk: Desk, done: list[str]) -> None:
    runs.ask_for_checks(operator(desk))
    stopping.set()
    try:
        assert check_due() == 0
    finally:
        stopping.clear()
    assert done == []


def test_a_run_whose_process_died_is_over_after_an_hour_and_says_so(desk: Desk, done: list[str]) -> None:
    runs.ask_for_checks(operator(desk))
    assert runs._begin(CheckKind.ISOLATION) is not None
    desk.clock.tick(minutes=59)
    assert runs.run_due() == 1
    desk.clock.tick(minutes=2)
    runs.run_due()
    (finding,) = json.loads(kept()[0].findings)
    assert (finding["code"], finding["level"]) == ("broke_off", "wrong")
    assert runs.ask_for_checks(operator(desk)) == 2


def test_a_check_that_breaks_is_kept_as_broken_and_logged(
    desk: Desk, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def probe(_is_stopping: object) -> tuple[list[Found], dict[str, object]]:
        raise RuntimeError("planted")

    monkeypatch.setattr(isolation, "probe", probe)
    with pytest.raises(RuntimeError):
        runs.run_now(CheckKind.ISOLATION)
    (finding,) = json.loads(kept()[0].findings)
    assert finding["values"] == {"name": "isolation", "error": "RuntimeError"}


def test_results_are_kept_for_two_years(desk: Desk, done: list[str]) -> None:
    runs.run_now(CheckKind.SECURITY)
    desk.clock.tick(days=729)
    assert runs.sweep_checks() == 0
    desk.clock.tick(days=2)
    assert runs.sweep_checks() == 1
    assert kept() == []


def test_a_finding_comes_back_as_it_was_kept(desk: Desk, done: list[str]) -> None:
    assert runs.run_now(CheckKind.SECURITY) == [Found("https_on", Level.FINE)]


def test_looking_breaks_no_other_look(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_chosen: object) -> list[Found]:
        raise RuntimeError("planted")

    monkeypatch.setattr(security, "check_headers", broken)
    codes = {found.code for found in security.look()}
    assert {"broken", "https_local", "trail_fine", "packages_fine"} <= codes
