"""A send whose outcome nobody knows: shown as uncertain, repeated by a person only, and then once (check 60).

The sender is a process of its own that really dies, at every named place around
sending; and the running desk is tried with a server that takes the mail and hangs up.
"""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from casso import config
from casso.access import Actor
from casso.enums import Delivery
from casso.jobs.send import send_waiting
from casso.queries.rows import MessageRow
from casso.queries.tickets import get_ticket
from casso.services import replies
from tests.desks import Desk
from tests.faults.lives import Lives
from tests.servers.inside import inside, kill, wait_for_another, wait_until
from tests.servers.product import Product, letter, product
from tests.servers.smtp_sink import SmtpSink, smtp_sink
from tests.services.mails import mail, take_in

pytestmark = pytest.mark.faults
PLACES = {"delivery.claimed": 0, "delivery.handed_over": 1, "delivery.before_commit": 1}
SUPPORT = "support@northwind.example"


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """The customers' mail server."""
    with smtp_sink() as server:
        yield server


@pytest.fixture
def answer(desk: Desk, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> int:
    """The id of an answer that is due."""
    monkeypatch.setenv("CASSO_MAIL_OUT", f"{sink.url}?starttls=off")
    config.settings.cache_clear()
    take_in(mail(message_id="first@customer.test"))
    message_id = replies.send_reply(desk.owner, 1, text="Hello Anna")
    desk.clock.tick(minutes=1)
    return message_id


def shown(actor: Actor, message_id: int) -> MessageRow:
    """The message as the screen shows it."""
    found = [entry.message for entry in get_ticket(actor, 1).entries if entry.message]
    return next(row for row in found if row.id == message_id)


def wait_for_outcome(actor: Actor, message_id: int, wanted: Delivery) -> None:
    wait_until(f"message {wanted}", lambda: shown(actor, message_id).delivery == wanted)


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_sender_leaves_an_answer_that_only_a_person_repeats(
    desk: Desk, sink: SmtpSink, lives: Lives, answer: int, place: str
) -> None:
    killed = lives.run("casso.jobs.send:send_waiting", failpoint=f"{place}:1:kill")
    assert killed == -signal.SIGKILL
    assert len(sink.mails) == PLACES[place]
    desk.clock.moment = datetime.now(UTC)  # the child used the machine's clock
    for _ in range(5):
        desk.clock.tick(days=3)
        assert send_waiting() == 0
    assert shown(desk.owner, answer).delivery == Delivery.UNCERTAIN
    assert len(sink.mails) == PLACES[place]
    replies.send_again(desk.owner, answer)
    assert (send_waiting(), send_waiting()) == (1, 0)
    assert shown(desk.owner, answer).delivery == Delivery.SENT
    assert len(sink.mails) == PLACES[place] + 1
    assert len({message_from_bytes(one.raw)["Message-ID"] for one in sink.mails}) == 1


@pytest.fixture
def running(tmp_path: Path, sink: SmtpSink) -> Iterator[Product]:
    """A running desk with one ticket, sending to the sink without undo time."""
    with product(tmp_path, CASSO_MAIL_OUT=f"{sink.url}?starttls=off") as found:
        found.set_up()
        found.start()
        found.mail(letter("mia@lotus.example", SUPPORT, "Broken", "Two glasses are broken."))
        yield found


def test_the_running_desk_never_repeats_an_uncertain_answer_by_itself(
    running: Product, sink: SmtpSink
) -> None:
    with inside(running) as look:
        look.send_at_once()
        owner = look.owner()
        wait_until("the ticket is there", lambda: look.count_tickets() == 1)
        for number, how in enumerate(("drop", "hang"), start=1):
            sink.after_data = how
            message_id = replies.send_reply(owner, 1, text=f"Try {number}")
            sink.wait_for(number)
            if how == "hang":
                wait_for_another(running, "worker", kill(running, "worker"))
            sink.after_data = ""
            wait_for_outcome(owner, message_id, Delivery.UNCERTAIN)
        look.let_everything_be_due()
        follow_up = replies.send_reply(owner, 1, text="The worker works on.")
        wait_for_outcome(owner, follow_up, Delivery.SENT)
        assert len(sink.mails) == 3
        replies.send_again(owner, message_id, intent="again")
        wait_for_outcome(owner, message_id, Delivery.SENT)
        assert len(sink.mails) == 4
    ids = [message_from_bytes(one.raw)["Message-ID"] for one in sink.mails]
    assert ids[1] == ids[3]
    assert len(set(ids)) == 3
