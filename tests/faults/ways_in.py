"""Each way in, with a process that dies on it: mail is handed over, a process dies, the next one goes on.

Everything the product does here is done by forked processes. The one that goes on has a
clock an hour ahead: leases of the dead have run out, and every next try is due.
"""

import json
import signal
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from casso import db
from casso.models import ImapAccount
from casso.services import mailboxes
from casso.services.mailboxes import ImapForm
from tests.desks import Desk
from tests.faults.ledger import ACKNOWLEDGED, REFUSED, UNKNOWN, Ledger
from tests.faults.lives import Lives
from tests.servers.inside import wait_until
from tests.servers.mailgun_stub import SIGNING_KEY, signed_fields
from tests.servers.ports import free_port
from tests.servers.scripted_imap import ScriptedImap, scripted_imap

RECEIVE, POLL = "casso.jobs.receive:receive_waiting", "casso.jobs.poll:poll_due"
WORKER, POST = "casso.worker:run", "tests.faults.hook_call:post_hook"
HOUR = 3600.0
COUNT = 6
KILLED = -signal.SIGKILL

type_of_way = Callable[[Desk, Lives, Ledger, str], None]


def by_spool(desk: Desk, lives: Lives, ledger: Ledger, failpoint: str) -> None:
    """Mails lie in the spool; whoever makes tickets of them dies."""
    for _ in range(COUNT):
        ledger.spool_one(datetime.now(UTC))
    assert lives.run(RECEIVE, failpoint=failpoint) == KILLED
    assert lives.run(RECEIVE, ahead=HOUR) == 0


def by_imap(desk: Desk, lives: Lives, ledger: Ledger, failpoint: str) -> None:
    """Mails lie on a mail server; whoever fetches them dies."""
    with scripted_imap() as server:
        fetch_from(desk, server)
        put_on_server(server, ledger, COUNT)
        assert lives.run(POLL, failpoint=failpoint) == KILLED
        assert cursor(desk)[1] == 0
        for ahead in (HOUR, 2 * HOUR):
            assert lives.run(POLL, ahead=ahead) == 0
            assert lives.run(RECEIVE, ahead=ahead) == 0
        assert cursor(desk) == (server.uid_validity, COUNT, "")


def by_smtp(desk: Desk, lives: Lives, ledger: Ledger, failpoint: str) -> None:
    """A customer's mail server talks to the worker, which dies before it has answered."""
    with pytest.MonkeyPatch.context() as patch:
        port = free_port()
        patch.setenv("CASSO_SMTP_LISTEN", f"127.0.0.1:{port}")
        handed = ledger.new_mail()
        life = lives.begin(WORKER, failpoint=failpoint)
        wait_until("mail is taken", lambda: ledger.attempt(handed, port) != REFUSED)
        assert life.wait() == KILLED
        life = lives.begin(WORKER, ahead=HOUR)
        wait_until("mail is taken", lambda: ledger.attempt(ledger.new_mail(), port) == ACKNOWLEDGED)
        ledger.try_again(port)
        assert life.stop() == 0
        assert lives.run(RECEIVE, ahead=2 * HOUR) == 0


def by_hook(desk: Desk, lives: Lives, ledger: Ledger, failpoint: str) -> None:
    """Mailgun posts a mail, the web process dies before it has answered, and Mailgun posts again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAILGUN_WEBHOOK_SIGNING_KEY", SIGNING_KEY)
        handed = ledger.new_mail()
        form = {"recipient": desk.address, "sender": handed.sender, "body-mime": handed.raw.decode()}
        sent = json.dumps(form | signed_fields(at=datetime.now(UTC)))
        assert lives.run(POST, sent, failpoint=failpoint) == KILLED
        handed.outcomes.append(UNKNOWN)
        assert lives.run(RECEIVE) == 0  # what was stored becomes a ticket before the mail comes again
        assert lives.run(POST, sent) == 0
        handed.outcomes.append(ACKNOWLEDGED)
        assert lives.run(RECEIVE, ahead=HOUR) == 0


def fetch_from(desk: Desk, server: ScriptedImap) -> None:
    """Let the desk's mailbox be fetched from there, everything that lies in the folder."""
    form = ImapForm("127.0.0.1", "anna", "secret", port=server.port, security="none")
    mailboxes.save_imap(desk.owner, desk.mine.mailbox_id, form)
    with db.transaction(desk.mine.organization_id) as session:
        session.execute(
            update(ImapAccount)
            .where(col(ImapAccount.organization_id) == desk.mine.organization_id)
            .values(take_from=None)
        )


def put_on_server(server: ScriptedImap, ledger: Ledger, count: int) -> None:
    """New mails in the folder; a mail server keeps what it has, so they are safe from now on."""
    for _ in range(count):
        handed = ledger.new_mail()
        handed.outcomes.append(ACKNOWLEDGED)
        server.mails[len(server.mails) + 1] = handed.raw


def cursor(desk: Desk) -> tuple[int, int, str]:
    """How far the folder was read, and what was wrong the last time."""
    with db.reading(desk.mine.organization_id) as session:
        account = session.exec(
            select(ImapAccount).where(ImapAccount.organization_id == desk.mine.organization_id)
        ).one()
        return account.uid_validity, account.last_uid, account.error_code
