"""A locked database and mangled mail: bounded waits, nothing lost, nothing escapes (checks 49, 87)."""

import random
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from casso import db
from casso.gateways import spool
from casso.jobs.receive import receive_waiting
from tests.desks import Desk, forget
from tests.services.mails import mail, messages, put, spooled

pytestmark = pytest.mark.faults


def test_a_database_locked_by_another_process_is_waited_for_only_so_long(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.1)
    forget()
    put(mail("patient"))
    other = sqlite3.connect(sqlite_desk.folder / "casso.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError):
            receive_waiting()
        other.execute("ROLLBACK")
    finally:
        other.close()
    assert len(spool.waiting()) == 1
    receive_waiting()
    assert [found.text.strip() for found in messages(sqlite_desk.system)] == ["patient"]


def mangled(chance: random.Random) -> bytes:
    """A mail with HTML and headers, a few bytes of it changed, cut or doubled."""
    raw = bytearray(
        mail(
            "Grüße, 東京 🎉",
            subject="Übung",
            html="<p>Hi <b>there</b></p><blockquote>old</blockquote>",
            References="<a@b.test> <c@d.test>",
            Cc="Ben <ben@stranger.test>, broken",
        )
    )
    for _ in range(chance.randrange(1, 12)):
        place = chance.randrange(len(raw))
        match chance.randrange(4):
            case 0:
                raw[place] = chance.randrange(256)
            case 1:
                del raw[place : place + chance.randrange(40)]
            case 2:
                raw[place:place] = raw[place : place + chance.randrange(200)]
            case 3:
                raw[place:place] = chance.choice(
                    [b"\r", b"\0", b"\n\n", b"=?utf-8?b?", b"<!--", b"--=", b";"]
                )
        raw = raw or bytearray(b"x")
    return bytes(raw)


def test_mangled_mail_is_taken_in_or_kept_and_nothing_escapes(desk: Desk) -> None:
    chance = random.Random(20260302)
    ids = {put(mangled(chance)) for _ in range(120)}
    while spool.waiting():
        receive_waiting()
        desk.clock.tick(minutes=10)
    states = {spooled(spool_id).state for spool_id in ids}
    assert states <= {"done", "quarantined"}
    assert sum(spooled(spool_id).state == "done" for spool_id in ids) > 110
