"""What happens to a mail whose outcome nobody knows, and how two senders keep out of each other's way."""

from email import message_from_bytes

import pytest

from casso.access import Actor
from casso.enums import Delivery
from casso.failpoints import Failpoint
from casso.gateways import smtp
from casso.jobs.send import send_waiting
from casso.services import delivery, replies
from tests.desks import Desk
from tests.servers.smtp_sink import SmtpSink
from tests.services.mails import message
from tests.services.outgoing_rows import rows, states


@pytest.mark.parametrize("after_data", ["drop", "hang"])
def test_a_connection_lost_after_the_last_byte_is_uncertain_and_never_repeated(
    desk: Desk, sink: SmtpSink, due: int, after_data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.after_data = after_data
    short = smtp.send.__kwdefaults__ | {"timeout_seconds": 1.0}
    monkeypatch.setattr(smtp.send, "__kwdefaults__", short)
    send_waiting()
    assert set(states(desk.owner).values()) == {Delivery.UNCERTAIN}
    assert message(desk.owner, due).delivery == Delivery.UNCERTAIN
    sink.after_data = ""
    desk.clock.tick(days=3)
    assert send_waiting() == 0
    assert len(sink.mails) == 2


def test_a_person_repeats_an_uncertain_mail_under_the_same_id(desk: Desk, sink: SmtpSink, due: int) -> None:
    sink.after_data = "drop"
    send_waiting()
    sink.after_data = ""
    replies.send_again(desk.owner, due)
    assert send_waiting() == 2
    ids = {message_from_bytes(one.raw)["Message-ID"] for one in sink.mails}
    assert len(sink.mails) == 4
    assert len(ids) == 1
    assert message(desk.owner, due).delivery == Delivery.SENT


@pytest.mark.parametrize("place", ["delivery.claimed", "delivery.handed_over", "delivery.before_commit"])
def test_a_sender_that_dies_leaves_an_uncertain_mail_that_nobody_repeats(
    desk: Desk, sink: SmtpSink, due: int, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casso.failpoints._passages", {})
    monkeypatch.setenv("CASSO_FAILPOINT", f"{place}:1:raise")
    with pytest.raises(Failpoint):
        send_waiting(limit=1)
    monkeypatch.delenv("CASSO_FAILPOINT")
    taken = len(sink.mails)
    assert taken == (0 if place == "delivery.claimed" else 1)
    assert sorted(states(desk.owner).values()) == [Delivery.QUEUED, Delivery.SENDING]
    desk.clock.tick(minutes=11)
    send_waiting()
    assert sorted(states(desk.owner).values()) == [Delivery.SENT, Delivery.UNCERTAIN]
    assert message(desk.owner, due).delivery == Delivery.UNCERTAIN
    assert len(sink.mails) == taken + 1
    desk.clock.tick(days=2)
    assert send_waiting() == 0


def test_sending_is_written_down_before_the_first_byte_leaves(
    desk: Desk, sink: SmtpSink, due: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    async def look(server: object, session: object, envelope: object, address: str, options: object) -> str:
        envelope.mail_from = address  # type: ignore[attr-defined]
        seen.append(message(desk.owner, due).delivery)
        return "250 OK"

    monkeypatch.setattr(sink, "handle_MAIL", look)
    send_waiting(limit=1)
    assert seen == [Delivery.SENDING]


def test_two_senders_never_take_the_same_mail(desk: Desk, sink: SmtpSink, due: int) -> None:
    wanted = delivery._due(10)
    for row_id, organization_id in wanted:
        assert delivery._claim(Actor.system(organization_id), row_id) is not None
        assert delivery._claim(Actor.system(organization_id), row_id) is None


def test_a_sender_slower_than_its_lease_still_tells_that_it_was_sent(
    desk: Desk, sink: SmtpSink, due: int
) -> None:
    (first, *_) = delivery._due(1)
    row = delivery._claim(Actor.system(first[1]), first[0])
    assert row is not None
    desk.clock.tick(minutes=11)
    assert delivery.give_up_lost() == 1
    delivery._send(Actor.system(first[1]), row)
    assert rows(desk.owner)["anna"].state == Delivery.SENT
