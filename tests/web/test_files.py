"""Downloads: the right bytes to the right person, never anything a browser would run."""

import pytest
from sqlalchemy import update
from sqlmodel import col

from casso import db
from casso.models import Attachment
from casso.services import attachments, login, replies, sessions
from tests.desks import PASSWORD, Desk
from tests.services.mails import mail, take_in
from tests.web.conftest import Client

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 300_000


def stored(desk: Desk, name: str = "a.txt", kind: str = "text/plain", data: bytes = b"hello") -> str:
    return attachments.store_upload(desk.owner, name, kind, data).id


async def test_a_file_arrives_whole(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    public_id = stored(sqlite_desk, "photo.png", "image/png", PNG)
    async with client(headers={"Cookie": cookie}) as browser:
        answer = await browser.get(f"/files/{public_id}")
    assert answer.content == PNG
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith("inline;")
    assert answer.headers["content-length"] == str(len(PNG))


ACTIVE = [
    ("x.svg", "image/svg+xml", b"<svg onload='x'>"),
    ("x.html", "text/html", b"<script>x</script>"),
    ("x.xhtml", "application/xhtml+xml", b"<html/>"),
    ("x.xml", "text/xml", b"<?xml-stylesheet?>"),
    ("x.mht", "message/rfc822", b"MIME-Version: 1.0"),
    ("x.pdf", "application/pdf", b"%PDF-1.7"),
    ("x.png", "image/png", b"<script>x</script>"),
    ("x.gif", "image/gif", b"GIF8<script>"),
    ("x.txt", "text/plain", b"<script>x</script>"),
    ("x.js", "text/javascript", b"x"),
    ("x.swf", "application/x-shockwave-flash", b"FWS"),
]


@pytest.mark.parametrize(("name", "kind", "data"), ACTIVE)
async def test_active_content_is_a_download_in_an_empty_sandbox(
    client: Client, sqlite_desk: Desk, cookie: str, name: str, kind: str, data: bytes
) -> None:
    public_id = stored(sqlite_desk, name, kind, data)
    async with client(headers={"Cookie": cookie}) as browser:
        answer = await browser.get(f"/files/{public_id}")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]
    assert not answer.headers["content-type"].startswith(("text/html", "image/", "text/xml", "message/"))


async def test_a_row_that_lies_about_its_bytes_is_looked_at_again(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    public_id = stored(sqlite_desk, "x.html", "text/html", b"<script>x</script>")
    with db.transaction(sqlite_desk.mine.organization_id) as session:
        session.execute(
            update(Attachment)
            .where(col(Attachment.organization_id) == sqlite_desk.mine.organization_id)
            .values(content_type="image/png", may_show=True)
        )
    async with client(headers={"Cookie": cookie}) as browser:
        answer = await browser.get(f"/files/{public_id}")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "name", ['a"b.txt', "a\r\nX-Evil: 1.txt", "ü.txt", "a;filename=x.txt", "a\\b.txt", "日本.txt"]
)
async def test_a_name_stays_inside_its_header(
    client: Client, sqlite_desk: Desk, cookie: str, name: str
) -> None:
    public_id = stored(sqlite_desk, name)
    async with client(headers={"Cookie": cookie}) as browser:
        answer = await browser.get(f"/files/{public_id}")
    assert answer.status_code == 200
    assert "x-evil" not in answer.headers
    plain = answer.headers["content-disposition"].partition("filename=")[2].partition("; filename*")[0]
    assert plain.count('"') == 2


async def test_nobody_gets_a_file_without_the_right_session(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    take_in(mail())
    public_id = stored(sqlite_desk)
    replies.add_note(sqlite_desk.owner, 1, text="internal", upload_ids=(public_id,))
    theirs = login.sign_in(sqlite_desk.other.owner.email, PASSWORD, ip="", browser="")
    async with client() as browser:
        assert (await browser.get(f"/files/{public_id}")).status_code == 401
        forged = await browser.get(f"/files/{public_id}", headers={"Cookie": "casso=x"})
        assert forged.status_code == 401
        foreign = await browser.get(f"/files/{public_id}", headers={"Cookie": f"casso={theirs}"})
        missing = await browser.get("/files/nothing", headers={"Cookie": f"casso={theirs}"})
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content
        sessions.sign_out(cookie.removeprefix("casso="))
        assert (await browser.get(f"/files/{public_id}", headers={"Cookie": cookie})).status_code == 401


@pytest.mark.parametrize("path", ["/files/../casso.db", "/files/%2e%2e%2fcasso.db", "/files/", "/files/a/b"])
async def test_no_path_leads_out_of_the_store(
    client: Client, sqlite_desk: Desk, cookie: str, path: str
) -> None:
    async with client(headers={"Cookie": cookie}) as browser:
        answer = await browser.get(path)
    assert b"SQLite" not in answer.content
