"""A mail that is read becomes a message, once, with everything that belongs to it."""

from casso.gateways import spool, storage
from tests.desks import Desk
from tests.services.mails import mail, take_in, ticket_of


def test_a_plain_mail_becomes_a_ticket(desk: Desk) -> None:
    raw = mail("My invoice is wrong.", subject="Invoice 77", message_id="a1@customer.test")
    found = take_in(raw)
    ticket = ticket_of(desk.system, found)
    assert (ticket.number, ticket.subject, ticket.status) == (1, "Invoice 77", "new")
    assert ticket.preview == "My invoice is wrong."
    assert ticket.last_message_id == found.id
    assert (found.from_email, found.from_name) == ("anna@customer.test", "Anna Berg")
    assert found.text.strip() == "My invoice is wrong."
    assert (found.mail_key, found.thread_reason) == ("a1@customer.test", "new")
    assert storage.get(found.raw_key) == raw
    assert spool.waiting() == []
