"""Uploads and downloads: random keys, clean names, types from a list, nobody else's files."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from casso import db
from casso.access import Actor
from casso.enums import Role
from casso.errors import Invalid, NotAllowed, NotFound
from casso.models import Attachment
from casso.services import attachments, replies
from tests.desks import Desk
from tests.services.mails import mail, take_in

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


def stored(actor: Actor) -> Attachment:
    with db.reading(actor.organization_id) as session:
        return session.execute(
            select(Attachment).where(col(Attachment.organization_id) == actor.organization_id)
        ).scalar_one()


def test_an_upload_is_kept_byte_for_byte_under_a_random_key(desk: Desk) -> None:
    row = attachments.store_upload(desk.owner, "photo.png", "image/png", PNG)
    assert (row.name, row.size, row.content_type, row.is_image) == ("photo.png", len(PNG), "image/png", True)
    found = stored(desk.owner)
    assert "photo" not in found.storage_key
    assert found.public_id not in found.storage_key
    assert b"".join(attachments.open_file(desk.owner, row.id).pieces) == PNG


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "C:\\windows\\x.exe",
        "/etc/x",
        "a\x00b.png",
        "x" * 4000,
        "\u202egpj.exe",
        "..",
        "CON",
        "",
    ],
)
def test_a_name_is_for_reading_and_never_a_path(desk: Desk, name: str) -> None:
    row = attachments.store_upload(desk.owner, name, "text/plain", b"x")
    assert row.name
    assert len(row.name) <= 150
    assert not set(row.name) & set("/\\\x00\u202e")
    files = [path for path in desk.folder.rglob("*") if path.is_file() and path.read_bytes() == b"x"]
    assert len(files) == 1
    assert desk.folder / "files" in files[0].parents


@pytest.mark.parametrize(
    ("kind", "data", "kept", "is_image"),
    [
        ("image/svg+xml", b"<svg onload=x>", "application/octet-stream", False),
        ("text/html", b"<script>", "application/octet-stream", False),
        ("application/xhtml+xml", b"<x>", "application/octet-stream", False),
        ("image/png", b"<script>", "application/octet-stream", False),
        ("image/png", b"\xff\xd8\xff\xe0", "image/jpeg", True),
        ("application/octet-stream", PNG, "image/png", True),
        ("text/html", PNG, "application/octet-stream", False),
        ("application/pdf", b"%PDF", "application/pdf", False),
        ("x\r\nX-Evil: 1", b"x", "application/octet-stream", False),
    ],
)
def test_the_type_comes_from_a_list_and_the_bytes(
    sqlite_desk: Desk, kind: str, data: bytes, kept: str, is_image: bool
) -> None:
    row = attachments.store_upload(sqlite_desk.owner, "x", kind, data)
    assert (row.content_type, row.is_image) == (kept, is_image)


def test_empty_and_endless_files_are_refused(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "LARGEST_FILE", 10)
    for data in (b"", b"x" * 11):
        with pytest.raises(Invalid):
            attachments.store_upload(sqlite_desk.owner, "x", "text/plain", data)


def test_one_person_cannot_fill_the_store_with_uploads_never_sent(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MOST_WAITING", 2)
    for _ in range(2):
        attachments.store_upload(sqlite_desk.owner, "x", "text/plain", b"x")
    with pytest.raises(Invalid):
        attachments.store_upload(sqlite_desk.owner, "x", "text/plain", b"x")


def test_a_viewer_may_look_and_not_upload(desk: Desk) -> None:
    viewer = Actor(desk.mine.organization_id, desk.owner.account_id, Role.VIEWER)
    with pytest.raises(NotAllowed):
        attachments.store_upload(viewer, "x", "text/plain", b"x")


def test_another_organizations_file_does_not_exist(desk: Desk) -> None:
    take_in(mail())
    row = attachments.store_upload(desk.owner, "x", "text/plain", b"x")
    replies.add_note(desk.owner, 1, text="see", upload_ids=(row.id,))
    for public_id in (row.id, "", "nothing", "../x", row.id.upper() + "x"):
        with pytest.raises(NotFound):
            attachments.open_file(desk.other.owner, public_id)


def test_a_waiting_upload_is_its_uploaders_alone_until_it_is_sent(desk: Desk) -> None:
    take_in(mail())
    row = attachments.store_upload(desk.owner, "x", "text/plain", b"x")
    colleague = Actor(desk.mine.organization_id, desk.other.owner.account_id, Role.AGENT)
    with pytest.raises(NotFound):
        attachments.open_file(colleague, row.id)
    replies.add_note(desk.owner, 1, text="see", upload_ids=(row.id,))
    assert b"".join(attachments.open_file(colleague, row.id).pieces) == b"x"


def test_a_file_whose_bytes_are_gone_is_not_found(desk: Desk) -> None:
    row = attachments.store_upload(desk.owner, "x", "text/plain", b"unique bytes")
    for path in (desk.folder / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    with pytest.raises(NotFound):
        attachments.open_file(desk.owner, row.id)
