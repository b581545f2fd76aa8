"""Pictures over HTTP: put up by a form of our page, served like a stranger's file, to colleagues alone."""

import pytest

from casso.queries.people import get_me
from casso.services import pictures
from tests.desks import Desk
from tests.gateways.picture_files import bomb, picture
from tests.services.people import HOME, add_member, open_session
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}
PATH = "/account/picture"


def sent(data: bytes, name: str = "me.png", kind: str = "image/png") -> dict[str, tuple[str, bytes, str]]:
    return {"picture": (name, data, kind)}


async def test_a_picture_is_put_up_and_shown(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        done = await browser.post(PATH, files=sent(picture()))
        assert (done.status_code, done.headers["location"]) == (303, "/settings/profile?done=picture")
        shown = await browser.get(f"/pictures/{get_me(sqlite_desk.owner).picture}")
    assert shown.status_code == 200
    assert shown.content[8:12] == b"WEBP"
    assert shown.headers["content-type"] == "image/webp"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["cross-origin-resource-policy"] == "same-origin"
    policy = shown.headers["content-security-policy"]
    assert policy == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert shown.headers["cache-control"].startswith("private")


async def test_only_a_colleagues_session_fetches_it(client: Client, sqlite_desk: Desk) -> None:
    pictures.set_picture(sqlite_desk.owner, picture(), HOME)
    place = f"/pictures/{get_me(sqlite_desk.owner).picture}"
    ben = open_session(add_member(sqlite_desk.mine.organization_id))
    stranger = open_session(sqlite_desk.other.owner.account_id)
    async with client() as browser:
        signed_out = await browser.get(place)
        foreign = await browser.get(place, headers={"Cookie": f"casso={stranger}"})
        nothing = await browser.get("/pictures/4711/00000000", headers={"Cookie": f"casso={stranger}"})
        colleague = await browser.get(place, headers={"Cookie": f"casso={ben}"})
    assert (signed_out.status_code, colleague.status_code) == (401, 200)
    assert (foreign.status_code, foreign.content) == (nothing.status_code, nothing.content)
    assert foreign.status_code == 404


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "error.file_empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "error.picture"),
        (b"<html><script>alert(1)</script>", "error.picture"),
        (bomb(), "error.picture"),
    ],
    ids=["empty", "svg", "html", "bomb"],
)
async def test_what_was_wrong_comes_back_as_a_word_of_ours(
    client: Client, sqlite_desk: Desk, cookie: str, data: bytes, problem: str
) -> None:
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        answer = await browser.post(PATH, files=sent(data))
    assert answer.headers["location"] == f"/settings/profile?problem={problem}"
    assert get_me(sqlite_desk.owner).picture == ""


async def test_a_form_without_a_file_or_broken_says_so(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        nothing = await browser.post(PATH, data={"picture": "text"})
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        broken = await browser.post(PATH, content=b"--y\r\nrubbish", headers=kind)
    assert nothing.headers["location"] == "/settings/profile?problem=error.file_empty"
    assert broken.headers["location"].startswith("/settings/profile?problem=error.")


async def test_too_large_a_body_is_cut_off(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        answer = await browser.post(PATH, files=sent(b"\x89PNG" + b"x" * 6_000_000))
    assert answer.status_code == 413
    assert get_me(sqlite_desk.owner).picture == ""


async def test_whoever_tries_too_often_waits(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        for _ in range(21):
            answer = await browser.post(PATH, files=sent(b"none"))
    assert answer.headers["location"] == "/settings/profile?problem=error.too_many_tries&minutes=1"


async def test_another_site_cannot_put_one_up(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    async with client(headers={"Origin": "https://evil.example", "Cookie": cookie}) as browser:
        assert (await browser.post(PATH, files=sent(picture()))).status_code == 403
    async with client(headers=OWN) as browser:
        assert (await browser.post(PATH, files=sent(picture()))).status_code == 401
    assert get_me(sqlite_desk.owner).picture == ""
