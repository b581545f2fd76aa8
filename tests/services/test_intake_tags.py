"""The token of a reply address stays where it works: no text, row, file name or log line repeats it."""

import logging
import runpy
from dataclasses import fields

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlmodel import SQLModel, col

from casso import db
from casso.access import across_organizations
from casso.config import settings
from casso.enums import Delivery
from casso.errors import GatewayError
from casso.gateways import outgoing
from casso.jobs.receive import receive_waiting
from casso.jobs.send import send_waiting
from casso.logs import JsonFormatter
from casso.models import Message, Ticket
from casso.queries.search import search_tickets
from casso.queries.tickets import get_message_frame, get_ticket, list_queue
from casso.rules.addresses import bounce_address, reply_address
from casso.services import intake_tags, mailboxes, replies, schema
from casso.services.mailboxes import MailboxForm
from tests.desks import Desk
from tests.services.mails import mail, message, messages, put, spooled, take_in, tickets

MAY_HOLD_A_TOKEN = {"ticket.reply_token", "spooled_mail.recipient"}
OUTLOOK = """Thanks!

From: Support <{address}>
Sent: Monday, 2 March 2026 09:00
To: Anna Berg <anna@customer.test>
Subject: Re: Invoice

Hello Anna, write to {address} again.
"""
HTML = """<p>Thanks, {address}</p><div class="gmail_quote"><div>On Monday Support
&lt;<a href="mailto:{percent}">{entity}</a>&gt; wrote:</div><blockquote>Hello {upper}</blockquote></div>"""


@pytest.fixture
def signed(desk: Desk) -> str:
    """The signed address of the first ticket."""
    take_in(mail(message_id="first@customer.test"))
    return reply_address(desk.address, tickets(desk.system)[0].reply_token)


def token(desk: Desk) -> str:
    return tickets(desk.system)[0].reply_token


def written(address: str) -> dict[str, str]:
    """One address in the ways that mail programs write it."""
    local, _, host = address.partition("@")
    name, _, tag = local.partition("+")
    return {
        "address": address,
        "percent": f"{name}%2B{tag}@{host}",
        "entity": f"{name}&#43;{tag}&#64;{host}",
        "upper": address.upper(),
    }


def everything_shown(desk: Desk, number: int = 1) -> str:
    """All that the queries behind the screens and the frame's page return for a ticket."""
    page = get_ticket(desk.owner, number)
    shown = [entry.message.id for entry in page.entries if entry.message]
    frames = [get_message_frame(desk.owner, one) for one in shown]
    found = search_tickets(desk.owner, "thanks")
    return repr([page, frames, found, list_queue(desk.owner, "open")]).lower()


def columns_with(text: str) -> set[str]:
    """Every column of the whole database in which the text stands, in any case."""
    hits: set[str] = set()
    with db.reading() as session, across_organizations(session, "tests"):
        for table in SQLModel.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                hits |= {f"{table.name}.{name}" for name, value in row.items() if text in repr(value).lower()}
    return hits


def test_a_reply_shows_the_plain_address_and_still_finds_its_ticket(desk: Desk, signed: str) -> None:
    found = take_in(
        mail(OUTLOOK.format(address=signed), to=f"Support <{signed}>", Cc=f"x@y.test, {signed}"), signed
    )
    assert found.thread_reason == "signed_address"
    assert (found.to_addresses, found.cc_addresses) == ((desk.address,), ("x@y.test", desk.address))
    assert f"From: Support <{desk.address}>" in found.full_text
    (row,) = [one.message for one in get_ticket(desk.owner, 1).entries if one.message and one.message.cc_line]
    assert (row.to_line, row.cc_line) == (desk.address, f"x@y.test, {desk.address}")


def test_no_row_that_a_screen_gets_and_no_column_holds_the_token(desk: Desk, signed: str) -> None:
    html = HTML.format(**written(signed))
    raw = mail(OUTLOOK.format(address=signed), to=signed, subject=f"Re: {signed}", html=html)
    take_in(raw, signed)
    assert desk.address in everything_shown(desk)
    assert token(desk) not in everything_shown(desk)
    assert columns_with(token(desk)) == MAY_HOLD_A_TOKEN


def test_a_mail_of_html_alone_holds_no_token_either(desk: Desk, signed: str) -> None:
    raw = mail("", to=signed, html=HTML.format(**written(signed)))
    take_in(raw, signed)
    assert token(desk) not in everything_shown(desk)
    assert columns_with(token(desk)) == MAY_HOLD_A_TOKEN


def test_a_forwarded_mail_holds_no_token(desk: Desk, signed: str) -> None:
    forward = (
        f"See {signed}\n\n---------- Forwarded message ---------\nFrom: Ben <ben@else.test>\n"
        f"Date: Mon, 2 Mar 2026\nSubject: Lamp {signed}\nTo: <{signed}>\n\nMy lamp. {signed}\n"
    )
    form = MailboxForm(desk.address, unfolds_forwards=True)
    mailboxes.update_mailbox(desk.owner, desk.mine.mailbox_id, form)
    take_in(mail(forward, sender="olga@example.test", subject="Fwd: Lamp"))
    found = messages(desk.system)
    assert [one.from_email for one in found[1:]] == ["ben@else.test", "olga@example.test"]
    assert columns_with(token(desk)) == {"ticket.reply_token"}


def test_the_token_of_another_organizations_ticket_is_not_shown_to_us(desk: Desk) -> None:
    take_in(mail(to=desk.other.address), desk.other.address)
    theirs = reply_address(desk.other.address, tickets(desk.other.system)[0].reply_token)
    found = take_in(mail("both", to=f"{desk.address}, {theirs}"))
    assert found.to_addresses == (desk.address, desk.other.address)


def test_somebody_elses_tag_of_the_same_shape_stays(desk: Desk) -> None:
    theirs = "anna+abcdefghijklmnop2345@customer.test"
    found = take_in(mail(f"write to {theirs}", sender=theirs, Cc=theirs))
    assert (found.from_email, found.cc_addresses) == (theirs, (theirs,))
    assert theirs in found.text


def test_a_mail_from_a_signed_address_is_from_ourselves_and_makes_no_customer(
    desk: Desk, signed: str
) -> None:
    spool_id = put(mail("loop", sender=signed))
    receive_waiting()
    assert (spooled(spool_id).state, spooled(spool_id).error) == ("quarantined", "own_address")


def test_a_mail_full_of_tags_is_looked_up_only_so_far(desk: Desk, signed: str) -> None:
    many = " ".join(f"a+{'abcdefghij234567'}{number:04d}@x.test".translate(DIGITS) for number in range(300))
    found = take_in(mail(f"{signed} {many}"))
    assert "+" not in found.text


DIGITS = str.maketrans("0189", "wxyz")


def test_a_signed_address_typed_into_copy_gets_no_mail(desk: Desk, signed: str) -> None:
    sent = replies.send_reply(desk.owner, 1, text="Hello", cc=(signed, "ben@customer.test"))
    assert message(desk.owner, sent).cc_addresses == ("ben@customer.test",)


def test_the_copies_offered_for_an_answer_are_plain(desk: Desk, signed: str) -> None:
    take_in(mail("Thanks", to="x@y.test", Cc=f"{signed}, ben@else.test"), signed)
    assert get_ticket(desk.owner, 1).cc == ("ben@else.test",)


def test_what_a_mail_server_says_of_our_envelope_sender_is_shown_without_its_tag(
    desk: Desk, signed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = replies.send_reply(desk.owner, 1, text="Hello")
    ours = bounce_address(desk.address, sent, settings().secret_keys)
    desk.clock.tick(minutes=1)

    def refuse(*_: object) -> None:
        raise GatewayError(f"550 <{ours}> and <{signed}> refused", permanent=True, code="refused")

    monkeypatch.setattr(outgoing, "deliver", refuse)
    send_waiting()
    found = message(desk.owner, sent)
    assert found.delivery == Delivery.FAILED
    assert found.delivery_error == f"550 <{desk.address}> and <{desk.address}> refused"


def test_a_delivery_report_that_quotes_our_address_shows_the_plain_one(desk: Desk, signed: str) -> None:
    sent = replies.send_reply(desk.owner, 1, text="Hello")
    ours = bounce_address(desk.address, sent, settings().secret_keys)
    report = mail(
        f"Your message could not be delivered: <{ours}> may not write to <{signed}>",
        sender="postmaster@x.test",
    )
    put(report, ours)
    receive_waiting()
    found = message(desk.owner, sent)
    assert found.delivery == Delivery.BOUNCED
    assert f"<{desk.address}> may not write to <{desk.address}>" in found.delivery_error
    assert columns_with(token(desk)) == {"ticket.reply_token"}


def test_no_log_line_of_intake_repeats_the_token(
    desk: Desk, signed: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)

    def fail(*_: object) -> None:
        raise RuntimeError(f"planted {signed}")

    take_in(mail("fine", to=signed), signed)
    monkeypatch.setattr(intake_tags, "without_our_tags", fail)
    put(mail("broken", to=signed), signed)
    receive_waiting()
    lines = "\n".join(JsonFormatter("worker").format(record) for record in caplog.records)
    assert "could not be taken in" in lines
    assert token(desk) not in lines


def test_every_text_of_a_read_mail_is_looked_at() -> None:
    """A field added to the values must be decided on here, or the token could pass through it."""
    from casso.values.mail import Forward, ParsedMail, ReadMail

    known = {
        ParsedMail: "subject sender reply_to to cc delivered_to date message_id in_reply_to references "
        "text html attachments headers is_report defects",
        ReadMail: "mail body_text reply_text is_automatic may_answer bounce forward",
        Forward: "sender subject body message",
    }
    for kind, names in known.items():
        assert [one.name for one in fields(kind)] == names.split()


def test_the_ticket_keeps_its_token(desk: Desk, signed: str) -> None:
    before = token(desk)
    take_in(mail("Thanks", to=signed), signed)
    with db.reading(desk.mine.organization_id) as session:
        mine = select(col(Ticket.reply_token)).where(col(Ticket.organization_id) == desk.mine.organization_id)
        assert session.execute(mine).scalar_one() == before


def test_messages_stored_before_get_plain_addresses_by_migration(desk: Desk, signed: str) -> None:
    found = take_in(mail(OUTLOOK.format(address=signed), to=signed), signed)
    text = f"write to {signed} or {written(signed)['percent']}"
    with db.transaction(desk.mine.organization_id) as session:
        mine = Message.organization_id == desk.mine.organization_id
        row = session.execute(select(Message).where(mine, col(Message.id) == found.id)).scalar_one()
        row.text = row.full_text = row.html = row.subject = text
        row.to_addresses = row.cc_addresses = (signed, "x@y.test")
    path = next((schema.ROOT / "alembic" / "versions").glob("*_plain_addresses.py"))
    migration = runpy.run_path(str(path))
    with db.transaction() as session, across_organizations(session, "tests"):
        session.connection().execute(sql(migration["statement"]()))
    cleaned = message(desk.system, found.id or 0)
    assert cleaned.to_addresses == cleaned.cc_addresses == (desk.address, "x@y.test")
    assert cleaned.text == cleaned.html == f"write to {desk.address} or {desk.address}"
    assert columns_with(token(desk)) == MAY_HOLD_A_TOKEN
