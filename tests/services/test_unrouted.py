"""Mail for nobody comes back to whom it was meant for, by itself or on the operator's word."""

import dataclasses
import threading

import pytest
from sqlmodel import col, select

from casso import db
from casso.access import Actor
from casso.enums import SpoolState
from casso.errors import AlreadyDone, NotAllowed, NotFound
from casso.gateways import spool
from casso.jobs import receive as job
from casso.jobs.receive import receive_waiting
from casso.jobs.reroute import reroute_due
from casso.models import DomainHolder, SpooledMail, TrailEntry
from casso.services import mailboxes, quarantine, unrouted
from casso.services.mailboxes import MailboxForm
from tests.desks import Desk
from tests.services.mails import mail, messages, put, spooled

NEW = "sales@example.test"


def unknown(desk: Desk, recipient: str = NEW, text: str = "to sales", **headers: str) -> str:
    """A mail for an address that no mailbox has, kept aside and looked at for the last time."""
    spool_id = put(mail(text, to=recipient or "x@else.test", **headers), recipient, "pipe")
    receive_waiting()
    desk.clock.tick(minutes=2)
    assert reroute_due() == 0
    assert spooled(spool_id).state == SpoolState.UNROUTED
    return spool_id


def work() -> None:
    reroute_due()
    receive_waiting()
    receive_waiting()


def texts(actor: Actor) -> list[str]:
    return [found.text.strip() for found in messages(actor)]


@pytest.mark.parametrize("recipient", [NEW, "Sales@Example.Test", "sales+order-7@example.test"])
def test_a_new_mailbox_gets_the_mail_that_waited_for_its_address(desk: Desk, recipient: str) -> None:
    spool_id = unknown(desk, recipient)
    mailbox_id = mailboxes.create_mailbox(desk.owner, MailboxForm(NEW))
    work()
    (found,) = messages(desk.system)
    assert (found.mailbox_id, spooled(spool_id).state) == (mailbox_id, SpoolState.DONE)
    assert spool.kept_aside(spool.UNROUTED) == []


def test_a_mailbox_that_takes_the_address_gets_it_too(desk: Desk) -> None:
    unknown(desk)
    mailboxes.update_mailbox(desk.owner, desk.mine.mailbox_id, MailboxForm(NEW))
    work()
    assert texts(desk.system) == ["to sales"]


def test_other_addresses_go_on_waiting(desk: Desk) -> None:
    waits = [unknown(desk, one) for one in ("sale@example.test", "xsales@example.test", "sales@example.tes")]
    mailboxes.create_mailbox(desk.owner, MailboxForm(NEW))
    work()
    assert messages(desk.system) == []
    assert {spooled(one).state for one in waits} == {SpoolState.UNROUTED}


def test_signs_with_a_meaning_in_patterns_are_plain_letters_here(desk: Desk) -> None:
    waits = unknown(desk, "sXles+a@example.test")
    mailboxes.create_mailbox(desk.owner, MailboxForm("s_les@example.test"))
    mailboxes.create_mailbox(desk.owner, MailboxForm("s%@example.test"))
    with db.reading() as session:
        due = session.exec(select(SpooledMail.next_try_at).where(SpooledMail.spool_id == waits)).one()
    assert due is None


def test_a_mail_without_envelope_recipient_comes_back_by_its_headers(desk: Desk) -> None:
    unknown(desk, "", Cc=f"Sales <{NEW}>")
    unknown(desk, "", text="for somebody else", Cc="other@example.test")
    mailboxes.create_mailbox(desk.owner, MailboxForm(NEW))
    work()
    assert texts(desk.system) == ["to sales"]


def test_saving_a_mailbox_without_a_new_address_looks_at_nothing_again(desk: Desk) -> None:
    spool_id = unknown(desk)
    mailboxes.update_mailbox(desk.owner, desk.mine.mailbox_id, MailboxForm(desk.address, name="Support"))
    assert spooled(spool_id).next_try_at is None


def test_a_mail_older_than_thirty_days_waits_for_the_operator(desk: Desk) -> None:
    spool_id = unknown(desk)
    desk.clock.tick(days=30)
    mailboxes.create_mailbox(desk.owner, MailboxForm(NEW))
    work()
    assert messages(desk.system) == []
    assert unrouted.try_again(operator(desk), spooled(spool_id).id or 0)
    receive_waiting()
    assert texts(desk.system) == ["to sales"]


def test_an_organization_that_takes_over_a_neighbours_domain_gets_no_old_mail(desk: Desk) -> None:
    spool_id = unknown(desk)
    mailboxes.create_mailbox(desk.other.owner, MailboxForm(NEW))
    work()
    assert (messages(desk.system), messages(desk.other.system)) == ([], [])
    assert spooled(spool_id).state == SpoolState.UNROUTED


def test_an_address_that_was_given_up_keeps_its_old_mail_from_the_next_holder(desk: Desk) -> None:
    mailboxes.create_mailbox(desk.owner, MailboxForm("hello@shop.test"))
    mailbox_id = mailboxes.create_mailbox(desk.owner, MailboxForm("sales@shop.test"))
    for given_up, address in ((mailbox_id, "a@example.test"), (mailbox_id - 1, "b@example.test")):
        mailboxes.update_mailbox(desk.owner, given_up, MailboxForm(address))
    waits = unknown(desk, "sales@shop.test")
    mailboxes.create_mailbox(desk.other.owner, MailboxForm("sales@shop.test"))
    work()
    assert spooled(waits).state == SpoolState.UNROUTED
    assert messages(desk.other.system) == []


def test_whoever_comes_back_to_an_address_of_their_own_gets_the_mail(desk: Desk) -> None:
    mailbox_id = mailboxes.create_mailbox(desk.owner, MailboxForm("sales@shop.test"))
    mailboxes.update_mailbox(desk.owner, mailbox_id, MailboxForm("a@example.test"))
    unknown(desk, "sales@shop.test")
    mailboxes.update_mailbox(desk.owner, mailbox_id, MailboxForm("sales@shop.test"))
    work()
    assert texts(desk.system) == ["to sales"]


def test_new_mail_reaches_the_new_holder_and_only_old_mail_does_not(desk: Desk) -> None:
    unknown(desk)
    mailboxes.create_mailbox(desk.other.owner, MailboxForm(NEW))
    put(mail("new one", to=NEW), NEW)
    work()
    assert texts(desk.other.system) == ["new one"]


def test_the_domains_of_the_first_mailboxes_are_known(desk: Desk) -> None:
    with db.reading() as session:
        held = session.exec(select(DomainHolder.domain, DomainHolder.held_by)).all()
    assert set(held) == {
        ("example.test", desk.mine.organization_id),
        ("other.test", desk.other.organization_id),
    }


def test_a_mailbox_made_while_a_mail_is_decided_upon_is_seen_soon_after(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = job.route

    def late(recipient: str) -> object:
        found = real(recipient)
        if found is None:
            mailboxes.create_mailbox(desk.owner, MailboxForm(NEW))
        return found

    monkeypatch.setattr(job, "route", late)
    put(mail("just in between", to=NEW), NEW)
    receive_waiting()
    assert messages(desk.system) == []
    desk.clock.tick(minutes=2)
    work()
    assert texts(desk.system) == ["just in between"]


def test_a_mail_whose_file_is_gone_is_passed_over_and_the_next_comes_back(desk: Desk) -> None:
    lost, kept = unknown(desk, text="lost"), unknown(desk, text="kept")
    spool.remove(lost, spool.UNROUTED)
    mailboxes.create_mailbox(desk.owner, MailboxForm(NEW))
    work()
    assert texts(desk.system) == ["kept"]
    assert spooled(kept).state == SpoolState.DONE
    assert reroute_due() == 0


def test_two_workers_at_once_bring_each_mail_back_once(desk: Desk) -> None:
    for number in range(12):
        unknown(desk, text=f"mail {number}", message_id=f"{number}@c.test")
    mailboxes.create_mailbox(desk.owner, MailboxForm(NEW))
    problems: list[BaseException] = []

    def go() -> None:
        try:
            for _ in range(4):
                work()
        except BaseException as error:
            problems.append(error)

    workers = [threading.Thread(target=go) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    work()
    assert problems == []
    assert sorted(texts(desk.system)) == sorted(f"mail {number}" for number in range(12))
    assert (spool.waiting(), spool.kept_aside(spool.UNROUTED)) == ([], [])


def test_a_crash_while_putting_back_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is moved and the power goes before the commit: the row still says where it belongs."""
    spool_id = unknown(desk)
    mailboxes.create_mailbox(desk.owner, MailboxForm(NEW))
    spool.bring_back(spool_id, spool.UNROUTED)
    receive_waiting()
    assert spool.kept_aside(spool.UNROUTED) == [spool_id]
    work()
    assert texts(desk.system) == ["to sales"]


def test_the_worker_waits_for_whoever_is_putting_a_mail_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the move of the file and the commit the worker sees the old row; it must not move it away."""
    spool_id = unknown(desk)
    mailboxes.create_mailbox(desk.owner, MailboxForm(NEW))
    moved, may_commit = threading.Event(), threading.Event()
    real = spool.bring_back

    def slowly(one: str, folder: str) -> None:
        real(one, folder)
        moved.set()
        may_commit.wait(10)

    monkeypatch.setattr(spool, "bring_back", slowly)
    rerouting = threading.Thread(target=reroute_due)
    rerouting.start()
    assert moved.wait(10)
    receiving = threading.Thread(target=quarantine.put_away, args=(spool_id,))
    receiving.start()
    receiving.join(0.3)
    may_commit.set()
    rerouting.join(10)
    receiving.join(10)
    receive_waiting()
    assert texts(desk.system) == ["to sales"]


def operator(desk: Desk) -> Actor:
    return dataclasses.replace(desk.owner, is_operator=True)


def test_the_operator_tries_one_again_and_hears_whether_it_found_a_mailbox(desk: Desk) -> None:
    spool_id = unknown(desk)
    number = spooled(spool_id).id or 0
    assert not unrouted.try_again(operator(desk), number, intent="one")
    with pytest.raises(AlreadyDone):
        unrouted.try_again(operator(desk), number, intent="one")
    mailboxes.create_mailbox(desk.other.owner, MailboxForm(NEW))
    assert unrouted.try_again(operator(desk), number, intent="two")
    receive_waiting()
    assert texts(desk.other.system) == ["to sales"]
    with db.reading(desk.mine.organization_id) as session:
        mine = TrailEntry.organization_id == desk.mine.organization_id
        actions = session.exec(select(TrailEntry.action).where(mine)).all()
    assert actions.count("mail.tried_again") == 2


@pytest.mark.parametrize("role", ["owner", "admin", "agent", "viewer"])
def test_nobody_but_the_operator_tries_again(desk: Desk, role: str) -> None:
    spool_id = unknown(desk)
    actor = dataclasses.replace(desk.owner, role=role, is_operator=False)
    with pytest.raises(NotAllowed):
        unrouted.try_again(actor, spooled(spool_id).id or 0)


def test_the_operator_cannot_touch_what_belongs_to_an_organization(desk: Desk) -> None:
    put(mail("report", sender="postmaster@x.test", subject="Undelivered Mail Returned to Sender"))
    put(mail(sender=desk.other.address, to=desk.other.address), desk.other.address)
    receive_waiting()
    with db.reading() as session:
        rows = session.exec(select(SpooledMail).where(col(SpooledMail.organization_id).is_not(None))).all()
    assert SpoolState.QUARANTINED in {row.state for row in rows}
    for row in rows:
        with pytest.raises(NotFound):
            unrouted.try_again(operator(desk), row.id or 0)


def test_a_damaged_mail_of_nobody_can_be_tried_again_by_the_operator(desk: Desk) -> None:
    raw = mail("whole again")
    spool_id = put(raw)
    content = spool.path(spool_id).read_bytes()
    spool.path(spool_id).write_bytes(content + b"flipped")
    receive_waiting()
    assert (spooled(spool_id).state, spooled(spool_id).organization_id) == (SpoolState.QUARANTINED, None)
    spool.path(spool_id, spool.QUARANTINE).write_bytes(content)
    assert unrouted.try_again(operator(desk), spooled(spool_id).id or 0)
    receive_waiting()
    assert texts(desk.system) == ["whole again"]


def test_everything_is_tried_again_from_the_command_line_however_old(desk: Desk) -> None:
    for number in range(3):
        unknown(desk, text=f"mail {number}")
    unknown(desk, "nobody@else.test")
    desk.clock.tick(days=90)
    assert unrouted.try_all_again() == unrouted.Retried(looked_at=4, found=0)
    mailboxes.create_mailbox(desk.other.owner, MailboxForm(NEW))
    assert unrouted.try_all_again() == unrouted.Retried(looked_at=4, found=3)
    assert unrouted.try_all_again() == unrouted.Retried(looked_at=1, found=0)
    receive_waiting()
    assert len(texts(desk.other.system)) == 3


def test_more_than_one_batch_is_looked_at(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unrouted, "AT_ONCE", 2)
    for number in range(5):
        unknown(desk, text=f"mail {number}")
    mailboxes.create_mailbox(desk.owner, MailboxForm(NEW))
    assert reroute_due() == 5
    receive_waiting()
    assert len(texts(desk.system)) == 5
