"""Uploads: counted while they arrive, answered with an id or with words, only from our own pages."""

import pytest

from casso.gateways import storage
from casso.services import attachments
from casso.web import uploads
from tests.desks import Desk
from tests.web.conftest import Client

OWN = "http://desk.example:3000"


def headers(cookie: str, **more: str) -> dict[str, str]:
    return {"Cookie": cookie, "Origin": OWN, **more}


def files_in(desk: Desk) -> int:
    folder = desk.folder / "files"
    return sum(path.is_file() for path in folder.rglob("*")) if folder.is_dir() else 0


async def test_an_upload_answers_its_id_and_can_be_fetched(client: Client, cookie: str) -> None:
    async with client(headers=headers(cookie)) as browser:
        answer = await browser.post("/uploads", files={"file": ("ü.txt", b"hello", "text/plain")})
        assert answer.status_code == 201
        made = answer.json()
        assert (made["name"], made["size"]) == ("ü.txt", 5)
        assert (await browser.get(f"/files/{made['id']}")).content == b"hello"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_another_sites_upload_is_refused(
    client: Client, sqlite_desk: Desk, cookie: str, origin: str
) -> None:
    async with client(headers=headers(cookie, Origin=origin)) as browser:
        answer = await browser.post("/uploads", files={"file": ("a", b"hello")})
    assert answer.status_code == 403
    assert files_in(sqlite_desk) == 0


async def test_without_a_session_nothing_is_kept(client: Client, sqlite_desk: Desk) -> None:
    async with client(headers={"Origin": OWN}) as browser:
        answer = await browser.post("/uploads", files={"file": ("a", b"hello")})
    assert answer.status_code == 401
    assert files_in(sqlite_desk) == 0


async def test_a_declared_length_too_large_is_refused_at_once(client: Client, cookie: str) -> None:
    too_long = str(attachments.LARGEST_FILE + uploads.ROOM_FOR_FORM + 1)
    async with client(headers=headers(cookie)) as browser:
        answer = await browser.post("/uploads", content=b"x", headers={"Content-Length": too_long})
    assert answer.status_code == 413


async def test_a_length_that_lies_is_noticed_while_the_body_arrives(
    client: Client, sqlite_desk: Desk, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless():  # type: ignore[no-untyped-def]
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(25):
            yield b"x" * 1_000_000

    async with client(headers=headers(cookie)) as browser:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await browser.post("/uploads", content=endless(), headers=kind)
    assert answer.status_code == 413
    assert files_in(sqlite_desk) == 0


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"file=x", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (
            b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\ntext\r\n--x--",
            "multipart/form-data; boundary=x",
        ),
    ],
)
async def test_what_is_no_file_is_refused_with_words(
    client: Client, sqlite_desk: Desk, cookie: str, body: bytes, kind: str
) -> None:
    async with client(headers=headers(cookie)) as browser:
        answer = await browser.post("/uploads", content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]
    assert files_in(sqlite_desk) == 0


async def test_two_files_at_once_are_refused(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    async with client(headers=headers(cookie)) as browser:
        answer = await browser.post("/uploads", files=[("file", ("a", b"x")), ("file", ("b", b"y"))])
    assert answer.status_code == 400
    assert files_in(sqlite_desk) == 0


async def test_a_store_that_does_not_answer_is_said_so(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    (sqlite_desk.folder / "files").write_text("a file where the folder should be")
    storage._store.cache_clear()
    async with client(headers=headers(cookie)) as browser:
        answer = await browser.post("/uploads", files={"file": ("a", b"x")})
    assert answer.status_code == 503
    assert answer.json()["error"]


async def test_a_draft_learns_which_of_its_files_still_wait(client: Client, cookie: str) -> None:
    async with client(headers=headers(cookie)) as browser:
        made = [
            (await browser.post("/uploads", files={"file": (name, b"hello")})).json()
            for name in ("ü.txt", "b")
        ]
        ids = [one["id"] for one in reversed(made)]
        answer = await browser.get("/uploads", params={"ids": ",".join([*ids, "nothing", "", ids[0]])})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert [(one["id"], one["name"], one["size"]) for one in answer.json()["files"]] == [
        (ids[0], "b", 5),
        (ids[1], "ü.txt", 5),
    ]


async def test_nobody_else_learns_anything_of_them(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    theirs = attachments.store_upload(sqlite_desk.other.owner, "secret.txt", "text/plain", b"hello")
    async with client(headers=headers(cookie)) as browser:
        assert (await browser.get("/uploads", params={"ids": theirs.id})).json() == {"files": []}
        assert (await browser.get("/uploads")).json() == {"files": []}
        assert (await browser.get("/uploads", params={"ids": "x," * 5000})).status_code == 200
    async with client(headers={"Origin": OWN}) as stranger:
        assert (await stranger.get("/uploads", params={"ids": theirs.id})).status_code == 401
