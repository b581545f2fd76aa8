"""Mailgun's webhook: what is unsigned, old, repeated or broken is refused; a taken mail is on disk."""

import asyncio

import pytest

from casso import config, db
from casso.gateways import spool
from casso.jobs.receive import receive_waiting
from casso.web import hooks
from tests.desks import Desk
from tests.servers.mailgun_stub import SIGNING_KEY, signed_fields
from tests.services.mails import mail, messages
from tests.web.conftest import Client

HOOK = "/hooks/mailgun"


@pytest.fixture
def desk(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("MAILGUN_WEBHOOK_SIGNING_KEY", SIGNING_KEY)
    config.settings.cache_clear()
    return sqlite_desk


def fields(desk: Desk, **changed: str) -> dict[str, str]:
    raw = mail(message_id="hook@customer.test").decode()
    signed = signed_fields(at=desk.clock.moment)
    return {"recipient": desk.address, "sender": "anna@customer.test", "body-mime": raw, **signed, **changed}


async def post(client: Client, sent: dict[str, str], **more: object) -> int:
    async with client() as mailgun:
        return (await mailgun.post(HOOK, data=sent, **more)).status_code  # type: ignore[arg-type]


async def test_a_signed_mail_becomes_a_message(client: Client, desk: Desk) -> None:
    assert await post(client, fields(desk)) == 200
    assert spool.count_waiting() == 1
    await asyncio.to_thread(receive_waiting)
    (found,) = messages(desk.owner)
    assert (found.mail_key, found.from_email) == ("hook@customer.test", "anna@customer.test")


async def test_the_parsed_form_with_files_becomes_a_message(client: Client, desk: Desk) -> None:
    sent = fields(desk, **{"from": "Anna <anna@customer.test>", "subject": "Hi", "body-plain": "Hello"})
    del sent["body-mime"]
    files = {"attachment-1": ("a.txt", b"file bytes", "text/plain")}
    assert await post(client, sent, files=files) == 200
    await asyncio.to_thread(receive_waiting)
    (found,) = messages(desk.owner)
    assert found.text == "Hello"
    stored = [path.read_bytes() for path in (desk.folder / "files").rglob("*") if path.is_file()]
    assert b"file bytes" in stored


async def test_the_raw_form_as_a_file_part_is_taken_too(client: Client, desk: Desk) -> None:
    sent = fields(desk)
    raw = sent.pop("body-mime").encode()
    assert await post(client, sent, files={"body-mime": ("m.eml", raw, "message/rfc822")}) == 200
    await asyncio.to_thread(receive_waiting)
    assert len(messages(desk.owner)) == 1


WRONG = {
    "no signature": {"signature": ""},
    "wrong signature": {"signature": "0" * 64},
    "truncated signature": {"signature": "ab12"},
    "upper case": {"signature": "A" * 64},
    "another token": {"token": "x" * 50},
    "no token": {"token": ""},
    "no time": {"timestamp": ""},
    "odd time": {"timestamp": "1e9"},
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_not_signed_is_refused_and_not_stored(client: Client, desk: Desk, name: str) -> None:
    assert await post(client, fields(desk, **WRONG[name])) == 403
    assert spool.count_waiting() == 0


async def test_another_key_signs_nothing(client: Client, desk: Desk) -> None:
    signed = signed_fields("another-key", at=desk.clock.moment)
    assert await post(client, fields(desk, **signed)) == 403


@pytest.mark.parametrize("minutes", [-16, 16, 60 * 24 * 365])
async def test_old_and_future_webhooks_are_refused(client: Client, desk: Desk, minutes: int) -> None:
    sent = fields(desk)
    desk.clock.tick(minutes=minutes)
    assert await post(client, sent) == 403
    assert spool.count_waiting() == 0


async def test_without_a_signing_key_nothing_is_taken(
    client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAILGUN_WEBHOOK_SIGNING_KEY")
    config.settings.cache_clear()
    assert await post(client, fields(desk, **signed_fields("", at=desk.clock.moment))) == 403


async def test_a_replay_is_refused_with_another_body_and_after_a_restart(client: Client, desk: Desk) -> None:
    sent = fields(desk)
    assert await post(client, sent) == 200
    assert await post(client, sent) == 406
    db.engine().dispose()
    assert await post(client, {**sent, "body-mime": mail("other words").decode()}) == 406
    assert spool.count_waiting() == 1


async def test_a_crash_between_storing_and_answering_makes_one_message(
    client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = fields(desk)
    monkeypatch.setattr("casso.failpoints._passages", {})
    monkeypatch.setenv("CASSO_FAILPOINT", "hooks.stored:1:raise")
    assert await post(client, sent) == 500
    monkeypatch.delenv("CASSO_FAILPOINT")
    await asyncio.to_thread(receive_waiting)
    assert await post(client, sent) == 200
    await asyncio.to_thread(receive_waiting)
    assert len(messages(desk.owner)) == 1


async def test_a_full_disk_is_said_so_and_the_mail_comes_again(
    client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = fields(desk)
    folder = desk.folder / "spool"
    folder.write_text("a file where the folder should be")
    assert await post(client, sent) in (500, 503)
    folder.unlink()
    assert await post(client, sent) == 200


async def test_a_mail_too_large_is_refused_before_it_is_read(
    client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client() as mailgun:
        kind = "multipart/form-data; boundary=x"
        headers = {"Content-Length": str(hooks.LARGEST_HOOK + 1), "Content-Type": kind}
        answer = await mailgun.post(HOOK, content=b"x", headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", ""),
        (b"{}", "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"x", "multipart/form-data"),
        (b"\xff\xfe=%zz", "application/x-www-form-urlencoded"),
    ],
)
async def test_what_is_no_form_is_refused(client: Client, desk: Desk, body: bytes, kind: str) -> None:
    async with client() as mailgun:
        answer = await mailgun.post(HOOK, content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 403)
    assert spool.count_waiting() == 0


async def test_a_signed_webhook_without_a_mail_is_not_sent_again(client: Client, desk: Desk) -> None:
    sent = fields(desk, recipient="")
    assert await post(client, sent) == 406


async def test_several_recipients_are_several_spooled_mails(client: Client, desk: Desk) -> None:
    both = f"{desk.address},{desk.other.address}"
    assert await post(client, fields(desk, recipient=both)) == 200
    assert spool.count_waiting() == 2


async def test_a_get_is_no_webhook(client: Client, desk: Desk) -> None:
    async with client() as mailgun:
        assert (await mailgun.get(HOOK)).status_code == 405
