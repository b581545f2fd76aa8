"""Two hundred kills at random times, on each database: every mail is there once and whole (check 83).

The real worker runs: its SMTP door, its polling, its intake. It is killed and begun again
at once, 200 times, while customers write over SMTP, an IMAP folder fills and mail comes
into the spool. The next life frees what the dead one held; each begins so much later, by
its clock, that the folder is due again.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from casso import db
from casso.access import across_organizations
from casso.enums import SpoolState
from casso.gateways import processes, spool
from casso.models import ImapAccount, SpooledMail
from casso.services.fetching import POLL_EVERY
from tests.desks import Desk
from tests.faults.inventory import complaints
from tests.faults.ledger import ACKNOWLEDGED, Customers, Ledger
from tests.faults.lives import Life, Lives, pause
from tests.faults.ways_in import WORKER, cursor, fetch_from, put_on_server
from tests.servers.inside import wait_until
from tests.servers.ports import free_port
from tests.servers.scripted_imap import ScriptedImap, scripted_imap

pytestmark = pytest.mark.faults
KILLS = 200
SEED = 20261125
STEP = POLL_EVERY + timedelta(seconds=1)
WAITING = 24  # mails that lie in the spool when a life begins: more than one life takes in
MEASURED = 12
FETCHED = 2  # new mails on the IMAP server, whenever those before them were fetched
WRITTEN = 2  # mails that customers write over SMTP in each life
BARREN_LIVES = 3  # a mail whose worker died ten times is put aside: so many lives without any, then one with
AT_WORK, FETCHING, ELSEWHERE = "between claim and finish", "while fetching", "elsewhere"


@dataclass
class Rig:
    """The desk, its doors, and the worker's lives."""

    desk: Desk
    lives: Lives
    ledger: Ledger
    customers: Customers
    server: ScriptedImap
    port: int
    begun: int = 0
    mark: str = ""
    found_in: Counter[str] = field(default_factory=Counter)

    def begin(self) -> Life:
        """One more life, with work before it."""
        self.begun += 1
        ahead = self.begun * STEP
        if cursor(self.desk)[1] == len(self.server.mails):
            put_on_server(self.server, self.ledger, FETCHED)
        self.customers.write(WRITTEN)
        for _ in range(WAITING - spool.count_waiting()):
            self.ledger.spool_one(datetime.now(UTC) + ahead)
        life = self.lives.begin(WORKER, ahead=ahead.total_seconds())
        self.mark = f"{processes.place()}{life.pid}."
        return life

    def count_done(self) -> int:
        """Mails taken in by now."""
        return _count(SpooledMail, col(SpooledMail.state) == SpoolState.DONE)

    def is_at_work(self) -> bool:
        """Whether the present life has claimed mails and not finished them."""
        claimed = col(SpooledMail.state) == SpoolState.CLAIMED
        return _count(SpooledMail, claimed, col(SpooledMail.lease_owner).startswith(self.mark)) > 0

    def is_fetching(self) -> bool:
        """Whether the present life holds the IMAP account."""
        held = col(ImapAccount.lease_until).is_not(None)
        return _count(ImapAccount, held, col(ImapAccount.lease_owner).startswith(self.mark)) > 0

    def wait_for_work(self, done: int) -> None:
        """Until the present life has claimed something, or finished more than that."""
        wait_until("work begins", lambda: self.is_at_work() or self.count_done() > done, pause_seconds=0.015)

    def note_where(self) -> None:
        """Write down what the life that has just ended was doing."""
        at_work, fetching = self.is_at_work(), self.is_fetching()
        self.found_in.update({AT_WORK: at_work, FETCHING: fetching})
        self.found_in[ELSEWHERE] += not at_work and not fetching


def _count(table: type[SpooledMail | ImapAccount], *where: ColumnElement[bool]) -> int:
    with db.reading() as session, across_organizations(session, "tests"):
        return session.exec(select(func.count()).select_from(table).where(*where)).one()


@pytest.fixture
def rig(desk: Desk, lives: Lives, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A desk that fetches from a server and listens, and customers who write."""
    port = free_port()
    monkeypatch.setenv("CASSO_SMTP_LISTEN", f"127.0.0.1:{port}")
    with scripted_imap() as server:
        fetch_from(desk, server)
        ledger = Ledger(desk.address)
        yield Rig(desk, lives, ledger, Customers(ledger, port), server, port)


def measured(rig: Rig) -> tuple[float, float]:
    """Seconds from birth to the first claim, and from there until the waiting mails are taken in."""
    life, born = rig.begin(), time.monotonic()
    rig.wait_for_work(0)
    claimed = time.monotonic()
    wait_until("they are taken in", lambda: rig.count_done() >= MEASURED, pause_seconds=0.01)
    done = time.monotonic()
    life.kill()
    return claimed - born, done - claimed


def kill_again_and_again(rig: Rig, birth: float, work: float) -> None:
    """A quarter of the lives end at a random moment of their beginning, the others of their work."""
    chance = random.Random(SEED)
    barren = 0
    for _ in range(KILLS):
        done = rig.count_done()
        life = rig.begin()
        if chance.random() < 0.25:
            pause(chance.uniform(0, birth))
        else:
            rig.wait_for_work(done)
            if barren >= BARREN_LIVES:
                wait_until("a mail is taken in", lambda: rig.count_done() > done)  # noqa: B023
            pause(chance.uniform(0, work))
        life.kill()
        rig.note_where()
        barren = 0 if rig.count_done() > done else barren + 1


def let_the_last_one_finish(rig: Rig) -> None:
    """What was not acknowledged is sent again; then nothing is left to do."""
    rig.customers.end()
    life = rig.begin()
    ledger = rig.ledger
    wait_until("the door is open", lambda: ledger.attempt(ledger.new_mail(), rig.port) == ACKNOWLEDGED)
    ledger.try_again(rig.port)
    wait_until("all is fetched", lambda: cursor(rig.desk)[1] == len(rig.server.mails), seconds=60)
    wait_until("the spool is empty", lambda: not spool.count_waiting(), seconds=60)
    assert life.stop() == 0


def test_two_hundred_kills_at_random_times_lose_and_double_no_mail(rig: Rig) -> None:
    birth, work = measured(rig)
    rig.customers.start()
    began = time.monotonic()
    kill_again_and_again(rig, birth, work)
    seconds = time.monotonic() - began
    let_the_last_one_finish(rig)
    report = (
        f"seed {SEED}: {KILLS} kills in {seconds:.0f} s (a birth {birth:.2f} s, its work {work:.2f} s), "
        f"{dict(rig.found_in)}; {len(rig.ledger.mails)} mails, {dict(rig.ledger.count_outcomes())}"
    )
    print(report)
    wrong = complaints(rig.desk.mine.organization_id, rig.ledger)
    assert not wrong, "\n".join([report, *wrong])
    assert cursor(rig.desk) == (rig.server.uid_validity, len(rig.server.mails), ""), report
    assert rig.found_in[AT_WORK] > KILLS // 3, report
    assert rig.found_in[FETCHING] > KILLS // 50, report
