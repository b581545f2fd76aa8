"""A process killed at any declared place loses no mail and doubles none (checks 55, 81, 83).

The places are read off the source: a new one without a way to reach it fails here. What was
planted to see these tests fail stands in docs/security.md.
"""

import pytest

from tests.architecture import failpoints
from tests.desks import Desk
from tests.faults.inventory import complaints
from tests.faults.ledger import Ledger
from tests.faults.lives import Lives
from tests.faults.ways_in import COUNT, HOUR, RECEIVE, by_hook, by_imap, by_smtp, by_spool, type_of_way

pytestmark = pytest.mark.faults


WAYS: dict[str, tuple[type_of_way, ...]] = {
    "spool": (by_smtp, by_imap, by_hook),
    "hooks": (by_hook,),
    "fetching": (by_imap,),
    "receive": (by_spool,),
    "intake": (by_spool,),
}
ELSEWHERE = {"delivery"}  # test_send_killed.py asks for its list in the same way
CASES = [
    pytest.param(way, f"{place}:{passage}:kill", id=f"{way.__name__} {place} {passage}")
    for place in failpoints()
    if place.partition(".")[0] not in ELSEWHERE
    for way in WAYS[place.partition(".")[0]]
    for passage in ((1, COUNT) if way is by_spool else (1,))
]


def test_every_declared_place_has_its_own_name_and_a_way_to_it() -> None:
    places = failpoints()
    assert len(places) == len(set(places)) > 10
    assert {place.partition(".")[0] for place in places} == {*WAYS, *ELSEWHERE}


@pytest.mark.parametrize(("way", "failpoint"), CASES)
def test_a_kill_at_a_declared_place_loses_and_doubles_nothing(
    desk: Desk, lives: Lives, way: type_of_way, failpoint: str
) -> None:
    ledger = Ledger(desk.address)
    way(desk, lives, ledger, failpoint)
    assert complaints(desk.mine.organization_id, ledger) == []


@pytest.mark.parametrize("place", ["intake.files_stored", "intake.before_finish", "intake.before_commit"])
def test_an_error_at_a_place_is_tried_again_and_whole(sqlite_desk: Desk, lives: Lives, place: str) -> None:
    ledger = Ledger(sqlite_desk.address)
    for _ in range(COUNT):
        ledger.spool_one(sqlite_desk.clock.now())
    assert lives.run(RECEIVE, failpoint=f"{place}:2:raise") == 0
    assert complaints(sqlite_desk.mine.organization_id, ledger) != []
    assert lives.run(RECEIVE, ahead=HOUR) == 0
    assert complaints(sqlite_desk.mine.organization_id, ledger) == []


def test_the_checker_sees_what_was_never_taken_in_and_what_nobody_sent(
    sqlite_desk: Desk, lives: Lives
) -> None:
    ledger, another = Ledger(sqlite_desk.address), Ledger(sqlite_desk.address)
    here = sqlite_desk.mine.organization_id
    ledger.spool_one(sqlite_desk.clock.now())
    lives.run(RECEIVE)
    assert complaints(here, ledger) == []
    assert [line.split()[-3:] for line in complaints(here, another)][:1] == [["never", "handed", "over"]]
    ledger.new_mail()
    assert any("is there 0 times" in line for line in complaints(here, ledger))
