"""Answers and notes: frozen when sent, once per intent, taken back in time, repeated by a person only."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from casso import db
from casso.access import Actor
from casso.enums import Delivery, Role
from casso.errors import AlreadyDone, Conflict, Invalid, NotAllowed, NotFound
from casso.models import Attachment, Customer, Outgoing
from casso.queries.search import search_tickets
from casso.queries.tickets import get_ticket, list_queue
from casso.rules.addresses import read_own_message_id
from casso.services import attachments, replies, tickets
from tests.desks import SECRET_KEY, Desk
from tests.services.mails import mail, message, messages, take_in


@pytest.fixture
def number(desk: Desk) -> int:
    """A ticket of the first organization; the other has one with the same number."""
    take_in(mail(to=desk.other.address), desk.other.address)
    take_in(mail(message_id="first@customer.test", References="<older@customer.test>"))
    return 1


def rows(actor: Actor) -> list[Outgoing]:
    with db.reading(actor.organization_id) as session:
        return list(
            session.execute(
                select(Outgoing)
                .where(col(Outgoing.organization_id) == actor.organization_id)
                .order_by(col(Outgoing.id))
            ).scalars()
        )


def set_state(actor: Actor, state: Delivery) -> None:
    with db.transaction(actor.organization_id) as session:
        session.execute(
            update(Outgoing)
            .where(col(Outgoing.organization_id) == actor.organization_id)
            .values(state=state, attempts=1, error="why")
        )


def test_an_answer_waits_for_the_undo_time_with_one_row_a_recipient(desk: Desk, number: int) -> None:
    moment = desk.clock.moment
    replies.send_reply(desk.owner, number, text="Hello", cc=("Ben@Customer.test ", "ben@customer.test", ""))
    found = rows(desk.owner)
    assert [row.recipient for row in found] == ["anna@customer.test", "ben@customer.test"]
    assert {row.state for row in found} == {Delivery.QUEUED}
    assert all(timedelta(seconds=9.9) < row.due_at - moment < timedelta(seconds=10.1) for row in found)


def test_an_answer_is_frozen_when_it_is_sent(desk: Desk, number: int) -> None:
    message_id = replies.send_reply(desk.owner, number, text="Hello")
    with db.transaction(desk.mine.organization_id) as session:
        session.execute(
            update(Customer)
            .where(col(Customer.organization_id) == desk.mine.organization_id)
            .values(email="attacker@evil.example")
        )
    tickets.set_subject(desk.owner, number, subject="Other")
    found = message(desk.owner, message_id)
    assert found.to_addresses == ("anna@customer.test",)
    assert found.subject == "Re: Invoice [#1]"
    assert rows(desk.owner)[0].recipient == "anna@customer.test"


def test_an_answer_carries_its_ids_and_continues_the_thread(desk: Desk, number: int) -> None:
    found = message(desk.owner, replies.send_reply(desk.owner, number, text="Hello"))
    own = read_own_message_id(found.mail_key, (SECRET_KEY,))
    assert own is not None
    assert (own.ticket_id, own.message_id) == (found.ticket_id, found.id)
    assert found.reference_ids == ("older@customer.test", "first@customer.test")
    second = message(desk.owner, replies.send_reply(desk.owner, number, text="Again"))
    assert second.reference_ids[-1] == found.mail_key


def test_the_customers_reply_comes_back_into_the_ticket(desk: Desk, number: int) -> None:
    found = message(desk.owner, replies.send_reply(desk.owner, number, text="Hello"))
    back = take_in(mail("Thanks", In_Reply_To=f"<{found.mail_key}>", subject="whatever"))
    assert back.ticket_id == found.ticket_id


def test_an_answer_shows_in_queue_search_and_ticket(desk: Desk, number: int) -> None:
    replies.send_reply(desk.owner, number, text="Zebra words")
    (row,) = list_queue(desk.owner, "open").rows
    assert (row.preview, row.last_author, row.status, row.is_unread) == ("Zebra words", "Olga", "open", False)
    assert [hit.number for hit in search_tickets(desk.owner, "zebra")[0]] == [1]
    shown = [entry.message for entry in get_ticket(desk.owner, number).entries if entry.message]
    assert shown[-1].delivery == "queued"
    assert shown[-1].undo_until_iso > shown[-1].at_iso


@pytest.mark.parametrize(
    ("status", "shown"), [("", "open"), ("pending", "pending"), ("closed", "closed"), ("x", "open")]
)
def test_the_status_after_an_answer(desk: Desk, number: int, status: str, shown: str) -> None:
    replies.send_reply(desk.owner, number, text="Hello", status_after=status)
    assert get_ticket(desk.owner, number).status == shown


def test_an_answered_ticket_keeps_its_status(desk: Desk, number: int) -> None:
    tickets.set_status(desk.owner, number, status="pending")
    replies.send_reply(desk.owner, number, text="Hello")
    assert get_ticket(desk.owner, number).status == "pending"


def test_a_double_click_answers_once(desk: Desk, number: int) -> None:
    replies.send_reply(desk.owner, number, text="Hello", intent="one")
    with pytest.raises(AlreadyDone):
        replies.send_reply(desk.owner, number, text="Hello", intent="one")
    assert len(rows(desk.owner)) == 1


@pytest.mark.parametrize("text", ["", "  \n\t ", "\x00", "x" * 200_001])
def test_an_empty_or_endless_text_is_refused(desk: Desk, number: int, text: str) -> None:
    with pytest.raises(Invalid):
        replies.send_reply(desk.owner, number, text=text)
    with pytest.raises(Invalid):
        replies.add_note(desk.owner, number, text=text)


@pytest.mark.parametrize(
    "address", ["nobody", "a@b@c", "a b@c.test", "a@c.test\r\nBcc: x@y.test", "<a@c.test>"]
)
def test_a_wrong_copy_address_is_named_and_nothing_is_written(desk: Desk, number: int, address: str) -> None:
    with pytest.raises(Invalid) as caught:
        replies.send_reply(desk.owner, number, text="Hello", cc=(address,))
    assert caught.value.key == "error.cc"
    assert rows(desk.owner) == []


def test_our_own_mailbox_and_the_customer_are_no_copies(desk: Desk, number: int) -> None:
    replies.send_reply(desk.owner, number, text="Hello", cc=(desk.address, "anna@customer.test"))
    assert [row.recipient for row in rows(desk.owner)] == ["anna@customer.test"]


def test_too_many_copies_are_refused(desk: Desk, number: int) -> None:
    with pytest.raises(Invalid):
        replies.send_reply(desk.owner, number, text="x", cc=tuple(f"a{n}@c.test" for n in range(21)))


def test_a_viewer_may_neither_answer_nor_note(desk: Desk, number: int) -> None:
    viewer = Actor(desk.mine.organization_id, desk.owner.account_id, Role.VIEWER)
    for act in (replies.send_reply, replies.add_note):
        with pytest.raises(NotAllowed):
            act(viewer, number, text="Hello")


def test_a_note_is_sent_to_nobody_and_hides_from_the_queue(desk: Desk, number: int) -> None:
    replies.add_note(desk.owner, number, text="secret note")
    assert rows(desk.owner) == []
    (row,) = list_queue(desk.owner, "open").rows
    assert row.preview == "My invoice is wrong."
    assert row.status == "new"
    note = messages(desk.owner)[-1]
    assert (note.kind, note.mail_key, note.delivery) == ("note", "", "none")


def test_a_note_is_never_referred_to_by_a_later_answer(desk: Desk, number: int) -> None:
    replies.add_note(desk.owner, number, text="secret note")
    found = message(desk.owner, replies.send_reply(desk.owner, number, text="Hello"))
    assert all("casso" not in one for one in found.reference_ids)


def test_uploads_go_with_the_message_once(desk: Desk, number: int) -> None:
    file = attachments.store_upload(desk.owner, "a.txt", "text/plain", b"hello")
    message_id = replies.send_reply(desk.owner, number, text="Hello", upload_ids=(file.id,))
    with db.reading(desk.mine.organization_id) as session:
        taken = session.execute(
            select(Attachment).where(col(Attachment.organization_id) == desk.mine.organization_id)
        ).scalar_one()
    assert taken.message_id == message_id
    with pytest.raises(Invalid):
        replies.send_reply(desk.owner, number, text="Again", upload_ids=(file.id,))
    assert len(rows(desk.owner)) == 1


def test_another_persons_or_organizations_upload_is_not_taken(desk: Desk, number: int) -> None:
    theirs = attachments.store_upload(desk.other.owner, "a.txt", "text/plain", b"hello")
    colleague = Actor(desk.mine.organization_id, desk.other.owner.account_id, Role.AGENT)
    colleagues = attachments.store_upload(colleague, "a.txt", "text/plain", b"hello")
    for upload_id in (theirs.id, colleagues.id, "nothing"):
        with pytest.raises(Invalid):
            replies.send_reply(desk.owner, number, text="Hello", upload_ids=(upload_id,))


def test_undo_takes_everything_back_and_returns_the_text(desk: Desk, number: int) -> None:
    message_id = replies.send_reply(desk.owner, number, text="Oops", cc=("b@c.test",), status_after="closed")
    assert replies.undo_send(desk.owner, message_id) == "Oops"
    assert {row.state for row in rows(desk.owner)} == {Delivery.CANCELED}
    assert message(desk.owner, message_id).delivery == Delivery.CANCELED
    (row,) = list_queue(desk.owner, "open").rows
    assert (row.status, row.preview, row.last_author) == ("new", "My invoice is wrong.", "")


def open_numbers(actor: Actor) -> list[tuple[int, bool]]:
    return [(row.number, row.is_unread) for row in list_queue(actor, "open").rows]


def test_undo_puts_the_row_back_to_its_place_and_its_age(desk: Desk, number: int) -> None:
    colleague = Actor(desk.mine.organization_id, desk.other.owner.account_id, Role.AGENT)
    desk.clock.tick(hours=1)
    take_in(mail("Another", sender="Bo <bo@customer.test>"))
    tickets.mark_read(colleague, number)
    before = list_queue(colleague, "open").rows
    desk.clock.tick(hours=1)
    message_id = replies.send_reply(desk.owner, number, text="Oops")
    assert open_numbers(colleague) == [(1, True), (2, True)]
    replies.undo_send(desk.owner, message_id)
    assert open_numbers(colleague) == [(2, True), (1, False)]
    assert [row.age_iso for row in list_queue(colleague, "open").rows] == [row.age_iso for row in before]


def test_undo_goes_back_to_the_note_that_was_written_before(desk: Desk, number: int) -> None:
    desk.clock.tick(hours=1)
    replies.add_note(desk.owner, number, text="Look into it")
    noted = list_queue(desk.owner, "open").rows[0].age_iso
    desk.clock.tick(hours=1)
    replies.undo_send(desk.owner, replies.send_reply(desk.owner, number, text="Oops"))
    assert list_queue(desk.owner, "open").rows[0].age_iso == noted


def test_undo_leaves_the_place_that_a_newer_mail_gave(desk: Desk, number: int) -> None:
    desk.clock.tick(hours=1)
    first = replies.send_reply(desk.owner, number, text="Oops")
    desk.clock.tick(seconds=2)
    take_in(mail("And another thing", In_Reply_To="<first@customer.test>"))
    newest = list_queue(desk.owner, "open").rows[0]
    replies.undo_send(desk.owner, first)
    (row,) = list_queue(desk.owner, "open").rows
    assert (row.age_iso, row.is_unread, row.preview) == (newest.age_iso, True, "And another thing")


def test_undoing_two_answers_in_any_order_ends_at_the_customers_mail(desk: Desk, number: int) -> None:
    asked = list_queue(desk.owner, "open").rows[0].age_iso
    for order in (1, -1):
        desk.clock.tick(hours=1)
        sent = [replies.send_reply(desk.owner, number, text=f"Oops {n}") for n in range(2)][::order]
        for message_id in sent:
            replies.undo_send(desk.owner, message_id)
        (row,) = list_queue(desk.owner, "open").rows
        assert (row.age_iso, row.preview) == (asked, "My invoice is wrong.")


def test_undo_keeps_a_status_that_somebody_set_since(desk: Desk, number: int) -> None:
    message_id = replies.send_reply(desk.owner, number, text="Oops", status_after="closed")
    tickets.set_status(desk.owner, number, status="pending")
    replies.undo_send(desk.owner, message_id)
    assert get_ticket(desk.owner, number).status == "pending"


@pytest.mark.parametrize("state", [Delivery.SENDING, Delivery.SENT, Delivery.RETRYING, Delivery.CANCELED])
def test_undo_comes_too_late_once_the_mail_is_on_its_way(desk: Desk, number: int, state: Delivery) -> None:
    message_id = replies.send_reply(desk.owner, number, text="Oops")
    set_state(desk.owner, state)
    with pytest.raises(Conflict):
        replies.undo_send(desk.owner, message_id)
    assert [row.state for row in rows(desk.owner)] == [state]


@pytest.mark.parametrize("state", [Delivery.FAILED, Delivery.UNCERTAIN, Delivery.BOUNCED])
def test_a_person_may_send_again_what_did_not_arrive(desk: Desk, number: int, state: Delivery) -> None:
    message_id = replies.send_reply(desk.owner, number, text="Hello")
    before = message(desk.owner, message_id).mail_key
    set_state(desk.owner, state)
    replies.send_again(desk.owner, message_id, intent="again")
    (row,) = rows(desk.owner)
    assert (row.state, row.attempts, row.error) == (Delivery.QUEUED, 0, "")
    assert message(desk.owner, message_id).mail_key == before
    with pytest.raises(AlreadyDone):
        replies.send_again(desk.owner, message_id, intent="again")


@pytest.mark.parametrize("state", [Delivery.QUEUED, Delivery.SENDING, Delivery.SENT, Delivery.RETRYING])
def test_nothing_is_repeated_that_arrived_or_is_under_way(desk: Desk, number: int, state: Delivery) -> None:
    message_id = replies.send_reply(desk.owner, number, text="Hello")
    set_state(desk.owner, state)
    with pytest.raises(Conflict):
        replies.send_again(desk.owner, message_id)
    assert [row.state for row in rows(desk.owner)] == [state]


def test_another_organizations_messages_do_not_exist(desk: Desk, number: int) -> None:
    message_id = replies.send_reply(desk.owner, number, text="Hello")
    for act in (replies.undo_send, replies.send_again):
        with pytest.raises(NotFound):
            act(desk.other.owner, message_id)
    assert rows(desk.owner)[0].state == Delivery.QUEUED
