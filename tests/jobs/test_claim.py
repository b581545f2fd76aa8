"""Two workers never hold the same mail, and one that lost its lease cannot finish (check 92)."""

import threading

import pytest

from casso.access import Actor
from casso.gateways import spool
from casso.jobs.claim import LEASE, claim_spooled, find_finished, find_unfinished
from casso.jobs.receive import receive_waiting
from casso.services.intake import Arrival, LeaseLost, receive, store_files
from casso.services.reading import read_mail
from tests.desks import Desk
from tests.services.mails import mail, messages, put, spooled


def test_a_claimed_mail_cannot_be_claimed_again(desk: Desk) -> None:
    spool_id = put(mail())
    assert [lease.spool_id for lease in claim_spooled([spool_id])] == [spool_id]
    assert claim_spooled([spool_id]) == []
    assert find_unfinished([spool_id]).busy == {spool_id}


def test_claims_come_in_the_order_asked_for(desk: Desk) -> None:
    ids = [put(mail(str(number))) for number in range(5)]
    assert [lease.spool_id for lease in claim_spooled(ids)] == ids


def test_a_lease_that_ran_out_is_claimed_again_and_counts_as_a_try(desk: Desk) -> None:
    spool_id = put(mail())
    claim_spooled([spool_id])
    desk.clock.tick(seconds=LEASE.total_seconds() + 1)
    assert [lease.attempts for lease in claim_spooled([spool_id])] == [1]


def test_a_worker_that_lost_its_lease_writes_nothing(desk: Desk) -> None:
    spool_id = put(mail())
    old = claim_spooled([spool_id])[0]
    desk.clock.tick(seconds=LEASE.total_seconds() + 1)
    new = claim_spooled([spool_id])[0]
    envelope, raw = spool.read(spool_id)
    arrival = Arrival.of(envelope, raw, read_mail(raw))
    actor = Actor.system(desk.mine.organization_id)
    files = store_files(actor, arrival)
    with pytest.raises(LeaseLost):
        receive(actor, desk.mine.mailbox_id, arrival, files, old)
    assert messages(desk.system) == []
    receive(actor, desk.mine.mailbox_id, arrival, store_files(actor, arrival), new)
    assert len(messages(desk.system)) == 1
    files = store_files(actor, arrival)
    with pytest.raises(LeaseLost):
        receive(actor, desk.mine.mailbox_id, arrival, files, new)


def test_a_finished_mail_is_never_claimed(desk: Desk) -> None:
    spool_id = put(mail())
    receive_waiting()
    assert claim_spooled([spool_id]) == []
    assert find_finished([spool_id]) == {spool_id: "done"}
    assert spooled(spool_id).lease_until is None


def test_two_workers_at_once_take_each_mail_once(desk: Desk) -> None:
    ids = [put(mail(f"mail {number}", message_id=f"{number}@c.test")) for number in range(40)]
    problems: list[BaseException] = []

    def work() -> None:
        try:
            while receive_waiting():
                pass
        except BaseException as error:
            problems.append(error)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    receive_waiting()
    assert problems == []
    assert sorted(found.mail_key for found in messages(desk.system)) == sorted(
        f"{number}@c.test" for number in range(40)
    )
    assert {spooled(one).state for one in ids} == {"done"}


def test_one_copy_from_each_of_two_doors_at_once_is_one_message(desk: Desk) -> None:
    for number in range(15):
        raw = mail(f"mail {number}", message_id=f"{number}@c.test")
        put(raw, source="imap")
        put(raw, source="mailgun")
    workers = [threading.Thread(target=receive_waiting) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    receive_waiting()
    assert len(messages(desk.system)) == 15
    assert spool.waiting() == []
