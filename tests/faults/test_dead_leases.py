"""After a kill nobody waits for a lease: the next worker of this machine frees what the dead one held.

Nothing here lets leases run out; waiting for one would take minutes, and these tests wait for seconds.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from casso import db
from casso.enums import Delivery, SpoolState
from casso.models import SpooledMail
from casso.queries.tickets import get_ticket
from casso.services import replies
from tests.faults.ledger import CHILD, ROOT
from tests.servers.inside import inside, kill, wait_for_another, wait_until
from tests.servers.product import Product, letter, product
from tests.servers.smtp_sink import SmtpSink, smtp_sink

pytestmark = pytest.mark.faults
SUPPORT = "support@northwind.example"
SOON = 15.0


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """The customers' mail server."""
    with smtp_sink() as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, sink: SmtpSink) -> Iterator[Product]:
    """A desk that is set up and does not run yet."""
    with product(tmp_path, CASSO_MAIL_OUT=f"{sink.url}?starttls=off") as found:
        found.set_up()
        yield found


def states() -> list[str]:
    with db.reading() as session:
        return list(session.exec(select(SpooledMail.state)).all())


@pytest.mark.parametrize("place", ["receive.claimed", "intake.files_stored", "intake.before_commit"])
def test_a_mail_in_the_hands_of_a_killed_worker_is_a_ticket_seconds_later(desk: Product, place: str) -> None:
    desk.run(
        "mail-in", f"--to={SUPPORT}", stdin=letter("mia@lotus.example", SUPPORT, "Hi", "Text").as_bytes()
    )
    died = subprocess.run(
        [sys.executable, "-c", CHILD],
        cwd=ROOT,
        env=desk.env | {"CASSO_FAILPOINT": f"{place}:1:kill"},
        timeout=60,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    with inside(desk) as look:
        assert states() == [SpoolState.CLAIMED]
        desk.start()
        wait_until("the ticket is there", lambda: look.count_tickets() == 1, seconds=SOON)
        wait_until("the mail is done", lambda: states() == [SpoolState.DONE], seconds=SOON)
        assert look.count_tickets() == 1


POISONED = """
import os, signal
from casso.jobs import receive
from casso.services.leases import free_dead
real = receive.read_mail
receive.read_mail = lambda raw: os.kill(os.getpid(), signal.SIGKILL) if b"X-Poison" in raw else real(raw)
free_dead()
receive.receive_waiting()
"""


def test_a_mail_that_kills_every_worker_ends_alone_in_quarantine(desk: Product) -> None:
    for number in range(6):
        made = letter(f"mia{number}@lotus.example", SUPPORT, f"Mail {number}", "Text")
        made["X-Poison" if number == 2 else "X-Fine"] = "yes"
        desk.run("mail-in", f"--to={SUPPORT}", stdin=made.as_bytes())
    codes = []
    while not codes or codes[-1] != 0:
        assert len(codes) < 20
        codes.append(
            subprocess.run([sys.executable, "-c", POISONED], cwd=ROOT, env=desk.env, check=False).returncode
        )
    assert set(codes[:-1]) == {-signal.SIGKILL}
    with inside(desk) as look:
        assert look.count_tickets() == 5
        assert sorted(states()) == [SpoolState.DONE] * 5 + [SpoolState.QUARANTINED]


def test_a_send_in_the_hands_of_a_killed_worker_is_uncertain_seconds_later(
    desk: Product, sink: SmtpSink
) -> None:
    desk.start()
    desk.mail(letter("mia@lotus.example", SUPPORT, "Broken", "Two glasses are broken."))
    with inside(desk) as look:
        look.send_at_once()
        owner = look.owner()
        wait_until("the ticket is there", lambda: look.count_tickets() == 1)
        sink.after_data = "hang"
        message_id = replies.send_reply(owner, 1, text="On its way.")
        sink.wait_for(1)
        sink.after_data = ""
        wait_for_another(desk, "worker", kill(desk, "worker"))
        wait_until("it is uncertain", lambda: shown(owner, message_id) == Delivery.UNCERTAIN, seconds=SOON)
        follow_up = replies.send_reply(owner, 1, text="The worker works on.")
        wait_until("the next leaves", lambda: shown(owner, follow_up) == Delivery.SENT, seconds=SOON)
        assert shown(owner, message_id) == Delivery.UNCERTAIN
    assert len(sink.mails) == 2


def shown(owner: object, message_id: int) -> str:
    """The delivery mark of a message as the screen shows it."""
    entries = get_ticket(owner, 1).entries  # type: ignore[arg-type]
    return next(
        entry.message.delivery for entry in entries if entry.message and entry.message.id == message_id
    )
