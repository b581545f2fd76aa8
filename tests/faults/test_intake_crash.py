"""A worker killed at any place of intake loses no mail and doubles none (checks 55, 83)."""

import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from casso.jobs.claim import LEASE
from casso.jobs.receive import receive_waiting
from tests.desks import Desk
from tests.faults.ledger import CHILD, ROOT, Ledger, run_child
from tests.services.mails import mail, put

pytestmark = pytest.mark.faults

POINTS = (
    "receive.claimed",
    "intake.files_stored",
    "intake.before_finish",
    "intake.before_commit",
    "intake.after_commit",
)
COUNT = 6


def spool_mails() -> tuple[list[str], frozenset[bytes]]:
    """A few mails with a file each; returns their keys and bytes."""
    keys, raws = [], []
    for number in range(COUNT):
        made = EmailMessage()
        made["From"], made["To"] = "anna@customer.test", "support@example.test"
        made["Subject"], made["Message-ID"] = f"Mail {number}", f"<{number}@customer.test>"
        made.set_content(f"Text {number}")
        made.add_attachment(bytes([number]) * 100, maintype="application", subtype="zip", filename="a.zip")
        raws.append(made.as_bytes())
        keys.append(f"{number}@customer.test")
        put(raws[-1])
    return sorted(keys), frozenset(raws)


def finish(desk: Desk) -> Ledger:
    """What the next worker makes of what the dead one left."""
    desk.clock.moment = max(desk.clock.moment, datetime.now(UTC))  # the child used the machine's clock
    desk.clock.tick(seconds=LEASE.total_seconds() + 1)
    while receive_waiting():
        desk.clock.tick(seconds=60)
    return Ledger.of(desk)


def assert_whole(desk: Desk, keys: list[str], raws: frozenset[bytes]) -> None:
    ledger = finish(desk)
    assert list(ledger.mail_keys) == keys
    assert ledger.raw == raws
    assert ledger.numbers == tuple(range(1, COUNT + 1))
    assert ledger.states == {"done"}
    assert (ledger.waiting, ledger.halves) == (0, ())


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("passage", [1, COUNT])
def test_a_kill_at_every_place_loses_and_doubles_nothing(desk: Desk, point: str, passage: int) -> None:
    keys, raws = spool_mails()
    assert run_child(f"{point}:{passage}:kill") == -signal.SIGKILL
    assert_whole(desk, keys, raws)


@pytest.mark.parametrize("point", POINTS[1:4])
def test_an_error_at_a_place_is_tried_again_and_whole(sqlite_desk: Desk, point: str) -> None:
    keys, raws = spool_mails()
    assert run_child(f"{point}:2:raise") == 0
    assert_whole(sqlite_desk, keys, raws)


def test_kills_at_random_times_lose_and_double_nothing(sqlite_desk: Desk) -> None:
    keys, raws = spool_mails()
    chance = random.Random(20260302)
    for _ in range(6):
        environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
        child = subprocess.Popen([sys.executable, "-c", CHILD], env=environment, stderr=subprocess.DEVNULL)
        try:
            child.wait(timeout=chance.uniform(0.4, 1.4))
        except subprocess.TimeoutExpired:
            child.kill()
        child.wait()
    assert_whole(sqlite_desk, keys, raws)


def test_the_ledger_sees_a_lost_and_a_doubled_mail(sqlite_desk: Desk) -> None:
    """The check itself can fail: one mail more, one key too many."""
    keys, raws = spool_mails()
    put(mail("one more", message_id="extra@customer.test"))
    with pytest.raises(AssertionError):
        assert_whole(sqlite_desk, keys, raws)
