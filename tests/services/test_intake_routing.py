"""Each organization gets its own copy of a mail or none; unknown addresses are kept, not guessed (54)."""

import pytest

from casso.errors import Invalid
from casso.gateways import spool
from casso.jobs.receive import receive_waiting
from casso.services import mailboxes
from casso.services.intake_routing import route
from casso.services.mailboxes import MailboxForm
from tests.desks import Desk
from tests.services.mails import mail, messages, put, spooled, take_in


@pytest.mark.parametrize(
    "recipient", ["support@example.test", "SUPPORT@Example.TEST", "support+sales@example.test"]
)
def test_an_address_is_known_in_any_case_and_with_any_tag(desk: Desk, recipient: str) -> None:
    assert take_in(mail(), recipient).organization_id == desk.mine.organization_id


@pytest.mark.parametrize("recipient", ["nobody@example.test", "support@example.tes", "", "@", "+@x"])
def test_an_unknown_address_has_no_route(desk: Desk, recipient: str) -> None:
    assert route(recipient) is None


def test_mail_for_nobody_is_kept_aside_with_its_bytes(desk: Desk) -> None:
    raw = mail()
    spool_id = put(raw, "nobody@example.test")
    receive_waiting()
    row = spooled(spool_id)
    assert (row.state, row.organization_id) == ("unrouted", None)
    assert spool.read(spool_id, spool.UNROUTED)[1] == raw
    assert spool.waiting() == []


def test_the_envelope_counts_and_not_what_the_headers_claim(desk: Desk) -> None:
    found = take_in(mail(to=desk.other.address), desk.address)
    assert found.organization_id == desk.mine.organization_id
    assert messages(desk.other.system) == []


def test_a_mail_in_blind_copy_reaches_the_envelope_recipient(desk: Desk) -> None:
    assert take_in(mail(to="somebody@else.test"), desk.address).organization_id == desk.mine.organization_id


def test_without_envelope_recipient_delivered_to_decides_alone(desk: Desk) -> None:
    put(mail(to=desk.other.address, Delivered_To=desk.address), "", "pipe")
    receive_waiting()
    receive_waiting()
    assert (len(messages(desk.system)), len(messages(desk.other.system))) == (1, 0)


def test_without_envelope_recipient_each_mailbox_named_gets_a_copy(desk: Desk) -> None:
    spool_id = put(mail(to=f"x@else.test, {desk.address}", Cc=desk.other.address), "", "pipe")
    receive_waiting()
    receive_waiting()
    assert (len(messages(desk.system)), len(messages(desk.other.system))) == (1, 1)
    assert spooled(spool_id).state == "done"
    assert spool.waiting() == []


def test_without_any_known_address_a_mail_is_kept_aside(desk: Desk) -> None:
    spool_id = put(mail(to="x@else.test"), "", "pipe")
    receive_waiting()
    assert spooled(spool_id).state == "unrouted"


def test_another_organization_cannot_take_an_address_over(desk: Desk) -> None:
    with pytest.raises(Invalid):
        mailboxes.create_mailbox(desk.other.owner, MailboxForm(desk.address.upper()))
    assert take_in(mail()).organization_id == desk.mine.organization_id
