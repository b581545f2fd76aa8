"""The sending process dies at every declared place: nothing is lost or sent twice (check 60).

What may or may not have been sent is shown as uncertain and repeated by a person alone.
"""

import signal
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes

import pytest
from sqlmodel import select

from casso import config, db
from casso.enums import Delivery
from casso.models import Outgoing
from casso.services import replies
from casso.services.delivery import LEASE
from tests.architecture import failpoints
from tests.desks import Desk
from tests.faults.lives import Lives
from tests.servers.smtp_sink import SmtpSink, smtp_sink
from tests.services.mails import mail, message, take_in

pytestmark = pytest.mark.faults
SEND = "casso.jobs.send:send_waiting"
PLACES = [place for place in failpoints() if place.startswith("delivery.")]
AFTER_THE_LAST_BYTE = {"delivery.handed_over", "delivery.before_commit"}
LATER = LEASE.total_seconds() + 60
MUCH_LATER = 2 * 24 * 3600.0
MAILS = 3


@pytest.fixture
def sink(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpSink]:
    """The customers' mail server."""
    with smtp_sink() as server:
        monkeypatch.setenv("CASSO_MAIL_OUT", f"{server.url}?starttls=off")
        config.settings.cache_clear()
        yield server


def states(desk: Desk) -> list[str]:
    here = desk.mine.organization_id
    with db.reading(here) as session:
        return sorted(session.exec(select(Outgoing.state).where(Outgoing.organization_id == here)).all())


def ids(sink: SmtpSink) -> Counter[str]:
    """How often each Message-ID arrived."""
    return Counter(message_from_bytes(one.raw)["Message-ID"] for one in sink.mails)


@pytest.mark.parametrize("passage", [1, MAILS])
@pytest.mark.parametrize("place", PLACES)
def test_one_mail_is_uncertain_and_every_other_arrives_once(
    desk: Desk, sink: SmtpSink, lives: Lives, place: str, passage: int
) -> None:
    take_in(mail())
    sent = [replies.send_reply(desk.owner, 1, text=f"mail {number}") for number in range(MAILS)]
    assert lives.run(SEND, failpoint=f"{place}:{passage}:kill") == -signal.SIGKILL
    assert states(desk).count(Delivery.SENDING) == 1
    for ahead in (LATER, MUCH_LATER):
        assert lives.run(SEND, ahead=ahead) == 0
        assert states(desk) == [Delivery.SENT] * (MAILS - 1) + [Delivery.UNCERTAIN]
        assert set(ids(sink).values()) == {1}
        assert len(sink.mails) == MAILS - (place not in AFTER_THE_LAST_BYTE)
    (lost,) = [one for one in sent if message(desk.owner, one).delivery == Delivery.UNCERTAIN]
    replies.send_again(desk.owner, lost)
    assert lives.run(SEND, ahead=MUCH_LATER) == 0
    assert states(desk) == [Delivery.SENT] * MAILS
    assert sorted(ids(sink).values()) == [1] * (MAILS - 1) + [1 + (place in AFTER_THE_LAST_BYTE)]
