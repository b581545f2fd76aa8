"""What cannot be read waits, is seen, can be run again, and never stands in the way (55, 93)."""

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from casso import db
from casso.access import Actor
from casso.enums import ChangeKind, Role, SpoolState
from casso.errors import AlreadyDone, GatewayError, NotAllowed, NotFound
from casso.gateways import spool
from casso.jobs import receive as job
from casso.jobs.claim import LEASE, claim_spooled
from casso.jobs.receive import receive_waiting
from casso.models import Change
from casso.services import quarantine
from casso.services.reading import read_mail
from tests.desks import Desk
from tests.services.mails import mail, messages, put, spooled

POISON = b"X-Poison: yes"


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A parser that breaks on one kind of mail."""
    real = job.read_mail

    def read(raw: bytes) -> object:
        if POISON in raw:
            raise RuntimeError("planted")
        return real(raw)

    monkeypatch.setattr(job, "read_mail", read)
    return monkeypatch


def fail_three_times(desk: Desk) -> None:
    for _ in range(3):
        receive_waiting()
        desk.clock.tick(minutes=10)


def test_a_mail_that_cannot_be_read_is_tried_three_times_and_kept(desk: Desk, planted: object) -> None:
    raw = POISON + b"\n" + mail()
    spool_id = put(raw)
    receive_waiting()
    assert (spooled(spool_id).state, spooled(spool_id).attempts) == ("waiting", 1)
    fail_three_times(desk)
    row = spooled(spool_id)
    assert (row.state, row.attempts, row.error) == ("quarantined", 3, "parse")
    assert (row.organization_id, row.recipient) == (desk.mine.organization_id, desk.address)
    assert spool.read(spool_id, spool.QUARANTINE)[1] == raw
    assert spool.waiting() == []


def test_the_next_mails_go_on_while_one_is_poisoned(desk: Desk, planted: object) -> None:
    put(POISON + b"\n" + mail("bad"))
    put(mail("good"))
    receive_waiting()
    assert [found.text.strip() for found in messages(desk.system)] == ["good"]


def test_a_failed_mail_waits_before_it_is_tried_again(desk: Desk, planted: object) -> None:
    spool_id = put(POISON + b"\n" + mail())
    receive_waiting()
    receive_waiting()
    assert spooled(spool_id).attempts == 1


def test_the_organization_is_told_when_something_is_put_aside(desk: Desk, planted: object) -> None:
    put(POISON + b"\n" + mail())
    fail_three_times(desk)
    with db.reading(desk.mine.organization_id) as session:
        kinds = session.exec(
            select(Change.kind).where(Change.organization_id == desk.mine.organization_id)
        ).all()
    assert ChangeKind.SETTINGS in kinds


def test_after_a_fix_a_kept_mail_can_be_run_again(desk: Desk, planted: pytest.MonkeyPatch) -> None:
    spool_id = put(POISON + b"\n" + mail("now readable"))
    fail_three_times(desk)
    planted.setattr(job, "read_mail", read_mail)
    quarantine.run_again(desk.owner, spooled(spool_id).id or 0)
    receive_waiting()
    assert spooled(spool_id).state == "done"
    assert [found.text.strip() for found in messages(desk.system)] == ["now readable"]


def test_the_same_intent_runs_a_mail_again_once(desk: Desk, planted: object) -> None:
    spool_id = put(POISON + b"\n" + mail())
    fail_three_times(desk)
    quarantine.run_again(desk.owner, spooled(spool_id).id or 0, intent="one")
    fail_three_times(desk)
    assert spooled(spool_id).state == "quarantined"
    with pytest.raises(AlreadyDone):
        quarantine.run_again(desk.owner, spooled(spool_id).id or 0, intent="one")
    assert spooled(spool_id).state == "quarantined"


def test_another_organization_cannot_run_it_again(desk: Desk, planted: object) -> None:
    spool_id = put(POISON + b"\n" + mail())
    fail_three_times(desk)
    with pytest.raises(NotFound):
        quarantine.run_again(desk.other.owner, spooled(spool_id).id or 0)


def test_an_agent_may_not_run_it_again(desk: Desk) -> None:
    agent = Actor(organization_id=desk.mine.organization_id, account_id=1, role=Role.AGENT)
    with pytest.raises(NotAllowed):
        quarantine.run_again(agent, 1)


def test_a_mail_that_was_taken_in_cannot_be_run_again(desk: Desk) -> None:
    spool_id = put(mail())
    receive_waiting()
    with pytest.raises(NotFound):
        quarantine.run_again(desk.owner, spooled(spool_id).id or 0)


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("x", {}, Exception()),
        GatewayError("disk full", permanent=False, code="storage_failed"),
    ],
)
def test_trouble_elsewhere_is_not_the_mails_fault(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    first, second = put(mail("one")), put(mail("two"))

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(job, "receive", fail)
        with pytest.raises(type(error)):
            receive_waiting()
    assert [(spooled(one).state, spooled(one).attempts) for one in (first, second)] == [("waiting", 0)] * 2
    desk.clock.tick(seconds=10)
    receive_waiting()
    assert len(messages(desk.system)) == 2


def test_a_damaged_spool_file_is_kept_and_seen(desk: Desk) -> None:
    spool_id = put(mail())
    with spool.path(spool_id).open("ab") as file:
        file.write(b"flipped")
    receive_waiting()
    assert (spooled(spool_id).state, spooled(spool_id).error) == ("quarantined", "parse")


def test_a_mail_that_kills_its_worker_again_and_again_is_put_aside(desk: Desk) -> None:
    spool_id = put(mail())
    for _ in range(job.CRASHES + 1):
        assert claim_spooled([spool_id])
        desk.clock.tick(seconds=LEASE.total_seconds() + 1)
    receive_waiting()
    row = spooled(spool_id)
    assert (row.state, row.error, row.organization_id) == ("quarantined", "crash", desk.mine.organization_id)


@pytest.mark.parametrize("state", [SpoolState.QUARANTINED, SpoolState.DONE])
def test_a_crash_between_row_and_file_is_mended_by_the_next_run(desk: Desk, state: SpoolState) -> None:
    spool_id = put(mail())
    lease = claim_spooled([spool_id])[0]
    envelope, _ = spool.read(spool_id)
    quarantine._update(lease, envelope, state=state)
    assert spool.waiting() == [spool_id]
    receive_waiting()
    assert spool.waiting() == []
    assert spool.kept_aside(spool.QUARANTINE) == ([spool_id] if state == SpoolState.QUARANTINED else [])
    assert messages(desk.system) == []
