"""What a killed worker left in storage goes a day later, on both stores; what a row names never does."""

import signal
from collections.abc import Iterator

import pytest

from casso.gateways import storage
from tests import desks
from tests.desks import Desk
from tests.faults.inventory import complaints
from tests.faults.ledger import Ledger
from tests.faults.lives import Lives
from tests.faults.ways_in import COUNT, HOUR, RECEIVE
from tests.servers.moto_s3 import S3Server, moto_s3

pytestmark = pytest.mark.faults

SWEEP = "casso.services.file_sweeping:sweep_files"
DAY = 24 * HOUR


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with moto_s3() as server:
        yield server


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, desk: Desk, s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "s3":
        for name, value in s3.environment().items():
            monkeypatch.setenv(name, value)
        desks.forget()


def stored() -> set[str]:
    return set(storage.list_page(limit=1000).written_at)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("place", ["intake.files_stored:3", "intake.before_commit:2"])
def test_a_killed_workers_files_go_a_day_later(desk: Desk, lives: Lives, place: str) -> None:
    others, ledger = stored(), Ledger(desk.address)
    for _ in range(COUNT):
        ledger.spool_one(desk.clock.now())
    assert lives.run(RECEIVE, failpoint=f"{place}:kill") == -signal.SIGKILL
    after_the_kill = stored()
    assert lives.run(RECEIVE, ahead=HOUR) == 0
    everything = stored()
    assert lives.run(SWEEP, ahead=2 * HOUR) == 0
    assert stored() == everything
    assert lives.run(SWEEP, ahead=DAY + 3 * HOUR) == 0
    gone = everything - stored()
    assert gone
    assert gone - others <= after_the_kill
    assert complaints(desk.mine.organization_id, ledger) == []
    assert lives.run(SWEEP, ahead=2 * DAY) == 0
    assert stored() == everything - gone
