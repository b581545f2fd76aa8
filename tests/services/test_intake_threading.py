"""Where a mail goes, and that nobody gets into a ticket who does not belong there (checks 41 to 45)."""

import pytest

from casso import db
from casso.config import settings
from casso.enums import AuthResult, Status
from casso.models import Message, Organization
from casso.rules.addresses import own_message_id, reply_address
from casso.services import mailboxes, replies
from casso.services import tickets as ticket_services
from casso.services.mailboxes import MailboxForm
from tests.desks import Desk
from tests.services.mails import mail, message, take_in, ticket_of, tickets
from tests.trails import trail_of

BEN = "Ben <ben@stranger.test>"


def opened(desk: Desk, **headers: str) -> Message:
    return take_in(mail("first", message_id="first@customer.test", **headers))


def answered(desk: Desk, cc: tuple[str, ...] = ()) -> Message:
    """A ticket with our answer; returns the answer."""
    ticket = ticket_of(desk.system, opened(desk))
    return message(desk.system, replies.send_reply(desk.owner, ticket.number, text="Hello", cc=cc))


def signed(desk: Desk) -> str:
    return reply_address(desk.address, tickets(desk.system)[0].reply_token)


def set_status(desk: Desk, status: Status) -> None:
    ticket_services.set_status(desk.owner, tickets(desk.system)[0].number, status=status)


def test_a_reply_to_the_customers_own_mail_joins(desk: Desk) -> None:
    first = opened(desk)
    second = take_in(mail("second", In_Reply_To="<first@customer.test>", subject="other words"))
    assert (second.ticket_id, second.thread_reason) == (first.ticket_id, "in_reply_to")
    assert not second.is_unverified


def test_a_reply_to_our_answer_joins_without_any_stored_row(desk: Desk) -> None:
    answer = answered(desk)
    own = own_message_id(answer.ticket_id, 999, host="desk.example", keys=settings().secret_keys)
    assert take_in(mail("thanks", In_Reply_To=f"<{own}>")).ticket_id == answer.ticket_id


def test_a_customers_message_id_counts_only_in_the_mailbox_it_came_to(desk: Desk) -> None:
    opened(desk)
    mailboxes.create_mailbox(desk.owner, MailboxForm("sales@example.test"))
    found = take_in(mail("to sales", In_Reply_To="<first@customer.test>"), "sales@example.test")
    assert found.thread_reason == "new"


def test_references_are_read_from_the_last_to_the_first(desk: Desk) -> None:
    first = opened(desk)
    take_in(mail("elsewhere", message_id="elsewhere@customer.test", subject="Elsewhere"))
    found = take_in(mail("third", References="<elsewhere@customer.test> <first@customer.test>"))
    assert (found.ticket_id, found.thread_reason) == (first.ticket_id, "references")


def test_in_reply_to_counts_before_references(desk: Desk) -> None:
    opened(desk)
    other = take_in(mail("elsewhere", message_id="elsewhere@customer.test"))
    found = take_in(
        mail("third", In_Reply_To="<elsewhere@customer.test>", References="<first@customer.test>")
    )
    assert found.ticket_id == other.ticket_id


def test_the_same_subject_from_a_stranger_is_a_new_ticket(desk: Desk) -> None:
    first = opened(desk)
    found = take_in(mail("me too", sender=BEN, subject="Re: Invoice"))
    assert found.ticket_id != first.ticket_id
    assert found.thread_reason == "new"


def test_a_strangers_reference_makes_a_new_ticket_that_may_belong(desk: Desk) -> None:
    first = opened(desk)
    found = take_in(mail("me too", sender=BEN, In_Reply_To="<first@customer.test>"))
    assert (found.thread_reason, found.is_unverified) == ("new_may_belong", True)
    assert ticket_of(desk.system, found).may_belong_to_id == first.ticket_id
    assert ticket_of(desk.system, first).last_message_id == first.id


def test_a_subject_number_joins_only_a_participant(desk: Desk) -> None:
    first = opened(desk)
    mine = take_in(mail("again", subject="Re: Invoice [#1]"))
    assert (mine.ticket_id, mine.thread_reason) == (first.ticket_id, "subject_token")
    foreign = take_in(mail("again", sender=BEN, subject="Re: Invoice [#1]"))
    assert (foreign.thread_reason, foreign.ticket_id != first.ticket_id) == ("new_may_belong", True)


@pytest.mark.parametrize(
    "subject", ["Re: Invoice #1", "Invoice 1", "[1]", "ticket #1", "[#9]", "[#999999999]", "[#9999999999]"]
)
def test_a_bare_or_unknown_number_never_threads(desk: Desk, subject: str) -> None:
    opened(desk)
    assert take_in(mail("again", subject=subject)).thread_reason == "new"


def test_a_signed_address_joins_a_participant(desk: Desk) -> None:
    first = opened(desk)
    found = take_in(mail("hi", to=signed(desk)), signed(desk))
    assert (found.ticket_id, found.thread_reason) == (first.ticket_id, "signed_address")
    assert not found.is_unverified


def test_a_signed_address_joins_a_stranger_marked_and_without_making_them_a_participant(desk: Desk) -> None:
    first = opened(desk)
    found = take_in(mail("hi", sender=BEN, to=signed(desk)), signed(desk))
    assert (found.ticket_id, found.is_unverified) == (first.ticket_id, True)
    again = take_in(mail("me again", sender=BEN, In_Reply_To="<first@customer.test>"))
    assert again.thread_reason == "new_may_belong"


def test_a_signed_address_is_read_from_to_and_cc_and_delivered_to(desk: Desk) -> None:
    first = opened(desk)
    for header in ("Cc", "Delivered_To", "X_Original_To"):
        found = take_in(mail(f"by {header}", **{header: signed(desk)}))
        assert (found.ticket_id, found.thread_reason) == (first.ticket_id, "signed_address"), header


def test_a_made_up_token_joins_nothing(desk: Desk) -> None:
    opened(desk)
    address = reply_address(desk.address, "a" * 20)
    assert take_in(mail("hi", sender=BEN, to=address), address).thread_reason == "new"


def test_a_token_of_another_organization_joins_nothing(desk: Desk) -> None:
    opened(desk)
    foreign = reply_address(desk.other.address, tickets(desk.system)[0].reply_token)
    found = take_in(mail("hi", to=foreign), foreign)
    assert (found.organization_id, found.thread_reason) == (desk.other.organization_id, "new")


def test_message_ids_of_another_organization_join_nothing(desk: Desk) -> None:
    answer = answered(desk)
    found = take_in(
        mail("hi", In_Reply_To=f"<{answer.mail_key}>", References="<first@customer.test>"), desk.other.address
    )
    assert (found.organization_id, found.thread_reason) == (desk.other.organization_id, "new")


def test_a_token_ends_180_days_after_closing(desk: Desk) -> None:
    opened(desk)
    set_status(desk, Status.CLOSED)
    desk.clock.tick(days=181)
    found = take_in(mail("hi", sender=BEN, to=signed(desk)), signed(desk))
    assert found.thread_reason == "new"


def test_someone_we_wrote_to_is_a_participant(desk: Desk) -> None:
    answer = answered(desk, cc=("ben@stranger.test",))
    found = take_in(mail("I am in CC", sender=BEN, In_Reply_To=f"<{answer.mail_key}>"))
    assert (found.ticket_id, found.is_unverified) == (answer.ticket_id, False)


def test_being_in_cc_of_a_customers_mail_gives_nothing(desk: Desk) -> None:
    first = opened(desk, Cc=BEN)
    found = take_in(mail("hi", sender=BEN, In_Reply_To="<first@customer.test>"))
    assert (found.thread_reason, found.ticket_id != first.ticket_id) == ("new_may_belong", True)


def trust(desk: Desk) -> None:
    mailboxes.update_mailbox(
        desk.owner, desk.mine.mailbox_id, MailboxForm(desk.address, trusted_receiver="mx.example.test")
    )


@pytest.mark.parametrize(
    ("header", "result", "reason"),
    [
        ("mx.example.test; dmarc=fail header.from=customer.test", AuthResult.FAIL, "new_may_belong"),
        ("mx.example.test; dmarc=pass header.from=customer.test", AuthResult.PASS, "in_reply_to"),
        ("mx.evil.test; dmarc=fail header.from=customer.test", AuthResult.UNKNOWN, "in_reply_to"),
        ("", AuthResult.UNKNOWN, "in_reply_to"),
    ],
)
def test_a_failed_check_never_joins_by_header(
    desk: Desk, header: str, result: AuthResult, reason: str
) -> None:
    trust(desk)
    opened(desk)
    headers = {"Authentication_Results": header} if header else {}
    found = take_in(mail("second", In_Reply_To="<first@customer.test>", **headers))
    assert (found.auth_result, found.thread_reason) == (result, reason)


def test_a_failed_check_never_joins_by_subject_and_is_marked(desk: Desk) -> None:
    trust(desk)
    opened(desk)
    failed = "mx.example.test; spf=fail smtp.mailfrom=evil.test; dkim=none"
    found = take_in(mail("second", subject="[#1]", Authentication_Results=failed))
    assert (found.thread_reason, found.is_unverified) == ("new_may_belong", True)


def test_a_failed_check_at_a_signed_address_joins_marked(desk: Desk) -> None:
    trust(desk)
    opened(desk)
    failed = "mx.example.test; dmarc=fail header.from=customer.test"
    found = take_in(mail("second", to=signed(desk), Authentication_Results=failed), signed(desk))
    assert (found.thread_reason, found.is_unverified) == ("signed_address", True)


@pytest.mark.parametrize("status", [Status.PENDING, Status.SOLVED, Status.CLOSED])
def test_a_customers_reply_opens_the_ticket_again(desk: Desk, status: Status) -> None:
    answer = answered(desk)
    set_status(desk, status)
    take_in(mail("thanks", In_Reply_To=f"<{answer.mail_key}>"))
    ticket = tickets(desk.system)[0]
    assert (ticket.status, ticket.is_open, ticket.closed_at) == (Status.OPEN, True, None)
    lines = trail_of(desk.mine.organization_id, "ticket.status")
    assert (lines[-1].before, lines[-1].after, lines[-1].account_id) == (status, "open", None)


def test_a_second_mail_to_a_new_ticket_leaves_it_new(desk: Desk) -> None:
    opened(desk)
    take_in(mail("second", In_Reply_To="<first@customer.test>"))
    assert tickets(desk.system)[0].status == Status.NEW


def test_an_out_of_office_joins_but_does_not_reopen(desk: Desk) -> None:
    answer = answered(desk)
    set_status(desk, Status.SOLVED)
    found = take_in(mail("away", In_Reply_To=f"<{answer.mail_key}>", Auto_Submitted="auto-replied"))
    assert (found.ticket_id, found.is_automatic) == (answer.ticket_id, True)
    assert tickets(desk.system)[0].status == Status.SOLVED


def test_a_reply_long_after_closing_is_a_new_linked_ticket(desk: Desk) -> None:
    answer = answered(desk)
    set_status(desk, Status.CLOSED)
    desk.clock.tick(days=31)
    found = take_in(mail("once more", In_Reply_To=f"<{answer.mail_key}>"))
    assert (found.thread_reason, found.is_unverified) == ("new_closed", False)
    assert ticket_of(desk.system, found).may_belong_to_id == answer.ticket_id
    assert tickets(desk.system)[0].status == Status.CLOSED


def test_the_organization_says_how_long_a_closed_ticket_can_be_reopened(desk: Desk) -> None:
    answer = answered(desk)
    with db.transaction(desk.mine.organization_id) as session:
        organization = session.get(Organization, desk.mine.organization_id)
        assert organization
        organization.reopen_days = 100
        session.add(organization)
    set_status(desk, Status.CLOSED)
    desk.clock.tick(days=99)
    assert take_in(mail("hi", In_Reply_To=f"<{answer.mail_key}>")).ticket_id == answer.ticket_id


def test_an_agents_address_as_sender_gives_no_power(desk: Desk) -> None:
    found = take_in(mail("close it", sender=desk.owner.email, subject="[#1]"))
    assert (found.kind, found.account_id) == ("incoming", None)


def test_reply_to_counts_only_where_the_mailbox_says_so(desk: Desk) -> None:
    raw = mail("form", sender="web@shop.test", Reply_To="Carl <carl@customer.test>")
    assert take_in(raw).from_email == "web@shop.test"
    mailboxes.update_mailbox(desk.owner, desk.mine.mailbox_id, MailboxForm(desk.address, uses_reply_to=True))
    assert take_in(raw + b"\nagain\n").from_email == "carl@customer.test"


def test_a_group_that_rewrites_from_to_our_address_names_the_original_sender(desk: Desk) -> None:
    found = take_in(
        mail("hi", sender=f"'Anna' via Support <{desk.address}>", X_Original_Sender="anna@customer.test")
    )
    assert found.from_email == "anna@customer.test"


def test_a_stranger_cannot_name_another_original_sender(desk: Desk) -> None:
    found = take_in(mail("hi", sender=BEN, X_Original_Sender="anna@customer.test"))
    assert found.from_email == "ben@stranger.test"


def test_joining_counts_the_version_up_so_that_a_stale_write_is_noticed(desk: Desk) -> None:
    opened(desk)
    before = tickets(desk.system)[0].version
    take_in(mail("second", In_Reply_To="<first@customer.test>"))
    assert tickets(desk.system)[0].version == before + 1
