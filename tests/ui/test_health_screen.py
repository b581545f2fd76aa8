"""The health page as a screen: for operators, told when a check begins or ends, asked for once."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from casso.access import Actor
from casso.enums import ChangeKind, CheckKind
from casso.errors import NotAllowed
from casso.queries import desk_health
from casso.queries.changes import list_changes
from casso.services.checks import isolation, runs
from casso.services.checks.findings import Found, fine
from casso.ui.changes import Changes
from casso.ui.settings.health_state import Health
from casso.ui.toast import Toast
from casso.words import has_word
from tests.architecture import ROOT
from tests.desks import Desk
from tests.ui.screen import Screen, signed_in


@pytest.fixture
def ops(sqlite_desk: Desk) -> Actor:
    return replace(sqlite_desk.owner, is_operator=True)


@pytest.fixture
def screen(ops: Actor) -> Iterator[Screen]:
    yield from signed_in(ops)


@pytest.fixture
def agent_screen(sqlite_desk: Desk) -> Iterator[Screen]:
    yield from signed_in(sqlite_desk.owner)


async def shown(screen: Screen) -> Health:
    found = await screen.get(Health)
    await Health.arrive.fn(found)
    return found


async def test_asking_twice_says_that_it_is_on_its_way(screen: Screen) -> None:
    page = await shown(screen)
    assert (page.is_ready, page.isolation.state) == (True, "never")
    await Health.run_checks.fn(page)
    assert (await screen.get(Toast)).said == "checks_asked"
    assert (page.isolation.state, page.security.state) == ("waiting", "waiting")
    await Health.run_checks.fn(page)
    assert (await screen.get(Toast)).said == "checks_going"


async def test_whoever_is_no_operator_gets_nothing(agent_screen: Screen) -> None:
    page = await agent_screen.get(Health)
    with pytest.raises(NotAllowed):
        await Health.arrive.fn(page)
    with pytest.raises(NotAllowed):
        await Health.run_checks.fn(page)
    assert (page.lines, page.is_ready) == ([], False)


async def test_an_open_page_follows_the_checks(
    sqlite_desk: Desk, ops: Actor, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await shown(screen)

    def probe(_is_stopping: object) -> tuple[list[Found], dict[str, object]]:
        return [fine("isolation_fine", handlers=1)], {}

    monkeypatch.setattr(isolation, "probe", probe)
    runs.run_now(CheckKind.ISOLATION)
    told = [one for one in list_changes(0) if one.organization_id == ops.organization_id]
    assert [one.kind for one in told].count(ChangeKind.SETTINGS) >= 3
    await page._on_changes(ops, Changes(told, {ops.account_id or 0}))
    assert [one.code for one in page.isolation_findings] == ["isolation_fine"]
    assert page.isolation.fine == 1


async def test_who_is_an_operator_no_more_keeps_nothing(ops: Actor, screen: Screen) -> None:
    page = await shown(screen)
    await page._on_changes(replace(ops, is_operator=False), Changes([], {1}))
    assert (page.lines, page.is_ready) == ([], False)


async def test_a_page_that_is_not_open_reads_nothing(ops: Actor, screen: Screen) -> None:
    page = await screen.get(Health)
    await page._on_changes(ops, Changes([], {1}))
    assert page.lines == []


def test_every_line_that_the_page_can_show_has_its_words() -> None:
    text = (ROOT / "casso" / "queries" / "desk_health.py").read_text()
    said = {"web_never", "web_late", "web_well", "worker_never", "worker_late", "worker_well", "none"}
    said |= {"stuck_some", "quarantine_some", "unrouted_some"}
    said |= set(re.findall(r'"((?:queue|disk|storage|database)_\w+)"', text)) | {"version"}
    assert len(said) > 16
    assert [name for name in said if not has_word(f"health.said.{name}")] == []
    parts = ("web", "worker", "incoming", "outgoing", "stuck", "quarantine", "unrouted", "disk", "storage")
    assert [name for name in (*parts, "database", "version") if not has_word(f"health.part.{name}")] == []


def test_every_job_of_the_timetable_has_its_name() -> None:
    from casso.jobs.schedule import TIMETABLE

    assert [job.name for job in TIMETABLE if not has_word(f"health.job.{job.name}")] == []
    assert {job.name for job in TIMETABLE if job.every_seconds >= 3600} == set(desk_health.DAILY)
