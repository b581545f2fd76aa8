"""A file that no row names goes after a day; one that any row names, or a fresh one, never."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import SQLModel, col, select

from casso import db
from casso.access import across_organizations
from casso.gateways import storage
from casso.models import Attachment, Message
from casso.models.classification import file_columns
from casso.services import attachments, file_sweeping, pictures
from casso.services.file_sweeping import sweep_files
from tests.desks import Desk
from tests.gateways.picture_files import picture
from tests.queries.plans import plans
from tests.services.mails import mail, take_in
from tests.services.people import HOME

FILE = {"filename": "a.zip", "content_type": "application/zip", "data": b"PK\x03\x04" * 9}


def stored() -> list[str]:
    return list(storage.list_page(limit=1000).written_at)


def days_later(desk: Desk, days: float) -> None:
    """The desk's clock stands that long after the newest file was written: stores date files themselves."""
    written = storage.list_page(limit=1000).written_at
    desk.clock.moment = max(written.values()) + timedelta(days=days)


def test_only_what_no_row_names_goes_and_only_after_a_day(desk: Desk) -> None:
    raw = take_in(mail()).raw_key
    upload = attachments.store_upload(desk.owner, **FILE)
    theirs = storage.put(desk.other.organization_id, b"nobody's")
    mine = storage.put(desk.mine.organization_id, b"nobody's")
    assert len(stored()) == 4
    days_later(desk, 0.9)
    assert sweep_files() == 0
    assert len(stored()) == 4
    days_later(desk, 1.1)
    assert sweep_files() == 2
    assert not {theirs, mine} & set(stored())
    assert raw in stored()
    assert len(stored()) == 2
    with db.reading(desk.mine.organization_id) as session, across_organizations(session, "tests"):
        assert {one.storage_key for one in session.exec(select(Attachment))} <= set(stored())
    assert upload.name == "a.zip"
    assert sweep_files() == 0


def test_a_file_that_another_organizations_row_names_is_nobodys(desk: Desk) -> None:
    """The key says whose it is; a row elsewhere cannot hold on to it, or tell that it is there."""
    key = storage.put(desk.other.organization_id, b"theirs")
    message = take_in(mail())
    with db.transaction(desk.mine.organization_id) as session:
        mine = col(Message.organization_id) == desk.mine.organization_id
        session.execute(update(Message).where(mine, col(Message.id) == message.id).values(raw_key=key))
    days_later(desk, 2)
    sweep_files()
    assert key not in stored()


def test_a_run_is_bounded_and_the_next_one_goes_on(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "casso")
    monkeypatch.setattr(file_sweeping, "AT_ONCE", 5)
    monkeypatch.setattr(file_sweeping, "MOST_LOOKED_AT", 15)
    named = [take_in(mail(f"number {number}")).raw_key for number in range(20)]
    for _ in range(12):
        storage.put(1, b"nobody's")
    days_later(sqlite_desk, 2)
    removed = []
    for _ in range(4):
        removed.append(sweep_files())
        lines = [one for one in caplog.records if one.message == "files swept"]
        assert lines[-1].looked_at <= 15  # type: ignore[attr-defined]
        assert lines[-1].removed == removed[-1]  # type: ignore[attr-defined]
    assert sum(removed) == 12
    assert sorted(stored()) == sorted(named)
    assert all("org/" not in str(vars(one)) for one in lines)


def test_at_most_so_many_files_go_in_a_run_and_none_is_passed_over(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_sweeping, "AT_ONCE", 4)
    monkeypatch.setattr(file_sweeping, "MOST_REMOVED", 3)
    named = [take_in(mail(f"number {number}")).raw_key for number in range(6)]
    for _ in range(7):
        storage.put(1, b"nobody's")
    days_later(sqlite_desk, 2)
    assert [sweep_files() for _ in range(3)] == [3, 3, 1]
    assert sorted(stored()) == sorted(named)


def test_a_half_written_file_goes_after_a_day(sqlite_desk: Desk) -> None:
    key = storage.put(1, b"whole")
    folder = next((sqlite_desk.folder / "files" / "org" / "1").iterdir())
    half = folder / ".part-00ff"
    half.write_bytes(b"ha")
    days_later(sqlite_desk, 0.5)
    sweep_files()
    assert half.exists()
    days_later(sqlite_desk, 2)
    assert sweep_files() == 2
    assert not half.exists()
    assert not storage.exists(key)


def test_every_column_that_holds_a_key_is_declared(desk: Desk) -> None:
    """Looks at the rows, not at names: whatever column has a file's key in it must say so."""
    take_in(mail())
    attachments.store_upload(desk.owner, **FILE)
    pictures.set_picture(desk.owner, picture(), HOME)
    holding = set()
    with db.reading() as session, across_organizations(session, "tests"):
        for table in SQLModel.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                holding |= {
                    f"{table.name}.{name}" for name, value in row.items() if str(value).startswith("org/")
                }
    declared = {f"{found.table.name}.{found.name}" for found in file_columns()}
    known = {"message.raw_key", "attachment.storage_key", "account.picture_key"}
    assert holding - {"heartbeat.detail"} == declared == known


def test_files_are_found_by_their_index(desk: Desk) -> None:
    take_in(mail())
    attachments.store_upload(desk.owner, **FILE)
    pictures.set_picture(desk.owner, picture(), HOME)
    days_later(desk, 2)
    if desk.kind == "sqlite":  # PostgreSQL reads a table of two rows whole, whatever indexes it has
        found = "\n".join(plans(sweep_files))
        assert "ix_message_raw_key" in found
        assert "ix_attachment_storage_key" in found
        assert "ix_account_picture_key" in found
