"""A running desk whose processes are killed while mail comes and goes (checks 60, 83, 93).

Nothing acknowledged is lost, nothing is there twice, what died is started again and
reported. The customers' mail server behaves like a real one: what was not
acknowledged is sent again, the same bytes.
"""

import http.client
import json
import random
import smtplib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from casso import db
from casso.access import Actor
from casso.enums import Delivery
from casso.models import Heartbeat, Outgoing
from casso.services import replies
from tests.faults.inventory import complaints
from tests.faults.ledger import ACKNOWLEDGED, REFUSED, UNKNOWN, Customers, Ledger
from tests.servers.inside import inside, kill, process_states, wait_for_another, wait_until
from tests.servers.product import Product, product
from tests.servers.smtp_sink import SmtpSink, smtp_sink

pytestmark = pytest.mark.faults
SUPPORT = "support@northwind.example"
SEED = 20261123


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """The customers' mail server."""
    with smtp_sink() as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, sink: SmtpSink) -> Iterator[Product]:
    """A running desk that sends to the sink."""
    with product(tmp_path, CASSO_MAIL_OUT=f"{sink.url}?starttls=off") as found:
        found.set_up()
        found.start()
        yield found


def answers(desk: Product, path: str) -> int:
    """The status of a page; 0 when nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{desk.port}"})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def takes_mail(desk: Product) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", desk.smtp_port, timeout=2):
            return True
    except (OSError, smtplib.SMTPException):
        return False


def waiting_files(desk: Product) -> int:
    return sum(not name.name.startswith(".") for name in (desk.data_dir / "spool" / "incoming").glob("*"))


def kill_again_and_again(desk: Product, victims: list[str]) -> None:
    """Each victim dies at a random moment; half of the worker's deaths are in the middle of intake."""
    chance = random.Random(SEED)
    for victim in victims:
        wait_until("mail is taken", lambda: takes_mail(desk))
        threading.Event().wait(chance.uniform(0.2, 0.9))
        if chance.random() < 0.5:
            wait_until("a mail waits", lambda: waiting_files(desk))
            threading.Event().wait(chance.uniform(0, 0.05))
        wait_for_another(desk, victim, kill(desk, victim))
    wait_until("mail is taken", lambda: takes_mail(desk))


def test_kills_lose_and_double_no_acknowledged_mail(desk: Product) -> None:
    ledger = Ledger(SUPPORT)
    customers = Customers(ledger, desk.smtp_port, every_seconds=0.08)
    customers.start()
    customers.write(1000)
    kill_again_and_again(desk, ["worker", "worker", "web", "worker", "worker", "web"])
    customers.end()
    ledger.try_again(desk.smtp_port)
    assert ledger.count_outcomes()[REFUSED] + ledger.count_outcomes()[UNKNOWN] > 0
    with inside(desk) as look:
        wait_until("the spool is empty", lambda: waiting_files(desk) == 0, seconds=60)
        assert complaints(look.owner().organization_id, ledger) == []
    assert_reported(desk, worker=4, web=2)


def assert_reported(desk: Product, **deaths: int) -> None:
    """The supervisor says what died, in its file and in the log; everything is well again."""
    states = process_states(desk)
    assert {name: states[name]["restarts"] for name in deaths} == deaths
    assert {name: states[name]["last_exit"] for name in deaths} == dict.fromkeys(deaths, -9)
    lines = [json.loads(line) for line in desk.log.read_text().splitlines() if line.startswith("{")]
    died = [line["child"] for line in lines if line.get("event") == "process.died"]
    assert {name: died.count(name) for name in deaths} == deaths
    wait_until("the desk is ready", lambda: answers(desk, "/readyz") == 200)
    with inside(desk):
        wait_until("the new worker beats", lambda: beating() == str(process_states(desk)["worker"]["pid"]))


def beating() -> str:
    """The process id that the worker's newest sign of life names."""
    with db.reading() as session:
        return session.exec(select(Heartbeat.detail).where(Heartbeat.name == "worker")).one()


def test_an_answer_whose_sender_is_killed_arrives_once_or_is_uncertain(desk: Product, sink: SmtpSink) -> None:
    ledger = Ledger(SUPPORT)
    for _ in range(4):
        assert ledger.attempt(ledger.new_mail(), desk.smtp_port) == ACKNOWLEDGED
    with inside(desk) as look:
        look.send_at_once()
        owner = look.owner()
        wait_until("four tickets", lambda: waiting_files(desk) == 0)
        sink.after_data = "hang"
        for number in range(1, 5):
            replies.send_reply(owner, number, text=f"It is on its way, {number}.")
        sink.wait_for(1)
        sink.after_data = ""
        wait_for_another(desk, "worker", kill(desk, "worker"))
        wait_until("all are settled", lambda: set(outcomes(owner)) <= {Delivery.SENT, Delivery.UNCERTAIN})
        assert sorted(outcomes(owner)) == [Delivery.SENT, Delivery.SENT, Delivery.SENT, Delivery.UNCERTAIN]
    assert sorted(mail.recipients[0] for mail in sink.mails) == [
        f"customer{number}@lotus.example" for number in range(1, 5)
    ]


def outcomes(actor: Actor) -> list[str]:
    with db.reading(actor.organization_id) as session:
        return list(
            session.exec(
                select(Outgoing.state).where(Outgoing.organization_id == actor.organization_id)
            ).all()
        )
