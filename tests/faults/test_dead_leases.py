"""After a kill nobody waits for a lease: the next worker of this machine frees what the dead one held.

Nothing here lets leases run out; waiting for one would take minutes, and these tests wait for seconds.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from casso import db
from casso.enums import Delivery, SpoolState
from casso.jobs import receive
from casso.models import SpooledMail
from casso.queries.tickets import get_ticket
from casso.services import replies
from casso.services.leases import free_dead
from tests.desks import Desk
from tests.faults.lives import Lives
from tests.servers.inside import inside, kill, wait_for_another, wait_until
from tests.servers.product import Product, letter, product
from tests.servers.smtp_sink import SmtpSink, smtp_sink
from tests.services.mails import mail, put, tickets

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
def test_a_mail_in_the_hands_of_a_killed_worker_is_a_ticket_seconds_later(
    desk: Product, lives: Lives, place: str
) -> None:
    desk.run(
        "mail-in", f"--to={SUPPORT}", stdin=letter("mia@lotus.example", SUPPORT, "Hi", "Text").as_bytes()
    )
    with inside(desk) as look:
        killed = lives.run("casso.jobs.receive:receive_waiting", failpoint=f"{place}:1:kill")
        assert killed == -signal.SIGKILL
        assert states() == [SpoolState.CLAIMED]
        desk.start()
        wait_until("the ticket is there", lambda: look.count_tickets() == 1, seconds=SOON)
        wait_until("the mail is done", lambda: states() == [SpoolState.DONE], seconds=SOON)
        assert look.count_tickets() == 1


def take_in_but_die_of_poison() -> None:
    """Runs in a process of its own, which one mail kills."""
    real = receive.read_mail
    receive.read_mail = lambda raw: os.kill(os.getpid(), signal.SIGKILL) if b"X-Poison" in raw else real(raw)
    free_dead()
    receive.receive_waiting()


def test_a_mail_that_kills_every_worker_ends_alone_in_quarantine(sqlite_desk: Desk, lives: Lives) -> None:
    for number in range(6):
        poison = {"X_Poison" if number == 2 else "X_Fine": "yes"}
        put(mail(sender=f"mia{number}@lotus.example", subject=f"Mail {number}", **poison))
    codes = []
    while not codes or codes[-1] != 0:
        assert len(codes) < 20
        codes.append(lives.run(f"{__name__}:{take_in_but_die_of_poison.__name__}"))
    assert set(codes[:-1]) == {-signal.SIGKILL}
    assert len(tickets(sqlite_desk.owner)) == 5
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
