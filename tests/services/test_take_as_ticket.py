"""A person's word makes a kept mail a ticket, whatever the guards say, in their organization and once."""

import dataclasses

import pytest
from sqlmodel import select

from casso import db
from casso.access import Actor
from casso.enums import Role, SpoolState
from casso.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from casso.gateways import spool
from casso.jobs import receive as job
from casso.jobs.receive import receive_waiting
from casso.models import Attachment, Customer, Mailbox, TrailEntry
from casso.queries.tickets import get_ticket, list_quarantine
from casso.services import intake, mailboxes, quarantine, replies, tickets
from casso.services.mailboxes import MailboxForm
from casso.services.reading import read_mail
from tests.desks import Desk
from tests.services.mails import mail, message, messages, put, spooled, take_in, ticket_of

REPORT = {"sender": "Post Master <postmaster@customer.test>", "subject": "Undeliverable: our order"}


def kept(desk: Desk, raw: bytes, reason: str, recipient: str = "") -> int:
    """A mail in quarantine for that reason; its row's id."""
    spool_id = put(raw, recipient or desk.address)
    receive_waiting()
    row = spooled(spool_id)
    assert (row.state, row.error) == (SpoolState.QUARANTINED, reason), row
    return row.id or 0


def report(desk: Desk, **headers: str) -> int:
    """A person's mail that reads like a delivery report."""
    text = "Our order could not be delivered, the address is unknown. What now?"
    return kept(desk, mail(text, **(REPORT | headers)), "bounce_unmatched")


def trail(actor: Actor) -> list[tuple[str, int | None]]:
    with db.reading(actor.organization_id) as session:
        mine = TrailEntry.organization_id == actor.organization_id
        rows = session.exec(select(TrailEntry).where(mine)).all()
    return [(row.action, row.account_id) for row in rows]


def test_running_a_report_again_keeps_it_and_taking_it_makes_a_ticket(desk: Desk) -> None:
    spooled_id = report(desk)
    quarantine.run_again(desk.owner, spooled_id)
    receive_waiting()
    assert [row.reason for row in list_quarantine(desk.owner)] == ["bounce_unmatched"]
    quarantine.take_as_ticket(desk.owner, spooled_id)
    receive_waiting()
    (found,) = messages(desk.system)
    assert (found.from_email, found.thread_reason) == ("postmaster@customer.test", "new")
    assert "What now?" in found.text
    assert list_quarantine(desk.owner) == ()
    assert (spool.waiting(), spool.kept_aside(spool.QUARANTINE)) == ([], [])


def test_a_persons_mail_with_an_empty_return_path_is_taken_with_its_raw_bytes(desk: Desk) -> None:
    text = "My last mail could not be delivered, the address is unknown."
    raw = mail(text, subject="Undeliverable mail", Return_Path="<>")
    spooled_id = kept(desk, raw, "bounce_unmatched")
    quarantine.take_as_ticket(desk.owner, spooled_id)
    receive_waiting()
    (found,) = messages(desk.system)
    assert found.raw_key
    assert ticket_of(desk.system, found).status == "new"


def test_attachments_of_a_taken_report_are_kept(desk: Desk) -> None:
    from email import message_from_bytes, policy

    made = message_from_bytes(mail("Delivery failed: user unknown", **REPORT), policy=policy.default)
    made.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="order.pdf")  # type: ignore[attr-defined]
    quarantine.take_as_ticket(desk.owner, kept(desk, made.as_bytes(), "bounce_unmatched"))
    receive_waiting()
    with db.reading(desk.mine.organization_id) as session:
        mine = Attachment.organization_id == desk.mine.organization_id
        assert session.exec(select(Attachment.filename).where(mine)).all() == ["order.pdf"]


def test_the_trail_and_the_ticket_say_who_took_it(desk: Desk) -> None:
    quarantine.take_as_ticket(desk.owner, report(desk))
    receive_waiting()
    assert ("mail.taken_in", desk.owner.account_id) in trail(desk.owner)
    events = [entry.event for entry in get_ticket(desk.owner, 1).entries if entry.event]
    assert [(event.action, event.actor_name) for event in events][-1] == ("ticket.taken_in", "Olga Example")


def test_a_taken_mail_is_never_answered_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bool, bool]] = []
    real = intake._decide

    def look(
        session: object, actor: object, mailbox_id: int, arrival: intake.Arrival, files: object
    ) -> object:
        if arrival.ordered_by is not None:
            seen.append((arrival.read.may_answer, arrival.read.is_automatic))
        return real(session, actor, mailbox_id, arrival, files)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "_decide", look)
    quarantine.take_as_ticket(desk.owner, report(desk))
    own = kept(desk, mail("from ourselves", sender=desk.address), "own_address")
    quarantine.take_as_ticket(desk.owner, own)
    receive_waiting()
    assert seen == [(False, True), (False, False)]
    assert [found.is_automatic for found in messages(desk.system)] == [True, False]


def test_a_reply_among_the_reports_joins_its_ticket_and_opens_it_again(desk: Desk) -> None:
    first = take_in(mail(message_id="first@customer.test", sender="postmaster@customer.test"))
    answer = message(desk.system, replies.send_reply(desk.owner, 1, text="Hello"))
    tickets.set_status(desk.owner, 1, status="solved")
    with db.transaction(desk.mine.organization_id) as session:
        mine = Customer.organization_id == desk.mine.organization_id
        session.exec(select(Customer).where(mine)).one().email = "somebody@else.test"
    spooled_id = report(desk, In_Reply_To="<other@x.test>", References=f"<{answer.mail_key}>")
    quarantine.take_as_ticket(desk.owner, spooled_id)
    receive_waiting()
    found = messages(desk.system)[-1]
    assert (found.ticket_id, found.thread_reason) == (first.ticket_id, "references")
    assert get_ticket(desk.owner, 1).status == "open"


def test_a_mail_from_one_of_our_own_addresses_is_taken_as_it_is(desk: Desk) -> None:
    spooled_id = kept(desk, mail("a colleague's mail", sender=desk.address), "own_address")
    quarantine.take_as_ticket(desk.owner, spooled_id)
    receive_waiting()
    assert [found.from_email for found in messages(desk.system)] == [desk.address]


def test_a_mail_that_failed_in_intake_is_taken_after_the_fix(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("planted")

    with monkeypatch.context() as patch:
        patch.setattr(job, "receive", fail)
        spool_id = put(mail("now fine"))
        for _ in range(3):
            receive_waiting()
            desk.clock.tick(minutes=10)
    assert spooled(spool_id).error == "other"
    quarantine.take_as_ticket(desk.owner, spooled(spool_id).id or 0)
    receive_waiting()
    assert [found.text.strip() for found in messages(desk.system)] == ["now fine"]


def given_to_the_other(desk: Desk) -> None:
    """Our address becomes theirs."""
    mailboxes.update_mailbox(desk.owner, desk.mine.mailbox_id, MailboxForm("elsewhere@example.test"))
    mailboxes.update_mailbox(desk.other.owner, desk.other.mailbox_id, MailboxForm(desk.address))


def test_a_kept_mail_stays_with_its_organization_when_the_address_is_given_to_another(desk: Desk) -> None:
    spooled_id = report(desk)
    given_to_the_other(desk)
    quarantine.run_again(desk.owner, spooled_id)
    receive_waiting()
    assert (messages(desk.system), messages(desk.other.system)) == ([], [])
    assert [row.reason for row in list_quarantine(desk.owner)] == ["mailbox_gone"]
    assert list_quarantine(desk.other.owner) == ()
    quarantine.take_as_ticket(desk.owner, spooled_id)
    receive_waiting()
    assert len(messages(desk.system)) == 1
    assert messages(desk.other.system) == []


def test_a_kept_mail_whose_mailbox_is_gone_is_taken_into_the_first_one(desk: Desk) -> None:
    sales = mailboxes.create_mailbox(desk.owner, MailboxForm("sales@example.test"))
    raw = mail("Our order could not be delivered, unknown address.", **REPORT)
    spooled_id = kept(desk, raw, "bounce_unmatched", "sales@example.test")
    with db.transaction(desk.mine.organization_id) as session:
        gone = Mailbox.organization_id == desk.mine.organization_id
        session.delete(session.exec(select(Mailbox).where(gone, Mailbox.id == sales)).one())
    quarantine.take_as_ticket(desk.owner, spooled_id)
    receive_waiting()
    assert [found.mailbox_id for found in messages(desk.system)] == [desk.mine.mailbox_id]


def test_what_cannot_be_read_cannot_be_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_raw: bytes) -> None:
        raise RuntimeError("planted")

    with monkeypatch.context() as patch:
        patch.setattr(job, "read_mail", fail)
        spool_id = put(mail())
        for _ in range(3):
            receive_waiting()
            desk.clock.tick(minutes=10)
    (row,) = list_quarantine(desk.owner)
    assert (row.reason, row.may_take) == ("parse", False)
    with pytest.raises(Invalid, match="mail_unreadable"):
        quarantine.take_as_ticket(desk.owner, row.id)
    assert spooled(spool_id).state == SpoolState.QUARANTINED
    quarantine.run_again(desk.owner, row.id)
    receive_waiting()
    assert len(messages(desk.system)) == 1


def test_a_double_click_takes_it_once(desk: Desk) -> None:
    spooled_id = report(desk)
    quarantine.take_as_ticket(desk.owner, spooled_id, intent="one")
    with pytest.raises(AlreadyDone):
        quarantine.take_as_ticket(desk.owner, spooled_id, intent="one")
    receive_waiting()
    receive_waiting()
    assert len(messages(desk.system)) == 1
    with pytest.raises(NotFound):
        quarantine.take_as_ticket(desk.owner, spooled_id, intent="two")


def test_a_mail_taken_twice_by_two_doors_is_one_message(desk: Desk) -> None:
    raw = mail("Our order could not be delivered, unknown address.", **REPORT, message_id="r@c.test")
    for source in ("imap", "mailgun"):
        put(raw, source=source)
    receive_waiting()
    for row in list_quarantine(desk.owner):
        quarantine.take_as_ticket(desk.owner, row.id)
    receive_waiting()
    assert len(messages(desk.system)) == 1


def test_another_organization_and_an_agent_cannot_take_it(desk: Desk) -> None:
    spooled_id = report(desk)
    with pytest.raises(NotFound):
        quarantine.take_as_ticket(desk.other.owner, spooled_id)
    with pytest.raises(NotAllowed):
        quarantine.take_as_ticket(dataclasses.replace(desk.owner, role=Role.AGENT), spooled_id)
    assert [row.id for row in list_quarantine(desk.owner)] == [spooled_id]


def test_an_operator_has_no_say_over_another_organizations_quarantine(desk: Desk) -> None:
    spooled_id = report(desk)
    with pytest.raises(NotFound):
        quarantine.take_as_ticket(dataclasses.replace(desk.other.owner, is_operator=True), spooled_id)


def test_a_mail_taken_and_failing_again_can_simply_be_run_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    spooled_id = report(desk)
    quarantine.take_as_ticket(desk.owner, spooled_id)

    def fail(*_: object) -> None:
        raise RuntimeError("planted")

    with monkeypatch.context() as patch:
        patch.setattr(job, "receive", fail)
        for _ in range(3):
            receive_waiting()
            desk.clock.tick(minutes=10)
    quarantine.run_again(desk.owner, spooled_id)
    receive_waiting()
    assert [row.reason for row in list_quarantine(desk.owner)] == ["bounce_unmatched"]


def test_the_report_is_still_read_as_one_where_nobody_says_otherwise() -> None:
    assert read_mail(mail("Our order could not be delivered, the address is unknown.", **REPORT)).bounce
