"""Looking into a running product with its own code: database, files and services, from the test's process.

    with inside(desk) as look:
        look.owner()                 # Ana, as the screen would know her
        look.organization_id()       # Northwind's
        replies.send_reply(look.owner(), 1, text="…")

Both processes share one database, as two processes of the product do.
"""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, update
from sqlmodel import col, select

from casso import clock, db
from casso.access import Actor, across_organizations
from casso.enums import Role
from casso.models import Account, Membership, Organization, Outgoing, Ticket
from tests import desks
from tests.servers.product import Product

OWNER = "ana@northwind.example"
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Inside:
    """What a test looks up first."""

    def owner(self, email: str = OWNER) -> Actor:
        """The actor that the guard would make for this person."""
        with db.reading() as session, across_organizations(session, "tests"):
            account, member = session.exec(
                select(Account, Membership)
                .where(Membership.account_id == Account.id)
                .where(Account.email == email)
            ).one()
        name = f"{account.first_name} {account.last_name}"
        return Actor(member.organization_id, account.id, Role(member.role), name=name, email=email)

    def send_at_once(self) -> None:
        """No undo time: what is sent is due."""
        with db.transaction() as session:
            session.execute(update(Organization).where(col(Organization.id) > 0).values(undo_seconds=0))

    def let_everything_be_due(self) -> None:
        """What months do: no mail waits for its next try any more, whatever its state."""
        with db.transaction() as session, across_organizations(session, "tests"):
            session.execute(
                update(Outgoing).where(col(Outgoing.id) > 0).values(due_at=clock.now() - 24 * HOUR)
            )

    def count_tickets(self) -> int:
        """How many tickets Ana's organization has."""
        here = self.owner().organization_id
        with db.reading(here) as session:
            mine = col(Ticket.organization_id) == here
            return session.exec(select(func.count()).select_from(Ticket).where(mine)).one()


@contextmanager
def inside(desk: Product) -> Iterator[Inside]:
    """Point this process's settings at the running desk until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("CASSO_", "MAILGUN_", "AWS_")):
                patch.delenv(name)
        for name, value in desk.env.items():
            if name.startswith("CASSO_") and name != "CASSO_FAILPOINT":
                patch.setenv(name, value)
        desks.forget()
        try:
            yield Inside()
        finally:
            desks.forget()


def process_states(desk: Product) -> dict[str, dict[str, int | None]]:
    """What the supervisor says of its children; empty when it has not said anything yet."""
    found: dict[str, dict[str, int | None]] = {}
    with suppress(OSError, ValueError):
        found = json.loads((desk.data_dir / "processes.json").read_text())
    return found


def kill(desk: Product, name: str) -> int:
    """SIGKILL one of the processes, like a power cut; returns the process id that died."""
    pid = process_states(desk)[name]["pid"]
    assert pid is not None, f"{name} does not run"
    os.kill(pid, signal.SIGKILL)
    return pid


def wait_until(
    what: str, is_so: Callable[[], object], *, seconds: float = 20, pause_seconds: float = 0.05
) -> None:
    """Look again and again. Raises AssertionError when it does not become so in time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause_seconds)


def wait_for_another(desk: Product, name: str, dead: int) -> None:
    """Until the supervisor has started another process in the dead one's place."""
    wait_until(f"{name} runs again", lambda: _pid(desk, name) not in (None, dead))


def _pid(desk: Product, name: str) -> int | None:
    return process_states(desk).get(name, {}).get("pid")
