"""The job behind the outbox: batch after batch, as much as one run may do."""

from casso.enums import Delivery
from casso.jobs.schedule import DRAINED, TIMETABLE
from casso.jobs.send import send_waiting
from casso.services import replies
from tests.desks import Desk
from tests.services.mails import mail, messages, take_in


def test_it_goes_on_until_nothing_is_due(sqlite_desk: Desk) -> None:
    take_in(mail())
    for number in range(25):
        replies.send_reply(sqlite_desk.owner, 1, text=f"mail {number}")
    sqlite_desk.clock.tick(seconds=11)
    assert send_waiting() == 25
    assert send_waiting() == 0
    assert {found.delivery for found in messages(sqlite_desk.owner)[1:]} == {Delivery.SENT}


def test_one_run_stops_at_its_limit(sqlite_desk: Desk) -> None:
    take_in(mail())
    for number in range(5):
        replies.send_reply(sqlite_desk.owner, 1, text=f"mail {number}")
    sqlite_desk.clock.tick(seconds=11)
    assert send_waiting(limit=3) == 3
    assert send_waiting(limit=3) == 2


def test_the_timetable_and_drain_send() -> None:
    assert [job.run for job in TIMETABLE if job.name == "send"] == [send_waiting]
    assert "send" in [job.name for job in DRAINED]
