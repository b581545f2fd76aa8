"""A forward opens its original sender's ticket, and a "From:" alone takes nothing over (41, 42, 45)."""

from email.message import EmailMessage

import pytest
from sqlmodel import select

from casso import clock, db
from casso.access import Actor
from casso.db import transaction
from casso.enums import MessageKind, Role
from casso.jobs.receive import receive_waiting
from casso.models import Account, Attachment, Customer, Membership, Message, SearchDocument
from casso.queries.tickets import get_ticket
from casso.services import mailboxes, replies
from casso.services.mailboxes import MailboxForm
from tests.desks import Desk
from tests.services.mails import mail, message, messages, put, take_in, ticket_of, tickets
from tests.trails import trail_of

MX = "mx.example.test"
PASSED = f"{MX}; dmarc=pass header.from=example.test"
FAILED = f"{MX}; dmarc=fail header.from=example.test"
OLGA = "Olga Example <owner@example.test>"
BEN = "Ben Stone <ben@stranger.test>"
NOTE = "Please refund him, he is right."


def inline(original: str = BEN, note: str = NOTE, text: str = "My lamp is broken.") -> str:
    return (
        f"{note}\n\n---------- Forwarded message ---------\n"
        f"From: {original}\nDate: Mon, 2 Mar 2026 at 08:00\n"
        f"Subject: Broken lamp\nTo: <owner@example.test>\n\n{text}\n"
    )


def forwarded(
    *, sender: str = OLGA, auth: str = PASSED, subject: str = "Fwd: Broken lamp", text: str = "", **more: str
) -> bytes:
    headers = {"Authentication_Results": auth} if auth else {}
    return mail(text or inline(), sender=sender, subject=subject, **headers, **more)


def attached(*, subject: str = "Broken lamp", note: str = NOTE, extra: bool = False) -> bytes:
    inner, made = EmailMessage(), EmailMessage()
    inner["From"], inner["To"], inner["Subject"] = BEN, "owner@example.test", "Broken lamp"
    inner.set_content("My lamp is broken.")
    made["From"], made["To"], made["Subject"] = OLGA, "support@example.test", subject
    made["Authentication-Results"] = PASSED
    made.set_content(note)
    made.add_attachment(inner)
    if extra:
        made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="bill.pdf")
    return made.as_bytes()


@pytest.fixture
def trusting(desk: Desk) -> Desk:
    """A desk whose mailbox believes its own mail server."""
    set_mailbox(desk)
    return desk


def set_mailbox(desk: Desk, **more: bool) -> None:
    form = MailboxForm(desk.address, trusted_receiver=MX, **more)
    mailboxes.update_mailbox(desk.owner, desk.mine.mailbox_id, form)


def add_member(desk: Desk, email: str, role: Role = Role.AGENT, *, disabled: bool = False) -> int:
    with transaction(desk.mine.organization_id) as session:
        moment = clock.now()
        account = Account(
            email=email, first_name="Max", created_at=moment, disabled_at=moment if disabled else None
        )
        session.add(account)
        session.flush()
        session.add(
            Membership(
                organization_id=desk.mine.organization_id,
                account_id=account.id or 0,
                role=role,
                created_at=moment,
            )
        )
        return account.id or 0


def customer_of(desk: Desk, found: Message) -> tuple[str, str]:
    with db.reading(desk.mine.organization_id) as session:
        row = session.exec(
            select(Customer).where(
                Customer.organization_id == desk.mine.organization_id,
                Customer.id == ticket_of(desk.system, found).customer_id,
            )
        ).one()
        return row.email, row.name


def notes(actor: Actor) -> list[Message]:
    return [one for one in messages(actor) if one.kind == MessageKind.NOTE]


def stays_as_it_came(desk: Desk, found: Message, sender: str) -> None:
    assert found.from_email == sender
    assert found.thread_reason != "forwarded"
    assert customer_of(desk, found)[0] == sender
    assert notes(desk.system) == []


def test_an_agents_forward_opens_the_original_senders_ticket(trusting: Desk) -> None:
    found = take_in(forwarded(message_id="f1@example.test"))
    ticket = ticket_of(trusting.system, found)
    assert customer_of(trusting, found) == ("ben@stranger.test", "Ben Stone")
    assert (ticket.subject, ticket.preview) == ("Broken lamp", "My lamp is broken.")
    assert (found.kind, found.from_email, found.from_name) == ("incoming", "ben@stranger.test", "Ben Stone")
    assert (found.text, found.full_text) == ("My lamp is broken.", "My lamp is broken.")
    assert (found.thread_reason, found.auth_result, found.is_unverified) == ("forwarded", "unknown", False)
    assert found.mail_key == "f1@example.test"


def test_what_stood_above_is_that_agents_internal_note(trusting: Desk) -> None:
    found = take_in(forwarded())
    (note,) = notes(trusting.system)
    assert (note.text, note.account_id) == (NOTE, trusting.owner.account_id)
    assert (note.ticket_id, note.customer_id) == (found.ticket_id, None)
    assert ticket_of(trusting.system, found).last_message_id == note.id
    assert (note.mail_key, note.thread_reason, note.delivery) == ("", "", "none")


def test_the_note_stands_nowhere_in_the_customers_message(trusting: Desk) -> None:
    html = f"<p>{NOTE}</p><blockquote>My lamp</blockquote>"
    found = take_in(forwarded(Cc="boss@example.test", html=html))
    assert NOTE not in found.text + found.full_text + found.html
    assert (found.to_addresses, found.cc_addresses) == ((trusting.address,), ())


def test_a_forward_without_a_word_above_has_no_note(trusting: Desk) -> None:
    found = take_in(forwarded(text=inline(note="")))
    assert (found.thread_reason, notes(trusting.system)) == ("forwarded", [])
    assert ticket_of(trusting.system, found).last_message_id == found.id


def test_the_answer_goes_to_the_original_sender_alone(trusting: Desk) -> None:
    ticket = ticket_of(trusting.system, take_in(forwarded(Cc="boss@example.test")))
    shown = get_ticket(trusting.owner, ticket.number)
    assert "boss@example.test" not in str(shown)
    answer = message(trusting.system, replies.send_reply(trusting.owner, ticket.number, text="Sorry!"))
    assert (answer.to_addresses, answer.cc_addresses) == (("ben@stranger.test",), ())
    assert answer.subject.startswith("Re: Broken lamp")


def test_message_and_note_are_found_by_search_and_the_trail_tells(trusting: Desk) -> None:
    found = take_in(forwarded())
    here = trusting.mine.organization_id
    with db.reading(here) as session:
        documents = session.exec(select(SearchDocument).where(SearchDocument.organization_id == here)).all()
    terms = {row.message_id: set(row.terms.split()) for row in documents}
    (note,) = notes(trusting.system)
    assert f"{here}xlamp" in terms[found.id or 0]
    assert f"{here}xrefund" in terms[note.id or 0]
    assert f"{here}xrefund" not in terms[found.id or 0]
    assert [line.action for line in trail_of(here) if line.ticket_id == found.ticket_id] == [
        "ticket.created",
        "mail.forwarded",
        "message.note",
    ]


@pytest.mark.parametrize("subject", ["Broken lamp", "Fwd: Broken lamp", ""])
def test_an_attached_mail_is_unfolded_and_kept_as_a_file(trusting: Desk, subject: str) -> None:
    found = take_in(attached(subject=subject))
    assert customer_of(trusting, found) == ("ben@stranger.test", "Ben Stone")
    assert (found.subject, found.text) == ("Broken lamp", "My lamp is broken.")
    assert notes(trusting.system)[0].text == NOTE
    with db.reading(trusting.mine.organization_id) as session:
        kept = session.exec(
            select(Attachment).where(Attachment.organization_id == trusting.mine.organization_id)
        ).one()
    assert (kept.message_id, kept.is_inline, kept.filename[-4:]) == (found.id, False, ".eml")


@pytest.mark.parametrize(("note", "extra"), [(NOTE, True), ("Long. " * 300, False)])
def test_an_attached_mail_beside_much_else_is_a_file_only(trusting: Desk, note: str, extra: bool) -> None:
    stays_as_it_came(trusting, take_in(attached(note=note, extra=extra)), "owner@example.test")


@pytest.mark.parametrize(
    "auth",
    [
        "",
        FAILED,
        "mx.attacker.test; dmarc=pass header.from=example.test",
        f"{MX}; dmarc=pass header.from=attacker.test",
        f"{MX}; spf=pass smtp.mailfrom=attacker.test; dkim=pass header.d=attacker.test",
        f'mx.attacker.test (";{PASSED}"); dmarc=none',
    ],
)
def test_a_forged_agent_takes_nothing_over(trusting: Desk, auth: str) -> None:
    stays_as_it_came(trusting, take_in(forwarded(auth=auth)), "owner@example.test")


def test_without_a_trusted_server_no_agent_is_believed(desk: Desk) -> None:
    stays_as_it_came(desk, take_in(forwarded()), "owner@example.test")


def test_a_customers_own_forward_stays_the_customers(trusting: Desk) -> None:
    auth = f"{MX}; dmarc=pass header.from=customer.test"
    found = take_in(forwarded(sender="anna@customer.test", auth=auth))
    stays_as_it_came(trusting, found, "anna@customer.test")
    assert found.auth_result == "pass"


def test_another_organizations_member_is_a_customer_here(trusting: Desk) -> None:
    auth = f"{MX}; dmarc=pass header.from=other.test"
    found = take_in(forwarded(sender="owner@other.test", auth=auth))
    stays_as_it_came(trusting, found, "owner@other.test")


@pytest.mark.parametrize(("role", "disabled"), [(Role.VIEWER, False), (Role.AGENT, True)])
def test_who_may_not_answer_may_not_take_over(trusting: Desk, role: Role, disabled: bool) -> None:
    add_member(trusting, "max@example.test", role, disabled=disabled)
    stays_as_it_came(trusting, take_in(forwarded(sender="max@example.test")), "max@example.test")


@pytest.mark.parametrize(
    "original",
    [
        "support@example.test",
        "Support <SUPPORT+x@example.test>",
        "Max <max@example.test>",
        "max+tag@example.test",
        OLGA,
        "no address at all",
        "bad <a@b@c>",
    ],
)
@pytest.mark.parametrize("switch", [False, True])
def test_the_original_sender_is_never_one_of_us_nor_nobody(desk: Desk, original: str, switch: bool) -> None:
    set_mailbox(desk, unfolds_forwards=switch)
    add_member(desk, "max@example.test")
    found = take_in(forwarded(text=inline(original)))
    stays_as_it_came(desk, found, "owner@example.test")


def test_the_switch_takes_over_from_anybody_but_names_no_agent(desk: Desk) -> None:
    set_mailbox(desk, unfolds_forwards=True)
    found = take_in(forwarded(sender="Shop <shop@partner.test>", auth=""))
    assert (customer_of(desk, found)[0], found.thread_reason) == ("ben@stranger.test", "forwarded")
    (note,) = notes(desk.system)
    assert (note.account_id, note.from_email, note.text) == (None, "shop@partner.test", NOTE)
    number = ticket_of(desk.system, found).number
    shown = [one.message for one in get_ticket(desk.owner, number).entries if one.message]
    assert [one.author_name for one in shown] == ["Ben Stone", "Shop"]


def test_an_unproven_agent_is_no_author_even_with_the_switch(desk: Desk) -> None:
    set_mailbox(desk, unfolds_forwards=True)
    take_in(forwarded(auth=""))
    assert [one.account_id for one in notes(desk.system)] == [None]


def test_the_switch_believes_no_sender_known_to_be_forged(desk: Desk) -> None:
    set_mailbox(desk, unfolds_forwards=True)
    stays_as_it_came(desk, take_in(forwarded(auth=FAILED)), "owner@example.test")


def test_automatic_mail_is_never_unfolded(desk: Desk) -> None:
    set_mailbox(desk, unfolds_forwards=True)
    stays_as_it_came(desk, take_in(forwarded(Auto_Submitted="auto-replied")), "owner@example.test")


def test_a_forward_into_a_ticket_stays_there_as_it_came(trusting: Desk) -> None:
    first = take_in(mail("help", message_id="a1@customer.test"))
    ticket = ticket_of(trusting.system, first)
    found = take_in(forwarded(), f"support+{ticket.reply_token}@example.test")
    assert (found.ticket_id, found.from_email) == (first.ticket_id, "owner@example.test")
    assert (found.thread_reason, notes(trusting.system)) == ("signed_address", [])


def test_a_forward_that_names_a_ticket_it_may_not_join_keeps_the_link(trusting: Desk) -> None:
    first = take_in(mail("help", message_id="a1@customer.test"))
    found = take_in(forwarded(References="<a1@customer.test>"))
    ticket = ticket_of(trusting.system, found)
    assert (ticket.may_belong_to_id, found.thread_reason) == (first.ticket_id, "forwarded")
    assert not found.is_unverified


def test_the_same_forward_twice_is_one_ticket_and_one_note(trusting: Desk) -> None:
    raw = forwarded(message_id="f1@example.test")
    take_in(raw)
    put(raw, source="imap")
    receive_waiting()
    assert (len(tickets(trusting.system)), len(messages(trusting.system))) == (1, 2)


def test_the_other_organization_sees_nothing_of_it(trusting: Desk) -> None:
    take_in(forwarded())
    assert (messages(trusting.other.system), tickets(trusting.other.system)) == ([], [])
