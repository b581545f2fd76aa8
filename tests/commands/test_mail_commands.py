"""`mail-in` acknowledges only what is stored, and `drain` works until nothing is due."""

import io
import json
import secrets
import sys

import pytest

from casso.cli import main
from casso.gateways import spool
from casso.services import mailboxes
from casso.services.mailboxes import MailboxForm
from tests.desks import Desk
from tests.services.mails import mail, messages, put


class Piped(io.TextIOWrapper):
    """Standard input as a mail server's pipe gives it."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(io.BytesIO(raw))


def pipe(monkeypatch: pytest.MonkeyPatch, raw: bytes, *arguments: str) -> int:
    monkeypatch.setattr(sys, "stdin", Piped(raw))
    return main(["mail-in", *arguments])


def test_a_piped_mail_is_stored_and_its_spool_id_printed(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = mail("by pipe")
    assert pipe(monkeypatch, raw, "--to", sqlite_desk.address) == 0
    printed = capsys.readouterr().out.strip()
    assert spool.waiting() == [printed]
    assert spool.read(printed)[1] == raw


def test_the_same_piped_mail_twice_is_one(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        assert pipe(monkeypatch, mail("by pipe"), "--to", sqlite_desk.address) == 0
    assert len(spool.waiting()) == 1


def test_mail_in_as_json(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pipe(monkeypatch, mail(), "--json") == 0
    assert json.loads(capsys.readouterr().out)["spool_id"] in spool.waiting()


@pytest.mark.parametrize("recipient", ["support+anything@example.test", "SUPPORT+x+y@Example.TEST"])
def test_a_piped_mail_to_a_tagged_address_reaches_the_mailbox(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, recipient: str
) -> None:
    assert pipe(monkeypatch, mail("with a tag"), "--to", recipient) == 0
    assert main(["drain"]) == 0
    (found,) = messages(sqlite_desk.system)
    assert (found.mailbox_id, found.thread_reason) == (sqlite_desk.mine.mailbox_id, "new")


def test_a_piped_mail_for_nobody_is_kept_and_no_ticket(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pipe(monkeypatch, mail(), "--to", "postmaster@example.test") == 0
    assert main(["drain"]) == 0
    assert messages(sqlite_desk.system) == []
    assert len(spool.kept_aside(spool.UNROUTED)) == 1


def test_an_empty_mail_or_a_full_disk_means_try_again_later(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pipe(monkeypatch, b"") == 75
    (sqlite_desk.folder / "spool").write_text("a file where the folder should be")
    assert pipe(monkeypatch, mail()) == 75


def test_drain_takes_in_what_waits_and_says_how_much(
    sqlite_desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    put(mail("one"))
    put(mail("two"))
    assert main(["drain", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["receive"], result["finished"]) == (2, True)
    assert len(messages(sqlite_desk.system)) == 2


def test_drain_gives_up_when_its_time_is_over(sqlite_desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    put(mail())
    assert main(["drain", "--timeout", "0", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["finished"] is False


def test_retry_unrouted_says_how_many_found_a_mailbox(
    sqlite_desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    for recipient in ("sales@example.test", "sales@example.test", "nobody@else.test"):
        put(mail(recipient, message_id=f"{secrets.token_hex(4)}@c.test"), recipient)
    assert main(["drain"]) == 0
    capsys.readouterr()
    assert main(["retry-unrouted"]) == 0
    assert capsys.readouterr().out == "3 mails looked at, 0 found a mailbox\n"
    sqlite_desk.clock.tick(days=365)
    mailboxes.create_mailbox(sqlite_desk.owner, MailboxForm("sales@example.test"))
    assert main(["retry-unrouted", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"looked_at": 3, "found": 2}
    assert main(["drain"]) == 0
    assert len(messages(sqlite_desk.system)) == 2


def test_drain_brings_back_what_a_new_mailbox_makes_possible(sqlite_desk: Desk) -> None:
    put(mail("waits"), "sales@example.test")
    assert main(["drain"]) == 0
    mailboxes.create_mailbox(sqlite_desk.owner, MailboxForm("sales@example.test"))
    assert main(["drain"]) == 0
    assert [found.text.strip() for found in messages(sqlite_desk.system)] == ["waits"]
