"""Another process holds the database's write lock while mail arrives (check 87).

Mail is still taken, because the spool needs no database; screens still open, because
readers never wait for a writer; and no mail is blamed for the wait.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlmodel import select

from casso import db
from casso.models import SpooledMail
from tests.flows.browser import signed_in
from tests.servers.inside import inside, process_states, wait_until
from tests.servers.product import Product, letter, product

pytestmark = [pytest.mark.faults, pytest.mark.browser]
SUPPORT = "support@northwind.example"
LONGER_THAN_WE_WAIT = db.BUSY_SECONDS + 1.5
HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
held.execute("ROLLBACK")
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Product]:
    """A running desk with one ticket."""
    with product(tmp_path) as found:
        found.set_up()
        found.start()
        send(found, "Early")
        with inside(found) as look:
            wait_until("the first ticket", lambda: look.count_tickets() == 1)
        yield found


@contextmanager
def write_lock(desk: Product) -> Iterator[None]:
    """Another process writes and does not finish until the block ends."""
    command = [sys.executable, "-c", HOLD, str(desk.data_dir / "casso.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            holder.stdin.close()


def send(desk: Product, subject: str) -> float:
    """Send a mail and return how long it took to be acknowledged."""
    began = time.monotonic()
    desk.mail(letter("mia@lotus.example", SUPPORT, subject, f"About {subject}"))
    return time.monotonic() - began


def spooled(desk: Product) -> list[tuple[str, int]]:
    """State and counted attempts of every mail."""
    with inside(desk), db.reading() as session:
        return list(session.exec(select(SpooledMail.state, SpooledMail.attempts)).all())


def test_mail_waits_in_the_spool_while_the_database_is_busy(desk: Product, browser: Browser) -> None:
    page = signed_in(browser, desk)
    row = page.locator("[data-ticket='1']").first
    expect(row).to_be_visible()
    with write_lock(desk):
        began = time.monotonic()
        assert max(send(desk, f"Busy {number}") for number in range(3)) < 2
        page.goto(desk.url)
        expect(row).to_be_visible(timeout=4000)
        assert len(list((desk.data_dir / "spool" / "incoming").iterdir())) == 3
        page.wait_for_timeout(max(0, 1000 * (LONGER_THAN_WE_WAIT - (time.monotonic() - began))))
        assert spooled(desk) == [("done", 0)]
    expect(page.locator("[data-ticket]")).to_have_count(4, timeout=15_000)
    assert spooled(desk) == [("done", 0)] * 4
    assert {name: state["restarts"] for name, state in process_states(desk).items()} == {
        "web": 0,
        "worker": 0,
    }
    assert "job pauses" in desk.log.read_text()
