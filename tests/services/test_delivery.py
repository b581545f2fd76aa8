"""Mail leaves once: through a real SMTP server that takes it, refuses it, hangs, or loses the connection."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from casso import config, db, failpoints
from casso.enums import ChangeKind, Delivery
from casso.gateways import storage
from casso.jobs.send import send_waiting
from casso.models import Attachment, Change, Message, Outgoing
from casso.rules.addresses import read_bounce_address, read_own_message_id
from casso.services import attachments, delivery, replies
from tests.desks import SECRET_KEY, Desk
from tests.servers.smtp_sink import SmtpSink
from tests.services.mails import mail, message, take_in
from tests.services.outgoing_rows import rows, states


def test_nothing_leaves_before_the_undo_time(desk: Desk, sink: SmtpSink) -> None:
    take_in(mail())
    replies.send_reply(desk.owner, 1, text="Hello")
    desk.clock.tick(seconds=9)
    assert send_waiting() == 0
    desk.clock.tick(seconds=2)
    assert send_waiting() == 1
    assert send_waiting() == 0
    assert len(sink.mails) == 1


def test_every_recipient_gets_the_same_mail_under_one_id(desk: Desk, sink: SmtpSink, due: int) -> None:
    assert send_waiting() == 2
    first, second = sink.mails
    assert first.raw == second.raw
    assert {first.recipients, second.recipients} == {("anna@customer.test",), ("ben@customer.test",)}
    sent = message_from_bytes(first.raw, policy=policy.default)
    own = read_own_message_id(sent["Message-ID"], (SECRET_KEY,))
    assert own is not None
    assert own.message_id == due
    assert sent["In-Reply-To"] == "<first@customer.test>"
    assert sent["Subject"] == "Re: Invoice [#1]"
    assert sent["From"].addresses[0].addr_spec == desk.address
    assert sent["Reply-To"].addresses[0].addr_spec.startswith("support+")
    assert sent["X-Casso-Loop"] == desk.address
    assert read_bounce_address(first.sender, (SECRET_KEY,)) == due


def test_the_outcome_returns_to_the_message_and_the_screens(desk: Desk, sink: SmtpSink, due: int) -> None:
    send_waiting()
    found = message(desk.owner, due)
    assert found.delivery == Delivery.SENT
    assert found.sent_at is not None
    with db.reading(desk.mine.organization_id) as session:
        kinds = session.execute(
            select(col(Change.kind)).where(col(Change.organization_id) == desk.mine.organization_id)
        ).scalars()
        assert ChangeKind.DELIVERY in list(kinds)


def test_attachments_arrive_byte_for_byte(desk: Desk, sink: SmtpSink) -> None:
    take_in(mail())
    file = attachments.store_upload(desk.owner, "bericht ü.pdf", "application/pdf", b"%PDF\x00\r\n\xff" * 999)
    replies.send_reply(desk.owner, 1, text="See file", upload_ids=(file.id,))
    desk.clock.tick(seconds=11)
    send_waiting()
    (part,) = message_from_bytes(sink.mails[0].raw, policy=policy.default).iter_attachments()
    assert part.get_payload(decode=True) == b"%PDF\x00\r\n\xff" * 999
    assert part.get_filename() == "bericht ü.pdf"


def test_a_mail_taken_back_never_leaves(desk: Desk, sink: SmtpSink, due: int) -> None:
    replies.undo_send(desk.owner, due)
    assert send_waiting() == 0
    assert sink.mails == []


def test_one_refused_recipient_of_two_is_told_and_the_other_gets_it(
    desk: Desk, sink: SmtpSink, due: int
) -> None:
    sink.recipient_replies["ben@customer.test"] = "550 5.1.1 no such user"
    send_waiting()
    assert states(desk.owner) == {"anna": Delivery.SENT, "ben": Delivery.FAILED}
    found = message(desk.owner, due)
    assert found.delivery == Delivery.FAILED
    assert "550" in found.delivery_error
    replies.send_again(desk.owner, due)
    sink.recipient_replies.clear()
    assert send_waiting() == 1
    assert message(desk.owner, due).delivery == Delivery.SENT
    assert [one.recipients[0] for one in sink.mails] == ["anna@customer.test", "ben@customer.test"]


def test_a_greylisted_mail_is_tried_again_at_stored_times_and_then_given_up(
    desk: Desk, sink: SmtpSink, due: int
) -> None:
    sink.data_reply = "451 4.7.1 greylisted"
    for wait in delivery.WAITS:
        assert send_waiting() == 2
        assert send_waiting() == 0
        row = rows(desk.owner)["anna"]
        assert row.state == Delivery.RETRYING
        assert wait - timedelta(seconds=1) < row.due_at - desk.clock.moment <= wait
        desk.clock.tick(seconds=wait.total_seconds())
    assert send_waiting() == 2
    assert set(states(desk.owner).values()) == {Delivery.FAILED}
    assert message(desk.owner, due).delivery == Delivery.FAILED
    assert sink.mails == []


def test_a_server_that_is_down_is_asked_later(desk: Desk, due: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASSO_MAIL_OUT", "smtp://127.0.0.1:1?starttls=off")
    config.settings.cache_clear()
    send_waiting()
    assert set(states(desk.owner).values()) == {Delivery.RETRYING}
    assert message(desk.owner, due).delivery == Delivery.RETRYING


def test_a_file_that_is_gone_fails_for_good_and_a_store_that_is_down_does_not(
    desk: Desk, sink: SmtpSink
) -> None:
    take_in(mail())
    file = attachments.store_upload(desk.owner, "a.txt", "text/plain", b"hello")
    message_id = replies.send_reply(desk.owner, 1, text="Hello", upload_ids=(file.id,))
    desk.clock.tick(seconds=11)
    with db.reading(desk.mine.organization_id) as session:
        key = session.execute(
            select(col(Attachment.storage_key)).where(
                col(Attachment.organization_id) == desk.mine.organization_id
            )
        ).scalar_one()
    storage.delete(key)
    send_waiting()
    assert message(desk.owner, message_id).delivery == Delivery.FAILED
    assert sink.mails == []


def test_an_address_no_server_takes_fails_and_the_next_mail_leaves(
    desk: Desk, sink: SmtpSink, due: int
) -> None:
    with db.transaction(desk.mine.organization_id) as session:
        session.execute(
            update(Outgoing)
            .where(
                col(Outgoing.organization_id) == desk.mine.organization_id,
                col(Outgoing.recipient) == "anna@customer.test",
            )
            .values(recipient="broken address")
        )
    assert send_waiting() == 2
    assert sorted(states(desk.owner).values()) == [Delivery.FAILED, Delivery.SENT]


def test_without_a_mail_server_answers_are_files(desk: Desk, due: int) -> None:
    send_waiting()
    files = list((desk.folder / "outbox").glob("*.eml"))
    assert len(files) == 2
    assert message(desk.owner, due).delivery == Delivery.SENT


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        (Delivery.SENT, Delivery.QUEUED, Delivery.QUEUED),
        (Delivery.SENT, Delivery.BOUNCED, Delivery.BOUNCED),
        (Delivery.UNCERTAIN, Delivery.RETRYING, Delivery.UNCERTAIN),
        (Delivery.FAILED, Delivery.UNCERTAIN, Delivery.FAILED),
        (Delivery.SENT, Delivery.SENT, Delivery.SENT),
    ],
)
def test_a_message_shows_its_worst_recipient(
    sqlite_desk: Desk, one: Delivery, other: Delivery, shown: Delivery
) -> None:
    take_in(mail())
    actor = sqlite_desk.owner
    message_id = replies.send_reply(actor, 1, text="x", cc=("ben@customer.test",))
    with db.transaction(actor.organization_id) as session:
        for recipient, state in (("anna@customer.test", one), ("ben@customer.test", other)):
            session.execute(
                update(Outgoing)
                .where(
                    col(Outgoing.organization_id) == actor.organization_id,
                    col(Outgoing.recipient) == recipient,
                )
                .values(state=state)
            )
        delivery._sum_up(session, actor, message_id)
    with db.reading(actor.organization_id) as session:
        found = session.execute(
            select(col(Message.delivery)).where(
                col(Message.organization_id) == actor.organization_id, col(Message.id) == message_id
            )
        ).scalar_one()
    assert found == shown


def test_a_mail_that_cannot_be_built_is_told_and_the_next_one_leaves(
    desk: Desk, sink: SmtpSink, due: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failpoints, "_passages", {})
    monkeypatch.setenv("CASSO_FAILPOINT", "delivery.building:1:raise")
    send_waiting()
    assert len(sink.mails) == 1
    assert sorted(states(desk.owner).values()) == [Delivery.FAILED, Delivery.SENT]
    assert any("could not be put together" in row.error for row in rows(desk.owner).values())
