"""Loops end, delivery reports mark their message, and mail from ourselves is nobody's question (46, 47)."""

from email.message import EmailMessage
from email.message import Message as RawMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from sqlmodel import select

from casso import db
from casso.config import settings
from casso.enums import Delivery
from casso.gateways import spool
from casso.jobs.receive import receive_waiting
from casso.models import Message, Outgoing
from casso.rules.addresses import bounce_address
from casso.services import replies
from tests.desks import Desk
from tests.services.mails import mail, message, messages, put, spooled, take_in, ticket_of, tickets
from tests.trails import trail_of


def answered(desk: Desk, cc: tuple[str, ...] = ()) -> Message:
    ticket = ticket_of(desk.system, take_in(mail("help", message_id="first@customer.test")))
    return message(desk.system, replies.send_reply(desk.owner, ticket.number, text="Hello", cc=cc))


def report(original: str, recipient: str = "anna@customer.test", to: str = "support@example.test") -> bytes:
    """A delivery status notification as RFC 3464 describes it."""
    made = MIMEMultipart("report", **{"report-type": "delivery-status"})
    made["From"], made["To"] = "MAILER-DAEMON@mx.test", to
    made["Subject"] = "Undelivered Mail Returned to Sender"
    made.attach(MIMEText("I could not deliver your mail."))
    status = EmailMessage()
    status.set_type("message/delivery-status")
    machine, per = RawMessage(), RawMessage()
    machine["Reporting-MTA"] = "dns; mx.test"
    per["Final-Recipient"], per["Action"] = f"rfc822; {recipient}", "failed"
    per["Status"], per["Diagnostic-Code"] = "5.1.1", "smtp; 550 5.1.1 no such user"
    part = RawMessage()
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([machine, per])
    made.attach(part)
    returned = RawMessage()
    returned["Content-Type"] = "text/rfc822-headers"
    returned.set_payload(f"Message-ID: <{original}>\nSubject: Re: Invoice\n")
    made.attach(returned)
    return made.as_bytes()


def outgoing(desk: Desk) -> dict[str, tuple[str, str]]:
    with db.reading(desk.mine.organization_id) as session:
        rows = session.exec(select(Outgoing).where(Outgoing.organization_id == desk.mine.organization_id))
        return {row.recipient: (row.state, row.error) for row in rows}


def trail(desk: Desk) -> list[str]:
    return [line.action for line in trail_of(desk.mine.organization_id)]


def test_a_bounce_marks_the_message_and_makes_no_ticket(desk: Desk) -> None:
    answer = answered(desk)
    spool_id = put(report(answer.mail_key))
    receive_waiting()
    assert spooled(spool_id).state == "done"
    marked = message(desk.system, answer.id or 0)
    assert marked.delivery == Delivery.BOUNCED
    assert "5.1.1" in marked.delivery_error
    assert outgoing(desk)["anna@customer.test"][0] == Delivery.BOUNCED
    assert len(tickets(desk.system)) == 1
    assert len(messages(desk.system)) == 2
    assert "message.bounced" in trail(desk)


def test_a_bounce_marks_only_the_recipient_it_names(desk: Desk) -> None:
    answer = answered(desk, cc=("ben@stranger.test",))
    put(report(answer.mail_key, recipient="ben@stranger.test"))
    receive_waiting()
    assert outgoing(desk)["ben@stranger.test"][0] == Delivery.BOUNCED
    assert outgoing(desk)["anna@customer.test"][0] == Delivery.QUEUED


def test_a_bounce_finds_its_message_by_the_address_it_was_sent_to(desk: Desk) -> None:
    answer = answered(desk)
    address = bounce_address(desk.address, answer.id or 0, settings().secret_keys)
    put(report("unknown@elsewhere.test", to=address), address)
    receive_waiting()
    assert message(desk.system, answer.id or 0).delivery == Delivery.BOUNCED


def test_a_bounce_of_a_foreign_mail_is_kept_aside_and_marks_nothing(desk: Desk) -> None:
    answer = answered(desk)
    spool_id = put(report("spam@elsewhere.test"))
    receive_waiting()
    row = spooled(spool_id)
    assert (row.state, row.error) == ("quarantined", "bounce_unmatched")
    assert message(desk.system, answer.id or 0).delivery != Delivery.BOUNCED
    assert spool.kept_aside(spool.QUARANTINE) == [spool_id]


def test_a_bounce_cannot_mark_another_organizations_message(desk: Desk) -> None:
    answer = answered(desk)
    put(report(answer.mail_key), desk.other.address)
    receive_waiting()
    assert message(desk.system, answer.id or 0).delivery != Delivery.BOUNCED


def test_our_own_loop_header_ends_the_loop(desk: Desk) -> None:
    spool_id = put(mail("again and again", X_Casso_Loop=desk.address))
    receive_waiting()
    assert (spooled(spool_id).state, messages(desk.system)) == ("done", [])
    assert "mail.loop" in trail(desk)


def test_another_desks_loop_header_is_an_ordinary_mail(desk: Desk) -> None:
    assert take_in(mail("hello", X_Casso_Loop="help@elsewhere.test")).thread_reason == "new"


def test_our_own_mail_that_comes_back_is_not_a_question(desk: Desk) -> None:
    answer = answered(desk)
    put(mail("Hello", sender=desk.address, message_id=answer.mail_key))
    receive_waiting()
    assert len(messages(desk.system)) == 2


def test_a_made_up_message_id_of_ours_does_not_hide_a_mail(desk: Desk) -> None:
    answered(desk)
    found = take_in(mail("hello", message_id=f"casso.1.2.{'a' * 16}@desk.example"))
    assert found.text.strip() == "hello"


def test_a_mail_from_our_own_mailbox_is_kept_aside_and_not_a_customers(desk: Desk) -> None:
    spool_id = put(mail("from us", sender=desk.address))
    receive_waiting()
    row = spooled(spool_id)
    assert (row.state, row.error, row.organization_id) == (
        "quarantined",
        "own_address",
        desk.mine.organization_id,
    )
    assert tickets(desk.system) == []


@pytest.mark.parametrize("value", ["auto-replied", "auto-generated"])
def test_automatic_mail_is_a_ticket_but_marked(desk: Desk, value: str) -> None:
    assert take_in(mail("x", Auto_Submitted=value)).is_automatic


def test_a_customers_own_mail_is_a_message_however_much_it_reads_like_a_report(desk: Desk) -> None:
    answer = answered(desk)
    raw = report(answer.mail_key).replace(b"MAILER-DAEMON@mx.test", b"anna@customer.test")
    take_in(raw)
    assert message(desk.system, answer.id or 0).delivery != Delivery.BOUNCED
    assert len(messages(desk.system)) == 3
