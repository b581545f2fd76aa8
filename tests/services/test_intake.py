"""A mail that is read becomes a message, once, with everything that belongs to it."""

from email.message import EmailMessage

import pytest
from sqlalchemy import event
from sqlmodel import select

from casso import clock, db
from casso.enums import ChangeKind
from casso.gateways import spool, storage
from casso.jobs.receive import receive_waiting
from casso.models import Attachment, Change, Customer, SearchDocument
from casso.services import mailboxes
from casso.services.mailboxes import MailboxForm
from tests.desks import Desk, Tenant
from tests.services.mails import mail, message, messages, put, spooled, take_in, ticket_of, tickets
from tests.trails import trail_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def with_files() -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "anna@customer.test", "support@example.test", "Files"
    made.set_content("See the picture.")
    made.add_alternative('<p>See <img src="cid:pic1"> <script>alert(1)</script></p>', subtype="html")
    html = made.get_payload()[1]
    html.add_related(PNG, "image", "png", cid="<pic1>", filename="a.png")
    made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="../../etc/bill.pdf")
    made.add_attachment(b"<svg/>", maintype="image", subtype="svg+xml", filename="x.svg")
    return made.as_bytes()


def rows(table: type, tenant: Tenant) -> list:
    with db.reading(tenant.organization_id) as session:
        return list(session.exec(select(table).where(table.organization_id == tenant.organization_id)))


def test_a_plain_mail_becomes_a_ticket(desk: Desk) -> None:
    raw = mail("My invoice is wrong.", subject="Invoice 77", message_id="a1@customer.test")
    found = take_in(raw)
    ticket = ticket_of(desk.system, found)
    assert (ticket.number, ticket.subject, ticket.status, ticket.is_open) == (1, "Invoice 77", "new", True)
    assert ticket.preview == "My invoice is wrong."
    assert ticket.last_message_id == found.id
    assert (found.from_email, found.from_name) == ("anna@customer.test", "Anna Berg")
    assert found.text.strip() == "My invoice is wrong."
    assert (found.mail_key, found.thread_reason) == ("a1@customer.test", "new")
    assert storage.get(found.raw_key) == raw
    assert spool.waiting() == []


def test_a_new_ticket_leaves_a_trail_line_and_one_change(desk: Desk) -> None:
    found = take_in(mail())
    lines = trail_of(desk.mine.organization_id, "ticket.%")
    assert [(line.action, line.ticket_id) for line in lines] == [("ticket.created", found.ticket_id)]
    changes = [row for row in rows(Change, desk.mine) if row.ticket_id]
    assert [(row.kind, row.ticket_id) for row in changes] == [(ChangeKind.TICKET_CREATED, found.ticket_id)]


def test_ticket_numbers_count_per_organization(desk: Desk) -> None:
    take_in(mail("one"))
    take_in(mail("two"))
    take_in(mail("three"), desk.other.address)
    assert [ticket.number for ticket in tickets(desk.system)] == [1, 2]
    assert [ticket.number for ticket in tickets(desk.other.system)] == [1]


def test_the_same_customer_is_one_customer_whatever_the_case(desk: Desk) -> None:
    take_in(mail("one", sender="anna@customer.test"))
    take_in(mail("two", sender="Anna Berg <ANNA@Customer.Test>"))
    assert [(row.email, row.name) for row in rows(Customer, desk.mine)] == [
        ("anna@customer.test", "Anna Berg")
    ]


def test_a_message_is_searchable_by_its_organization_only(desk: Desk) -> None:
    found = take_in(mail("Über den Kühlschrank", subject="Küche"))
    document = rows(SearchDocument, desk.mine)[0]
    prefix = f"{desk.mine.organization_id}x"
    assert (document.message_id, document.ticket_id) == (found.id, found.ticket_id)
    terms = {f"{prefix}{word}" for word in ("1", "kuche", "anna", "berg", "customer", "uber", "kuhlschrank")}
    assert terms <= set(document.terms.split())
    assert all(term.startswith(prefix) for term in document.terms.split())


def test_files_are_stored_under_random_keys_with_harmless_names(desk: Desk) -> None:
    found = take_in(with_files())
    by_name = {row.filename: row for row in rows(Attachment, desk.mine)}
    assert set(by_name) == {"a.png", "bill.pdf", "x.svg"}
    picture, bill, drawing = by_name["a.png"], by_name["bill.pdf"], by_name["x.svg"]
    assert (picture.is_inline, picture.may_show, picture.content_id) == (True, True, "pic1")
    assert (bill.is_inline, bill.may_show) == (False, False)
    assert drawing.may_show is False
    assert storage.get(bill.storage_key, sha256=bill.sha256) == b"%PDF-1.4"
    assert "bill" not in bill.storage_key
    assert {row.message_id for row in by_name.values()} == {found.id}
    assert ticket_of(desk.system, found).attachment_count == 2


def test_html_is_harmless_before_it_is_stored(desk: Desk) -> None:
    found = take_in(with_files())
    assert "script" not in found.html
    assert "cid:pic1" in found.html
    assert found.has_remote_images is False


def test_the_same_mail_twice_is_one_message(desk: Desk) -> None:
    raw = mail(message_id="a1@customer.test")
    put(raw, source="smtp")
    put(raw, source="mailgun")
    put(raw.replace(b"Subject:", b"Received: from relay.test by mx.test\nSubject:"), source="imap")
    receive_waiting()
    assert len(messages(desk.system)) == 1
    assert spool.waiting() == []


def test_a_repeat_leaves_no_file_behind(desk: Desk) -> None:
    put(mail(message_id="a1@customer.test"), source="smtp")
    put(mail(message_id="a1@customer.test"), source="pipe")
    receive_waiting()
    files = [path for path in (desk.folder / "files").rglob("*") if path.is_file()]
    assert len(files) == 1


def test_a_mail_already_taken_in_is_not_taken_in_again_after_it_returns_to_the_spool(desk: Desk) -> None:
    raw = mail()
    take_in(raw)
    assert put(raw) in spool.waiting()
    receive_waiting()
    assert len(messages(desk.system)) == 1
    assert spool.waiting() == []


def test_the_same_message_id_with_other_content_is_kept_and_flagged(desk: Desk) -> None:
    take_in(mail("first", message_id="a1@customer.test"))
    second = take_in(mail("second", message_id="a1@customer.test"))
    assert second.is_repeat_id
    assert [found.is_repeat_id for found in messages(desk.system)] == [False, True]


def test_a_mail_to_two_mailboxes_is_two_mails(desk: Desk) -> None:
    mailboxes.create_mailbox(desk.owner, MailboxForm("sales@example.test"))
    raw = mail(message_id="a1@customer.test", to="support@example.test, sales@example.test")
    put(raw, "support@example.test")
    put(raw, "sales@example.test")
    put(raw, desk.other.address)
    receive_waiting()
    assert len(messages(desk.system)) == 2
    assert len(messages(desk.other.system)) == 1


def test_mails_without_message_id_are_told_apart_by_their_bytes(desk: Desk) -> None:
    take_in(mail("one"))
    second = take_in(mail("two"))
    assert second.mail_key.startswith("sha256:")
    assert len(messages(desk.system)) == 2


def test_automatic_mail_is_stored_and_marked(desk: Desk) -> None:
    assert take_in(mail(Auto_Submitted="auto-generated")).is_automatic
    assert not take_in(mail("by hand")).is_automatic


def test_a_mail_without_sender_is_taken_in(desk: Desk) -> None:
    found = take_in(b"To: support@example.test\r\nSubject: nobody\r\n\r\nboo\r\n")
    assert found.from_email == ""
    assert ticket_of(desk.system, found).subject == "nobody"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\x00\x00",
        b"Subject: =?utf-8?b?AAA?=\r\n\r\n\x00nul\x00",
        b"From: a@b.test\r\nSubject: \xff\xfe\r\n\r\n\xed\xa0\x80 half a pair",
        b"From: a@b.test, c@d.test\r\nDate: Mon, 99 Foo 9999 99:99:99\r\n\r\nbad date",
        b"From: Friends: a@b.test, c@d.test;\r\n\r\ngroup",
        b"From: a@b.test\r\nX-Long: " + b"x" * 10_000 + b"\r\nSubject: long\r\n\r\nlong header",
        b"From: a@b.test\rSubject: bare\r\rcarriage returns",
    ],
)
def test_odd_mail_is_taken_in_and_never_stops_the_next(desk: Desk, raw: bytes) -> None:
    odd, plain = put(raw), put(mail())
    receive_waiting()
    assert {spooled(odd).state, spooled(plain).state} == {"done"}
    assert storage.get(messages(desk.system)[0].raw_key) == raw


def test_arrival_time_counts_and_not_the_date_a_sender_claims(desk: Desk) -> None:
    found = take_in(mail().replace(b"Mon, 02 Mar 2026", b"Sat, 02 Mar 2080"))
    assert found.created_at <= clock.now()


def test_a_new_ticket_costs_few_statements(desk: Desk) -> None:
    take_in(mail("warm"))
    put(mail("counted", message_id="a2@customer.test"))
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "PRAGMA")):
            seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        receive_waiting()
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)
    told_whom_it_acts_for = sum("set_config" in one for one in seen)
    assert told_whom_it_acts_for <= 3
    assert len(seen) - told_whom_it_acts_for <= 18, "\n".join(seen)


def test_message_of_another_organization_is_out_of_reach(desk: Desk) -> None:
    found = take_in(mail())
    with pytest.raises(Exception, match="No row"):
        message(desk.other.system, found.id or 0)


def test_a_mail_without_quotes_has_nothing_to_unfold(desk: Desk) -> None:
    found = take_in(mail("Hello,\r\n\r\ntwo glasses are broken.  \r\n\r\nMia\r\n\r\n"))
    assert found.full_text == found.text


def test_a_mail_with_quotes_keeps_them_to_unfold(desk: Desk) -> None:
    found = take_in(mail("Thank you!\n\nOn Mon, 2 Mar 2026, Olga wrote:\n> It is on its way.\n"))
    assert found.text == "Thank you!"
    assert "It is on its way." in found.full_text
