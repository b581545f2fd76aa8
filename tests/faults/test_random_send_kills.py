"""A hundred kills of the sender while people answer: no customer gets a mail twice, none is lost (check 60).

The web process, which writes the answers down, is killed as well, and the browser then
repeats what it heard nothing of. An answer is sent, or it is uncertain: then a person
looks, and only that person's click sends it again.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from casso import config, db
from casso.enums import Delivery, MessageKind
from casso.gateways import processes
from casso.models import Message, Organization, Outgoing
from casso.queries.tickets import get_ticket
from casso.rules.addresses import read_own_message_id
from casso.services import replies
from tests.desks import SECRET_KEY, Desk
from tests.faults.lives import Life, Lives, nursery, pause
from tests.faults.ways_in import WORKER
from tests.servers.inside import wait_until
from tests.servers.smtp_sink import SmtpSink, smtp_sink
from tests.services.mails import mail, take_in

pytestmark = pytest.mark.faults
ANSWER = "tests.faults.answering:answer"
KILLS = 100
SEED = 20261126
TICKETS = 20
WAITING = 12  # answers that are due when a sender begins: more than one life sends
AT_ONCE = 10  # answers that one web process writes down, if it lives
OPEN = (Delivery.QUEUED, Delivery.RETRYING, Delivery.SENDING)
SENDING, ELSEWHERE, WEB = "in the act of sending", "elsewhere", "of the web process"


@dataclass
class Rig:
    """The desk, the customers' mail server, and the lives of both processes."""

    desk: Desk
    sink: SmtpSink
    senders: Lives
    webs: Lives
    told: Path
    web: Life | None = None
    asked: int = 0
    killed: Counter[str] = field(default_factory=Counter)

    @property
    def heard(self) -> int:
        """Up to which number the browser knows that its answer was taken."""
        return len(set(self.told.read_text().split()))

    def keep_writing(self) -> None:
        """A web process writes answers down while few are due, beginning with what nobody heard of."""
        if self.web is not None and not self.web.has_ended():
            return
        if self.web is not None:
            assert self.web.wait() <= 0
        here, account = str(self.desk.mine.organization_id), str(self.desk.owner.account_id)
        if self.heard == self.asked:
            self.asked += AT_ONCE if len(self.rows(*OPEN)) < WAITING else 0
        if self.heard < self.asked:
            numbers = f"{self.heard + 1}-{self.asked}"
            self.web = self.webs.begin(ANSWER, here, account, str(TICKETS), numbers, str(self.told))

    def kill_web(self) -> None:
        """The web process dies, if there is one."""
        if self.web is not None and not self.web.has_ended():
            self.web.kill()
            self.killed[WEB] += 1

    def rows(self, *states: Delivery) -> list[Outgoing]:
        """Outgoing mail in these states."""
        here = self.desk.mine.organization_id
        with db.reading(here) as session:
            mine = (Outgoing.organization_id == here, col(Outgoing.state).in_(states))
            return list(session.exec(select(Outgoing).where(*mine)).all())

    def kill(self, life: Life) -> None:
        """The sender dies; where it was is written down."""
        life.kill()
        mark = f"{processes.place()}{life.pid}."
        is_sending = any(row.lease_owner.startswith(mark) for row in self.rows(Delivery.SENDING))
        self.killed[SENDING if is_sending else ELSEWHERE] += 1

    def arrived(self) -> Counter[int]:
        """How often each message arrived, by the id in its Message-ID; 0 is for what nobody here sent."""
        ids = (str(message_from_bytes(one.raw)["Message-ID"]) for one in self.sink.mails)
        read = (read_own_message_id(one, (SECRET_KEY,)) for one in ids)
        return Counter(one.message_id if one else 0 for one in read)


@pytest.fixture
def rig(desk: Desk, lives: Lives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A desk with tickets to answer, without undo time, that sends to the sink."""
    for number in range(TICKETS):
        take_in(mail(f"Question {number}", sender=f"customer{number}@lotus.example", subject=f"Q {number}"))
    with db.transaction(desk.mine.organization_id) as session:
        here = col(Organization.id) == desk.mine.organization_id
        session.execute(update(Organization).where(here).values(undo_seconds=0))
    (told := tmp_path / "told").touch()
    with smtp_sink() as sink, nursery(tmp_path / "webs.log") as webs:
        monkeypatch.setenv("CASSO_MAIL_OUT", f"{sink.url}?starttls=off")
        monkeypatch.setenv("CASSO_SMTP_LISTEN", "")
        config.settings.cache_clear()
        yield Rig(desk, sink, lives, webs, told)


def measured(rig: Rig) -> tuple[float, float]:
    """Seconds from a sender's birth to its first mail, and for the few mails after that."""
    rig.keep_writing()
    wait_until("the answers are written", lambda: rig.heard == rig.asked)
    life, born = rig.senders.begin(WORKER), time.monotonic()
    rig.sink.wait_for(1)
    first = time.monotonic()
    rig.sink.wait_for(AT_ONCE - 2)
    done = time.monotonic()
    rig.kill(life)
    return first - born, done - first


def kill_again_and_again(rig: Rig, birth: float, work: float) -> None:
    """A fifth of the senders die at a random moment of their beginning, the others while they send."""
    chance = random.Random(SEED)
    for _ in range(KILLS):
        rig.keep_writing()
        if chance.random() < 0.5:
            pause(chance.uniform(0, birth / 2))
            rig.kill_web()
            rig.keep_writing()
        life, before = rig.senders.begin(WORKER), len(rig.sink.mails)
        if chance.random() < 0.2:
            pause(chance.uniform(0, birth))
        else:
            wait_until("a mail leaves", lambda: len(rig.sink.mails) > before, pause_seconds=0.002)  # noqa: B023
            pause(chance.uniform(0, work))
        rig.kill(life)


def let_the_last_ones_finish(rig: Rig) -> None:
    """The browser hears of every answer, and nothing is due any more."""
    wait_until("all are written", lambda: rig.keep_writing() or rig.heard == rig.asked)
    life = rig.senders.begin(WORKER)
    wait_until("nothing is due", lambda: not rig.rows(*OPEN), seconds=60)
    assert life.stop() == 0


def complaints(rig: Rig, repeated: frozenset[int] = frozenset()) -> Iterator[str]:
    """Everything that differs from: each answer is there once, and sent once or uncertain."""
    here, arrived = rig.desk.mine.organization_id, rig.arrived()
    with db.reading(here) as session:
        mine = (Message.organization_id == here, Message.kind == MessageKind.REPLY)
        texts = Counter(session.exec(select(Message.text).where(*mine)).all())
    for number in range(1, rig.asked + 1):
        if texts[f"Answer {number}."] != 1:
            yield f"answer {number} is there {texts[f'Answer {number}.']} times"
    rows = rig.rows(*Delivery)
    if strange := set(arrived) - {row.message_id for row in rows}:
        yield f"mails arrived that nobody sent: {strange}"
    for row in rows:
        allowed = {Delivery.SENT: (1, 2) if row.message_id in repeated else (1,), Delivery.UNCERTAIN: (0, 1)}
        if arrived[row.message_id] not in allowed.get(Delivery(row.state), ()):
            yield f"message {row.message_id} is {row.state} and arrived {arrived[row.message_id]} times"


def shown_as_uncertain(rig: Rig) -> frozenset[int]:
    """Messages that the screen marks."""
    pages = (get_ticket(rig.desk.owner, number) for number in range(1, TICKETS + 1))
    shown = (entry.message for page in pages for entry in page.entries if entry.message)
    return frozenset(one.id for one in shown if one.delivery == Delivery.UNCERTAIN)


def test_a_hundred_kills_send_nothing_twice_and_lose_nothing(rig: Rig) -> None:
    birth, work = measured(rig)
    began = time.monotonic()
    kill_again_and_again(rig, birth, work)
    seconds = time.monotonic() - began
    let_the_last_ones_finish(rig)
    uncertain, before = shown_as_uncertain(rig), rig.arrived()
    gone = sum(before[one] for one in uncertain)
    report = (
        f"seed {SEED}: {KILLS} kills in {seconds:.0f} s (a birth {birth:.2f} s, its work {work:.2f} s), "
        f"{dict(rig.killed)}; {rig.asked} answers, {len(uncertain)} uncertain, {gone} of them had arrived"
    )
    print(report)
    assert not (wrong := list(complaints(rig))), "\n".join([report, *wrong])
    assert {row.message_id for row in rig.rows(Delivery.UNCERTAIN)} == uncertain, report
    for message_id in uncertain:
        replies.send_again(rig.desk.owner, message_id, intent=f"again-{message_id}")
    let_the_last_ones_finish(rig)
    assert not (wrong := list(complaints(rig, uncertain))), "\n".join([report, *wrong])
    assert rig.arrived() == before + Counter(uncertain), report
    assert {row.state for row in rig.rows(*Delivery)} == {Delivery.SENT}, report
    assert KILLS // 4 < len(uncertain) <= rig.killed[SENDING], report
    assert 0 < gone < len(uncertain), report
    assert rig.killed[WEB] > KILLS // 20, report
