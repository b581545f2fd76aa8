"""What was needed for a while goes, and only that."""

from datetime import timedelta

from sqlmodel import select

from casso import db
from casso.access import across_organizations
from casso.clock import now
from casso.enums import ChangeKind
from casso.gateways import storage
from casso.models import Attachment, Change, Intent, WebhookReceipt
from casso.queries.changes import list_changes, newest_change
from casso.services.sweeping import sweep
from tests.desks import Desk


def add(*rows: object) -> None:
    with db.transaction(getattr(rows[0], "organization_id", None)) as session:
        session.add_all(rows)


def all_of(table: type) -> list:
    with db.reading() as session, across_organizations(session, "tests"):
        return list(session.exec(select(table)))


def test_old_changes_receipts_and_intents_go(desk: Desk) -> None:
    sweep()
    here = desk.mine.organization_id
    for table in (Change, Intent, WebhookReceipt):
        assert len(all_of(table)) <= 2
    for days in (8, 2, 0):
        at = now() - timedelta(days=days)
        add(
            Change(organization_id=here, kind=ChangeKind.SETTINGS, created_at=at),
            Intent(organization_id=here, key=f"k{days}", created_at=at),
            WebhookReceipt(token=f"t{days}", created_at=at),
        )
    before = len(all_of(Change))
    assert sweep() == 5
    assert len(all_of(Change)) == before - 2
    assert sorted(row.key for row in all_of(Intent)) == ["k0", "k2"]
    assert [row.token for row in all_of(WebhookReceipt)] == ["t0"]


def test_a_change_after_quiet_days_has_a_number_of_its_own(desk: Desk) -> None:
    add(Change(organization_id=desk.mine.organization_id, kind=ChangeKind.SETTINGS, created_at=now()))
    mark = newest_change()
    desk.clock.tick(days=3)
    sweep()
    add(Change(organization_id=desk.mine.organization_id, kind=ChangeKind.SETTINGS, created_at=now()))
    assert [change.id > mark for change in list_changes(mark)] == [True]


def upload(desk: Desk, name: str, days: int) -> str:
    key = storage.put(desk.mine.organization_id, b"x")
    add(
        Attachment(
            organization_id=desk.mine.organization_id,
            public_id=name,
            storage_key=key,
            filename=name,
            content_type="text/plain",
            size=1,
            sha256="",
            created_at=now() - timedelta(days=days),
        )
    )
    return key


def test_an_upload_that_was_never_sent_goes_with_its_file(desk: Desk) -> None:
    old, fresh = upload(desk, "old", 2), upload(desk, "fresh", 0)
    sweep()
    assert [row.public_id for row in all_of(Attachment)] == ["fresh"]
    assert (storage.exists(old), storage.exists(fresh)) == (False, True)


def test_more_than_one_batch_goes(sqlite_desk: Desk) -> None:
    at = now() - timedelta(days=2)
    add(*(WebhookReceipt(token=f"t{number}", created_at=at) for number in range(1100)))
    assert sweep() == 1100
