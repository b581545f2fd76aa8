"""Mail from Casso itself: sent once, tried again, sealed while it waits and forgotten afterwards."""

import logging
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlmodel import select

from casso import config
from casso.db import reading, transaction
from casso.enums import Delivery
from casso.models import Account, Notice
from casso.services import notice_sending, notices
from casso.services.notices import NoticeKind, Recipient
from casso.words import LOCALES, catalogue
from tests.desks import Desk
from tests.servers.smtp_sink import smtp_sink

LINK = "http://desk.example:3000/reset/canary-token"
ANA = Recipient("ana@example.test", "en")


def put(to: Recipient = ANA, kind: NoticeKind = NoticeKind.RESET, **more: timedelta) -> None:
    with transaction() as session:
        notices.send(session, kind, to, email=to.email, link=LINK, **more)  # type: ignore[arg-type]


def row() -> Notice:
    with reading() as session:
        return session.exec(select(Notice)).one()


def outbox(desk: Desk) -> list[EmailMessage]:
    files = sorted((desk.folder / "outbox").glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]  # type: ignore[misc]


def test_a_notice_leaves_as_a_mail_that_nothing_answers(desk: Desk) -> None:
    put()
    assert notice_sending.send_due() == 1
    (mail,) = outbox(desk)
    assert mail["To"] == "ana@example.test"
    assert mail["From"] == "Casso <casso@desk.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "Choose a new password for Casso"
    body = mail.get_body(("plain",))
    assert body is not None
    assert LINK in body.get_content()
    assert notice_sending.send_due() == 0


def test_it_speaks_the_recipients_language(sqlite_desk: Desk) -> None:
    put(Recipient("ana@example.test", "de"))
    notice_sending.send_due()
    assert outbox(sqlite_desk)[0]["Subject"] == "Neues Passwort für Casso wählen"


def test_an_accounts_language_is_its_own_or_its_organizations(sqlite_desk: Desk) -> None:
    with transaction() as session:
        account = session.get(Account, sqlite_desk.owner.account_id)
        assert account is not None
        assert notices.recipient_of(session, account).locale == "en"
        account.locale = "de"
        found = notices.recipient_of(session, account)
    assert found == Recipient(sqlite_desk.owner.email, "de", sqlite_desk.owner.account_id)


def test_a_notice_of_an_act_that_failed_is_never_sent(sqlite_desk: Desk) -> None:
    with pytest.raises(RuntimeError), transaction() as session:
        notices.send(session, NoticeKind.RESET, ANA, email=ANA.email, link=LINK)
        raise RuntimeError("rolled back")
    assert notice_sending.send_due() == 0


def test_the_link_lies_sealed_while_it_waits_and_not_at_all_afterwards(
    sqlite_desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    put()
    assert row().sealed
    assert b"canary-token" not in (sqlite_desk.folder / "casso.db").read_bytes()
    assert "canary-token" not in repr(row())
    with caplog.at_level(logging.DEBUG):
        notice_sending.send_due()
    assert (row().state, row().sealed) == (Delivery.SENT, "")
    assert "canary-token" not in caplog.text
    assert "ana@example.test" not in caplog.text


def break_outbox(desk: Desk) -> None:
    (desk.folder / "outbox").write_text("a file where the folder should be")


def test_a_failure_is_tried_again_later_and_then_sent(desk: Desk) -> None:
    break_outbox(desk)
    put()
    assert notice_sending.send_due() == 1
    assert row().state == Delivery.RETRYING
    assert notice_sending.send_due() == 0
    (desk.folder / "outbox").unlink()
    desk.clock.tick(minutes=2)
    assert notice_sending.send_due() == 1
    assert row().state == Delivery.SENT
    assert len(outbox(desk)) == 1


def test_a_notice_that_is_too_old_is_given_up_and_forgotten(sqlite_desk: Desk) -> None:
    break_outbox(sqlite_desk)
    put(life=timedelta(hours=1))
    for _ in range(10):
        notice_sending.send_due()
        sqlite_desk.clock.tick(minutes=20)
    assert (row().state, row().sealed) == (Delivery.FAILED, "")
    assert 3 <= row().attempts <= 4


def test_what_the_server_refuses_is_not_tried_again(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with smtp_sink() as sink:
        sink.recipient_replies[ANA.email] = "550 5.1.1 no such person"
        monkeypatch.setenv("CASSO_MAIL_OUT", sink.url)
        config.settings.cache_clear()
        put()
        notice_sending.send_due()
    assert (row().state, row().sealed) == (Delivery.FAILED, "")


def test_a_notice_whose_sender_vanished_is_sent_by_the_next(desk: Desk) -> None:
    put()
    assert notice_sending._claim(row().id or 0)
    assert notice_sending.send_due() == 0
    desk.clock.tick(minutes=11)
    assert notice_sending.send_due() == 1
    assert row().state == Delivery.SENT


def test_two_workers_never_take_the_same_notice(desk: Desk) -> None:
    put()
    assert notice_sending._claim(row().id or 0)
    assert notice_sending._claim(row().id or 0) is None


def test_a_secret_link_is_never_sent_into_the_desk_itself(sqlite_desk: Desk) -> None:
    put(Recipient(sqlite_desk.address.upper(), "en"))
    notice_sending.send_due()
    assert (row().state, row().sealed) == (Delivery.FAILED, "")
    assert "mailbox of this desk" in row().error
    assert outbox(sqlite_desk) == []


def test_who_sends_can_be_set(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASSO_MAIL_FROM", "desk@sender.example")
    config.settings.cache_clear()
    put()
    notice_sending.send_due()
    assert outbox(sqlite_desk)[0]["From"] == "Casso <desk@sender.example>"


@pytest.mark.parametrize("kind", list(NoticeKind))
@pytest.mark.parametrize("locale", LOCALES)
def test_every_kind_has_its_words_in_every_language(kind: NoticeKind, locale: str) -> None:
    assert {f"mail.{kind}_subject", f"mail.{kind}_body"} <= set(catalogue(locale))
