"""Mail kept aside in its list: read as intake reads it, without its content and without secrets."""

import dataclasses
import json

import pytest

from casso import clock, db
from casso.access import Actor
from casso.enums import Role, SpoolState
from casso.errors import NotAllowed
from casso.gateways import spool
from casso.gateways.mime import parse
from casso.jobs.receive import receive_waiting
from casso.models import SpooledMail
from casso.queries import quarantine
from casso.queries.tickets import list_quarantine, list_unrouted
from casso.rules.addresses import new_reply_token, reply_address
from tests.desks import START, Desk
from tests.services.mails import mail, put, take_in


def put_aside(organization_id: int, raw: bytes) -> str:
    spool_id = spool.store(
        raw, source="smtp", recipient="x@y.test", sender="env@x.test", received_at=clock.now()
    )
    spool.keep_aside(spool_id, spool.QUARANTINE)
    with db.transaction(organization_id) as session:
        session.add(
            SpooledMail(
                spool_id=spool_id,
                organization_id=organization_id,
                source="smtp",
                state=SpoolState.QUARANTINED,
                error="parse",
                attempts=3,
                received_at=START,
            )
        )
    return spool_id


def test_mail_kept_aside_shows_who_wrote_and_why(desk: Desk) -> None:
    raw = mail(subject="Broken")
    put_aside(desk.mine.organization_id, raw)
    (row,) = list_quarantine(desk.owner)
    assert (row.sender, row.subject, row.reason) == ("Anna Berg <anna@customer.test>", "Broken", "parse")
    assert (row.size, row.attempts, row.source) == (len(raw), 3, "smtp")
    assert list_quarantine(desk.other.owner) == ()


def test_the_first_of_two_fields_counts(desk: Desk) -> None:
    raw = (
        b"From: =?utf-8?q?Mia_Kr=C3=BCger?= <mia@lotus.test>\r\n"
        b"Subject: =?utf-8?b?6KuL5rGC?= =?utf-8?b?5pu4?=\r\nFrom: second@lotus.test\r\n\r\ntext"
    )
    put_aside(desk.mine.organization_id, raw)
    (row,) = list_quarantine(desk.owner)
    assert (row.sender, row.subject) == ("Mia Krüger <mia@lotus.test>", "請求書")


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff", b"Subject: =?x?x?x\r\nFrom: \xff\r\n\r\n", b"no header at all", b":" * 9999]
)
def test_mail_that_no_parser_takes_is_shown_all_the_same(desk: Desk, raw: bytes) -> None:
    put_aside(desk.mine.organization_id, raw)
    assert list_quarantine(desk.owner)[0].size == len(raw)


def test_a_file_that_is_gone_does_not_hide_its_row(desk: Desk) -> None:
    spool_id = put_aside(desk.mine.organization_id, mail())
    spool.remove(spool_id, spool.QUARANTINE)
    assert list_quarantine(desk.owner)[0].subject == ""


def test_agents_do_not_see_mail_kept_aside(desk: Desk) -> None:
    agent = Actor(desk.mine.organization_id, desk.owner.account_id, Role.AGENT)
    with pytest.raises(NotAllowed):
        list_quarantine(agent)


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Grüße aus Köln".encode(), "Grüße aus Köln"),
        ("Grüße aus Köln".encode("latin-1"), "Grüße aus Köln"),
        ("請求書について".encode("shift-jis"), "請求書について"),
        ("Счёт за март".encode("koi8-r"), "Счёт за март"),
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?q?_aus_K=C3=B6ln?=", "Grüße aus Köln"),
        (b"=?iso-2022-jp?B?GyRCQEE1YT1xGyhC?=", "請求書"),
    ],
)
def test_a_subject_reads_in_the_list_as_in_the_ticket(desk: Desk, subject: bytes, shown: str) -> None:
    charset = {"Grüße aus Köln": "iso-8859-1", "Счёт за март": "koi8-r"}.get(shown, "shift_jis").encode()
    raw = b"From: \xe2\x98\x83 <snow@x.test>\r\nSubject: " + subject
    raw += b"\r\nContent-Type: text/plain; charset=" + charset + b"\r\n\r\ntext"
    put_aside(desk.mine.organization_id, raw)
    (row,) = list_quarantine(desk.owner)
    assert (row.sender, row.subject) == ("☃ <snow@x.test>", shown)
    assert "\ufffd" not in row.subject
    assert row.subject == parse(raw).subject


@pytest.mark.parametrize(
    "subject", [b"=?utf-7?q?+2AA-?=", b"\xed\xa0\x80 x", b"a\tb\x00\x1b[31mc", "\u202egnp.exe".encode()]
)
def test_an_odd_subject_fits_every_frame(desk: Desk, subject: bytes) -> None:
    put_aside(desk.mine.organization_id, b"Subject: " + subject + b"\r\n\r\n")
    shown = list_quarantine(desk.owner)[0].subject
    assert json.loads(json.dumps(shown).encode()) == shown
    assert shown.encode()
    assert "\x00" not in shown


def test_the_list_shows_no_secret_of_a_reply_address(desk: Desk) -> None:
    signed = reply_address(desk.address, new_reply_token())
    put_aside(desk.mine.organization_id, mail(sender=signed, subject=f"Re: {signed}"))
    (row,) = list_quarantine(desk.owner)
    assert (row.sender, row.subject) == (desk.address, f"Re: {desk.address}")


def test_a_large_mail_is_looked_at_only_at_its_top(desk: Desk) -> None:
    raw = mail("x" * 5_000_000, subject="Large")
    spool_id = put_aside(desk.mine.organization_id, raw)
    _, top, size = spool.peek(spool_id, spool.QUARANTINE)
    assert (len(top), size) == (spool.PEEKED_BYTES, len(raw))
    assert (list_quarantine(desk.owner)[0].subject, list_quarantine(desk.owner)[0].size) == ("Large", size)


def operator(desk: Desk) -> Actor:
    return dataclasses.replace(desk.owner, is_operator=True)


def leave(raw: bytes, recipient: str) -> None:
    """A mail for an address that nobody has, kept aside by the worker."""
    put(raw, recipient, "pipe")
    receive_waiting()


def test_the_operator_sees_whence_and_to_whom_and_nothing_of_what_a_mail_says(desk: Desk) -> None:
    raw = mail("canary text", sender="Canary Name <canary-local@customer.test>", subject="canary subject")
    leave(raw, "sales@example.test")
    page = list_unrouted(operator(desk))
    (row,) = page.rows
    assert (row.recipient, row.sender_domain, row.reason) == (
        "sales@example.test",
        "customer.test",
        "unrouted",
    )
    assert (row.size, page.count) == (len(raw), 1)
    assert row.received_iso.startswith("2026-03-02T09:00:00")
    assert "canary" not in repr(page).lower()


def test_a_mail_without_envelope_recipient_shows_whom_its_headers_name(desk: Desk) -> None:
    leave(mail(to="a@x.test, b@x.test, c@x.test, d@x.test"), "")
    leave(mail(to="a@x.test", Delivered_To="z@x.test"), "")
    assert [row.recipient for row in list_unrouted(operator(desk)).rows] == [
        "z@x.test",
        "a@x.test, b@x.test, c@x.test",
    ]


def test_the_secret_of_a_reply_address_is_not_shown_to_the_operator(desk: Desk) -> None:
    leave(mail(), reply_address("gone@example.test", new_reply_token()))
    assert list_unrouted(operator(desk)).rows[0].recipient == "gone@example.test"


def test_the_operator_sees_no_mail_of_any_organization(desk: Desk) -> None:
    put_aside(desk.mine.organization_id, mail())
    put_aside(desk.other.organization_id, mail("theirs"))
    take_in(mail())
    assert list_unrouted(operator(desk)).rows == ()


def test_mail_that_was_damaged_before_it_had_an_organization_is_the_operators(desk: Desk) -> None:
    spool_id = put(mail())
    with spool.path(spool_id).open("ab") as file:
        file.write(b"flipped")
    receive_waiting()
    (row,) = list_unrouted(operator(desk)).rows
    assert (row.reason, row.sender_domain) == ("parse", "customer.test")


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.AGENT, Role.VIEWER])
def test_nobody_but_the_operator_sees_mail_without_a_mailbox(desk: Desk, role: Role) -> None:
    with pytest.raises(NotAllowed):
        list_unrouted(dataclasses.replace(desk.owner, role=role, is_operator=False))


def test_a_long_list_is_cut_and_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_QUARANTINED", 3)
    for number in range(5):
        leave(mail(str(number)), f"a{number}@example.test")
    page = list_unrouted(operator(desk))
    assert [row.recipient[:2] for row in page.rows] == ["a4", "a3", "a2"]
    assert page.count == 5
