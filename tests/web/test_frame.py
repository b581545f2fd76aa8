"""The mail frame: its own policy, images only when agreed, nothing for strangers."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from casso.services import login
from tests.desks import PASSWORD, Desk
from tests.rules.test_sanitize import problems
from tests.rules.xss_vectors import vectors
from tests.services.mails import mail, take_in
from tests.web.conftest import Client

HTML = '<p onclick="x">Hi</p><script>evil()</script><img src="https://evil.example/pixel.png">'
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 40


def stored(html: str = HTML) -> int:
    found = take_in(mail("plain", html=html))
    assert found.id is not None
    return found.id


def policy_of(header: str) -> dict[str, str]:
    return {part.split()[0]: " ".join(part.split()[1:]) for part in header.split("; ")}


async def test_the_frame_forbids_scripts_forms_and_strangers(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    message_id = stored()
    async with client(headers={"Cookie": cookie}) as browser:
        answer = await browser.get(f"/mail/{message_id}")
    found = policy_of(answer.headers["content-security-policy"])
    assert found["script-src"] == "'none'"
    assert found["default-src"] == "'none'"
    assert found["form-action"] == "'none'"
    assert found["base-uri"] == "'none'"
    assert found["frame-ancestors"] == "'self'"
    assert found["img-src"] == "'self'"
    assert found["sandbox"] == "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "<script" not in answer.text
    assert "onclick" not in answer.text


async def test_remote_images_wait_until_the_agent_agrees(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    message_id = stored()
    async with client(headers={"Cookie": cookie}) as browser:
        before = await browser.get(f"/mail/{message_id}")
        after = await browser.get(f"/mail/{message_id}?images=1")
    assert ' src="https://evil.example' not in before.text
    assert 'data-src="https://evil.example/pixel.png"' in before.text
    assert '<img src="https://evil.example/pixel.png">' in after.text
    assert policy_of(after.headers["content-security-policy"])["img-src"] == "'self' https: http:"


@pytest.mark.parametrize("value", ["0", "true", "", "11", "1&images=0"])
async def test_only_the_exact_word_agrees(client: Client, sqlite_desk: Desk, cookie: str, value: str) -> None:
    message_id = stored()
    async with client(headers={"Cookie": cookie}) as browser:
        answer = await browser.get(f"/mail/{message_id}?images={value}")
    assert ' src="https://evil.example' not in answer.text


async def test_plain_mail_is_shown_as_text(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    message_id = take_in(mail("<b>not bold</b> & more")).id
    async with client(headers={"Cookie": cookie}) as browser:
        answer = await browser.get(f"/mail/{message_id}")
    assert "&lt;b&gt;not bold&lt;/b&gt; &amp; more" in answer.text


async def test_the_whole_corpus_through_the_real_door_stays_harmless(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    html = "".join(f"<div>{vector}</div>" for vector in vectors() if "\x00" not in vector)
    message_id = stored(html.encode("utf-8", "replace").decode())
    async with client(headers={"Cookie": cookie}) as browser:
        answer = await browser.get(f"/mail/{message_id}?images=1")
    body = answer.text.partition("<body")[2].partition(">")[2].rpartition("</body>")[0]
    assert len(body) > 1000
    allowed = {"img data-src", "<summary>", "details class"}
    assert set(problems(body)) - allowed == set()


async def test_an_inline_image_is_shown_from_our_own_files(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    made = message_from_bytes(mail("plain", html='<p>Hi <img src="cid:logo@x"></p>'), policy=policy.default)
    assert isinstance(made, EmailMessage)
    made.get_payload(1).add_related(PNG, "image", "png", cid="<logo@x>", filename="logo.png")  # type: ignore[union-attr]
    message_id = take_in(made.as_bytes()).id
    async with client(headers={"Cookie": cookie}) as browser:
        answer = await browser.get(f"/mail/{message_id}")
        (address,) = re.findall(r'<img src="(/files/[^"]+)">', answer.text)
        image = await browser.get(address)
    assert image.content == PNG
    assert image.headers["content-type"] == "image/png"


async def test_an_inline_image_that_is_none_is_not_shown(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    made = message_from_bytes(mail("plain", html='<p>Hi <img src="cid:logo@x"></p>'), policy=policy.default)
    assert isinstance(made, EmailMessage)
    made.get_payload(1).add_related(b"<svg onload=x>", "image", "svg+xml", cid="<logo@x>")  # type: ignore[union-attr]
    message_id = take_in(made.as_bytes()).id
    async with client(headers={"Cookie": cookie}) as browser:
        answer = await browser.get(f"/mail/{message_id}")
    assert "/files/" not in answer.text


async def test_nobody_reads_mail_without_the_right_session(
    client: Client, sqlite_desk: Desk, cookie: str
) -> None:
    message_id = stored()
    theirs = login.sign_in(sqlite_desk.other.owner.email, PASSWORD, ip="", browser="")
    async with client() as browser:
        assert (await browser.get(f"/mail/{message_id}")).status_code == 401
        for path in (f"/mail/{message_id}", "/mail/4711", f"/mail/{2**70}"):
            answer = await browser.get(path, headers={"Cookie": f"casso={theirs}"})
            assert (answer.status_code, answer.text) == (404, "not found\n")
