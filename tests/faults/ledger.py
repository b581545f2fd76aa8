"""A process that takes in spooled mail and dies at a named place, and the account of what is there then."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import select

from casso import db
from casso.gateways import spool, storage
from casso.models import Attachment, Message, SearchDocument, SpooledMail, Ticket
from tests.desks import Desk

ROOT = Path(__file__).resolve().parents[2]
CHILD = "from casso.jobs.receive import receive_waiting; receive_waiting()"


def run_child(failpoint: str = "") -> int:
    """Run the receive job in a process of its own; returns its exit code (negative: a signal)."""
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    if failpoint:
        environment["CASSO_FAILPOINT"] = failpoint
    done = subprocess.run(
        [sys.executable, "-c", CHILD], env=environment, capture_output=True, timeout=60, check=False
    )
    return done.returncode


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything countable about the mail of one organization."""

    mail_keys: tuple[str, ...]
    raw: frozenset[bytes]
    numbers: tuple[int, ...]
    states: frozenset[str]
    waiting: int
    halves: tuple[str, ...]

    @classmethod
    def of(cls, desk: Desk) -> "Ledger":
        """Read it off database, file store and spool."""
        return cls.of_organization(desk.mine.organization_id)

    @classmethod
    def of_organization(cls, here: int) -> "Ledger":
        """The same for whatever desk this process's settings point to."""
        with db.reading(here) as session:
            messages = session.exec(select(Message).where(Message.organization_id == here)).all()
            tickets = session.exec(select(Ticket).where(Ticket.organization_id == here)).all()
            files = session.exec(select(Attachment).where(Attachment.organization_id == here)).all()
            documents = session.exec(
                select(SearchDocument).where(SearchDocument.organization_id == here)
            ).all()
            states = session.exec(select(SpooledMail.state)).all()
        halves = [f"ticket {t.id} without message" for t in tickets if not t.last_message_id]
        halves += [f"file {f.id} without message" for f in files if not f.message_id]
        searchable = {document.message_id for document in documents}
        halves += [f"message {m.id} not searchable" for m in messages if m.id not in searchable]
        for file in files:
            storage.get(file.storage_key, sha256=file.sha256)
        return cls(
            mail_keys=tuple(sorted(message.mail_key for message in messages)),
            raw=frozenset(storage.get(message.raw_key) for message in messages),
            numbers=tuple(sorted(ticket.number for ticket in tickets)),
            states=frozenset(states),
            waiting=len(spool.waiting()),
            halves=tuple(halves),
        )
