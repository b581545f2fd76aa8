"""The sending process dies like in a power cut, wherever it matters: nothing is lost or sent twice."""

import os
import signal
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from casso import config, db
from casso.enums import Delivery
from casso.jobs.send import send_waiting
from casso.models import Outgoing
from casso.services import replies
from tests.desks import Desk
from tests.servers.smtp_sink import smtp_sink
from tests.services.mails import mail, message, take_in

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]
SENDER = """
import sys
from datetime import datetime
from casso import clock
from tests.desks import Clock
clock.datetime = Clock(datetime.fromisoformat(sys.argv[1]))
from casso.jobs.send import send_waiting
send_waiting()
"""
MAILS = 3


def run_sender(desk: Desk, failpoint: str) -> int:
    """Send in a process of its own that dies at the failpoint; returns its exit code."""
    env = os.environ | {"CASSO_FAILPOINT": failpoint, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SENDER, desk.clock.moment.isoformat()], env=env, cwd=desk.folder, timeout=60
    )
    return done.returncode


def states(desk: Desk) -> list[str]:
    with db.reading(desk.mine.organization_id) as session:
        found = session.execute(
            select(col(Outgoing.state)).where(col(Outgoing.organization_id) == desk.mine.organization_id)
        )
        return sorted(found.scalars())


@pytest.mark.parametrize("passage", [1, 2, MAILS])
@pytest.mark.parametrize(
    ("place", "was_handed_over"),
    [("delivery.claimed", False), ("delivery.handed_over", True), ("delivery.before_commit", True)],
)
def test_one_mail_is_uncertain_and_every_other_arrives_once(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, place: str, was_handed_over: bool, passage: int
) -> None:
    with smtp_sink() as sink:
        monkeypatch.setenv("CASSO_MAIL_OUT", f"{sink.url}?starttls=off")
        config.settings.cache_clear()
        take_in(mail())
        sent = [replies.send_reply(sqlite_desk.owner, 1, text=f"mail {number}") for number in range(MAILS)]
        sqlite_desk.clock.tick(seconds=11)
        assert run_sender(sqlite_desk, f"{place}:{passage}:kill") == -signal.SIGKILL
        assert states(sqlite_desk).count(Delivery.SENDING) == 1
        sqlite_desk.clock.tick(minutes=11)
        send_waiting()
        assert states(sqlite_desk) == [Delivery.SENT] * (MAILS - 1) + [Delivery.UNCERTAIN]
        ids = [message_from_bytes(one.raw)["Message-ID"] for one in sink.mails]
        assert len(ids) == len(set(ids)) == MAILS - (0 if was_handed_over else 1)
        (lost,) = [one for one in sent if message(sqlite_desk.owner, one).delivery == Delivery.UNCERTAIN]
        sqlite_desk.clock.tick(days=2)
        assert send_waiting() == 0
        replies.send_again(sqlite_desk.owner, lost)
        assert send_waiting() == 1
        assert states(sqlite_desk) == [Delivery.SENT] * MAILS
