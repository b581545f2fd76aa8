"""The daily look after the trail: rules first, then the chains, whose result is kept."""

import logging

import pytest
from sqlmodel import select

from casso.db import reading, transaction
from casso.jobs.trail import look_after_trail
from casso.models import TrailCheck
from casso.services.trail import record_access
from tests.desks import Desk
from tests.services.test_trail_checking import tamper
from tests.trails import trail_of


def kept(desk: Desk) -> TrailCheck:
    here = desk.mine.organization_id
    with reading(here) as session:
        return session.exec(select(TrailCheck).where(TrailCheck.organization_id == here)).one()


def test_a_day_of_the_trail(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "casso")
    here = desk.mine.organization_id
    with transaction(here) as session:
        record_access(session, here, 1, "session.started", ip="192.0.2.77", browser="curl/8.5")
    assert look_after_trail() == 0
    assert (kept(desk).number, kept(desk).problem) == (2, "")
    desk.clock.tick(days=91)
    assert look_after_trail() == 1
    assert trail_of(here, "session.%")[0].ip == "192.0.2.0/24"
    assert (kept(desk).problem, kept(desk).checked_at) == ("", kept(desk).held_at)
    seals = [one.seal for one in caplog.records if getattr(one, "event", "") == "trail.holds"]
    assert kept(desk).seal in seals


def test_a_chain_that_does_not_hold_is_an_error_in_the_log(
    sqlite_desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    look_after_trail()
    tamper(sqlite_desk, "UPDATE trail_entry SET action = 'x' WHERE organization_id = :here")
    assert look_after_trail() == 1
    (line,) = [one for one in caplog.records if getattr(one, "event", "") == "trail.broken"]
    assert (line.levelname, line.organization_id, line.broken_number) == ("ERROR", 1, 1)  # type: ignore[attr-defined]
    assert kept(sqlite_desk).problem == "changed"
