"""A desk of which Ben sees two of four tickets, and every function of ours that could show him the others."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel, col

import casso.queries
import casso.services
from casso import db
from casso.access import Actor
from casso.enums import Queue, Sees
from casso.errors import CassoError
from casso.models import Attachment, Message, Ticket
from casso.services import mailboxes, replies, tickets
from casso.services.attachments import OpenFile
from tests.desks import Desk
from tests.services.mails import take_in
from tests.services.members import member, team

CANARY = "kestrel"
SHOWN, HIDDEN, LOOSE, OWN = 1, 2, 3, 4
# What names one ticket, one of its messages or one of its files.
NAMES = frozenset({"number", "ticket_id", "message_id", "public_id"})
# What such functions ask for besides; an argument that is missing here stops the test and says so.
FILLERS: dict[str, Any] = {
    "category": "Billing",
    "priority": "high",
    "queue": Queue.OPEN,
    "status": "open",
    "subject": "Another",
    "tags": ("a",),
    "text": "hello",
    "work_type": "task",
}


@dataclass(frozen=True, slots=True)
class View:
    """Ben sees SHOWN by his team or mailbox and OWN because it is his; HIDDEN and LOOSE he does not."""

    desk: Desk
    ben: Actor
    team: int

    def people(self) -> dict[str, Any]:
        """Arguments that name a person or a team: always within the view."""
        ben = self.ben.account_id or 0
        return {"account_id": ben, "account_ids": [ben], "team_id": self.team}

    def ids(self, number: int) -> dict[str, Any]:
        """A value for each of NAMES, of the ticket of that number; the message is our answer."""
        here = self.desk.mine.organization_id
        tickets_message = (col(Message.organization_id) == here) & (col(Ticket.organization_id) == here)
        with db.reading(here) as session:
            ticket_id, message_id = session.execute(
                select(col(Ticket.id), col(Message.id))
                .join(Message, col(Message.ticket_id) == col(Ticket.id))
                .where(tickets_message, col(Ticket.number) == number, col(Message.kind) == "reply")
            ).one()
            public_id = session.execute(
                select(col(Attachment.public_id))
                .join(Message, col(Message.id) == col(Attachment.message_id))
                .where(col(Attachment.organization_id) == here, col(Message.organization_id) == here)
                .where(col(Message.ticket_id) == ticket_id)
            ).scalar_one()
        return {"number": number, "ticket_id": ticket_id, "message_id": message_id, "public_id": public_id}


def view_of(desk: Desk, sees: Sees) -> View:
    """Four tickets of one customer, each with a file, a note and an answer; canaries in all but the first."""
    mailboxes.create_mailbox(desk.owner, mailboxes.MailboxForm("help@example.test"))
    mine, theirs = team(desk.mine, "Billing"), team(desk.mine, "Orders")
    _add_ticket(desk, SHOWN, "support@example.test", "invoice")
    for number in (HIDDEN, LOOSE, OWN):
        _add_ticket(desk, number, "help@example.test", CANARY)
    tickets.assign_team(desk.owner, SHOWN, team_id=mine)
    for number in (HIDDEN, OWN):
        tickets.assign_team(desk.owner, number, team_id=theirs)
    seen = {"teams": (mine,)} if sees is Sees.TEAMS else {"mailboxes": (desk.mine.mailbox_id,)}
    ben = member(desk.mine, "ben@example.test", sees=sees, **seen)  # type: ignore[arg-type]
    tickets.assign_ticket(desk.owner, OWN, account_id=ben.account_id)
    return View(desk, ben, mine)


def _add_ticket(desk: Desk, number: int, address: str, word: str) -> None:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Anna <anna@customer.test>", address, f"The {word}"
    made["Date"] = "Mon, 02 Mar 2026 08:59:00 +0000"
    made.set_content(f"About {word} {number}")
    made.add_attachment(word.encode(), "text", "plain", filename=f"{word}.txt")
    take_in(made.as_bytes(), address)
    replies.add_note(desk.owner, number, text=f"Note on {word}")
    replies.send_reply(desk.owner, number, text=f"Answer on {word}")


def public_functions() -> dict[str, Callable[..., Any]]:
    """Every public function of queries and services whose first argument is the actor, by its full name."""
    found = {}
    for package in (casso.queries, casso.services):
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            module = importlib.import_module(info.name)
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if not name.startswith("_") and function.__module__ == info.name:
                    parameters = list(inspect.signature(function).parameters.values())
                    if parameters and parameters[0].annotation in (Actor, "Actor"):
                        found[f"{info.name}.{name}"] = function
    return found


def names_a_ticket(function: Callable[..., Any]) -> bool:
    """Whether the function is told which ticket, message or file is meant."""
    return bool(NAMES & set(inspect.signature(function).parameters))


def required(function: Callable[..., Any]) -> list[str]:
    """The arguments after the actor that have no default."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return [one.name for one in parameters if one.default is inspect.Parameter.empty]


def outcome(view: View, function: Callable[..., Any], ids: dict[str, Any]) -> str:
    """What comes of Ben's call for these ids: `ok`, or the name of the error."""
    values = FILLERS | ids | view.people()
    missing = [name for name in required(function) if name not in values]
    assert not missing, f"{function.__module__}.{function.__name__} needs {missing}: add them to FILLERS"
    wanted = {*required(function), *(NAMES & set(inspect.signature(function).parameters))}
    try:
        found = function(view.ben, **{name: values[name] for name in wanted})
        if isinstance(found, OpenFile):
            assert b"".join(found.pieces)
    except CassoError as error:
        return type(error).__name__
    return "ok"


def everything(desk: Desk) -> dict[str, list[str]]:
    """Every row of every table."""
    with db.reading() as session, db.unscoped(session, "tests"):
        return {
            name: sorted(map(repr, session.execute(select(table)).all()))
            for name, table in SQLModel.metadata.tables.items()
        }
