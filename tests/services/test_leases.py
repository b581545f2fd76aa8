"""What a killed process held is free at once: mail in is taken again, mail out uncertain, never repeated."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlmodel import col

from casso import clock, db
from casso.access import across_organizations
from casso.enums import Delivery
from casso.gateways import processes
from casso.jobs.claim import claim_spooled, find_unfinished
from casso.jobs.receive import receive_waiting
from casso.jobs.schedule import DRAINED, TIMETABLE
from casso.jobs.send import send_waiting
from casso.models import ImapAccount, Notice, Outgoing
from casso.services import delivery, fetching, mailboxes, notice_sending, replies
from casso.services.leases import free_dead
from casso.services.mailboxes import ImapForm
from tests.desks import Desk
from tests.services.mails import mail, message, messages, put, spooled, take_in

Dies = Callable[[], None]


@pytest.fixture
def as_dead(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Dies:
    """Until called, claims are made by a process that really lived here and has really ended."""
    ended = subprocess.run(
        [sys.executable, "-c", "from casso.gateways.processes import new_mark; print(new_mark())"],
        env=dict(os.environ) | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    stem, _, nonce = ended.rpartition(".")
    made = iter(f"{stem}.{nonce}{number}" for number in range(1000))
    real = processes.new_mark
    for place in (processes, sys.modules["casso.jobs.claim"]):
        monkeypatch.setattr(place, "new_mark", lambda: next(made))

    def die() -> None:
        for place in (processes, sys.modules["casso.jobs.claim"]):
            monkeypatch.setattr(place, "new_mark", real)

    return die


def outgoing(desk: Desk) -> list[Outgoing]:
    with db.reading(desk.mine.organization_id) as session:
        mine = col(Outgoing.organization_id) == desk.mine.organization_id
        return list(session.execute(select(Outgoing).where(mine)).scalars())


def claimed_send(desk: Desk) -> int:
    """An answer whose sending was begun; returns its message."""
    take_in(mail())
    message_id = replies.send_reply(desk.owner, 1, text="Hello")
    desk.clock.tick(minutes=1)
    (due,) = delivery._due(10)
    assert delivery._claim(desk.system, due[0]) is not None
    return message_id


def test_a_mail_that_a_dead_worker_held_is_taken_in_at_once(desk: Desk, as_dead: Dies) -> None:
    spool_id = put(mail("held"))
    claim_spooled([spool_id])
    as_dead()
    receive_waiting()
    assert messages(desk.system) == []
    assert free_dead() == 1
    receive_waiting()
    assert [found.text.strip() for found in messages(desk.system)] == ["held"]
    assert (spooled(spool_id).state, spooled(spool_id).attempts) == ("done", 1)
    assert free_dead() == 0


def test_a_mail_that_a_running_worker_holds_stays_its_own(desk: Desk) -> None:
    spool_id = put(mail())
    (lease,) = claim_spooled([spool_id])
    assert free_dead() == 0
    assert find_unfinished([spool_id]).busy == {spool_id}
    assert spooled(spool_id).lease_until == lease.until


def test_a_mail_that_another_machine_holds_is_left_to_run_out(
    desk: Desk, as_dead: Dies, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool_id = put(mail())
    claim_spooled([spool_id])
    as_dead()
    monkeypatch.setattr(processes, "_system", lambda: "another machine")
    assert free_dead() == 0
    assert find_unfinished([spool_id]).busy == {spool_id}


def test_a_send_that_a_dead_worker_held_is_uncertain_at_once_and_never_repeated(
    desk: Desk, as_dead: Dies
) -> None:
    message_id = claimed_send(desk)
    as_dead()
    assert send_waiting() == 0
    assert message(desk.system, message_id).delivery == Delivery.SENDING
    assert free_dead() == 1
    assert message(desk.system, message_id).delivery == Delivery.UNCERTAIN
    assert [row.state for row in outgoing(desk)] == [Delivery.UNCERTAIN]
    for _ in range(3):
        desk.clock.tick(days=3)
        assert (send_waiting(), free_dead()) == (0, 0)
    replies.send_again(desk.owner, message_id)
    assert (send_waiting(), send_waiting()) == (1, 0)
    assert message(desk.system, message_id).delivery == Delivery.SENT


def test_a_send_that_is_under_way_is_left_alone(desk: Desk) -> None:
    message_id = claimed_send(desk)
    assert free_dead() == 0
    assert message(desk.system, message_id).delivery == Delivery.SENDING


def test_a_person_who_sends_again_is_not_undone_by_what_was_freed_before(desk: Desk, as_dead: Dies) -> None:
    message_id = claimed_send(desk)
    as_dead()
    free_dead()
    replies.send_again(desk.owner, message_id)
    assert free_dead() == 0
    assert [row.state for row in outgoing(desk)] == [Delivery.QUEUED]


def test_a_mailbox_that_a_dead_worker_fetched_is_fetched_at_once(desk: Desk, as_dead: Dies) -> None:
    mailboxes.save_imap(
        desk.owner, desk.mine.mailbox_id, ImapForm("mail.example", "support", "secret", security="none")
    )
    assert len(fetching.claim_due()) == 1
    as_dead()
    assert fetching.claim_due() == []
    assert free_dead() == 1
    assert len(fetching.claim_due()) == 1


def test_a_notice_that_a_dead_worker_held_is_tried_at_once(desk: Desk, as_dead: Dies) -> None:
    moment = clock.now()
    with db.transaction() as session:
        notice = Notice(
            recipient="a@b.test",
            kind="reset",
            locale="en",
            mail_key="n@desk",
            due_at=moment,
            give_up_at=moment,
            created_at=moment,
        )
        session.add(notice)
    assert notice_sending._claim(1) is not None
    as_dead()
    assert notice_sending._claim(1) is None
    assert free_dead() == 1
    assert notice_sending._claim(1) is not None


def test_every_table_with_a_lease_names_its_owner_and_is_freed() -> None:
    from sqlmodel import SQLModel

    leased = {table.name for table in SQLModel.metadata.sorted_tables if "lease_until" in table.c}
    assert leased == {"spooled_mail", "outgoing", "imap_account", "notice"}
    assert all("lease_owner" in SQLModel.metadata.tables[name].c for name in leased)


def test_one_statement_of_leases_is_within_every_organization(desk: Desk, as_dead: Dies) -> None:
    for tenant in (desk.mine, desk.other):
        mailboxes.save_imap(
            tenant.owner, tenant.mailbox_id, ImapForm("mail.example", "x", "secret", security="none")
        )
    assert len(fetching.claim_due()) == 2
    as_dead()
    assert free_dead() == 2
    with db.reading() as session, across_organizations(session, "tests"):
        assert set(session.execute(select(col(ImapAccount.lease_owner))).scalars()) == {""}


def test_the_timetable_frees_first_and_so_does_drain() -> None:
    assert TIMETABLE[0].run is free_dead
    assert DRAINED[0].run is free_dead
