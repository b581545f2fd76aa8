"""Runs in a process of its own: the web process, writing down answers that people press Send for."""

import os
import threading
from contextlib import suppress

from casso.access import Actor
from casso.enums import Role
from casso.errors import AlreadyDone
from casso.services import replies

ON_THE_WAY_SECONDS = 0.03  # between what is written down and what the browser hears of it


def answer(organization_id: str, account_id: str, tickets: str, numbers: str, told: str) -> None:
    """Send the answers of these numbers (`3-9`); each that is done is told to the browser (a file)."""
    actor = Actor(int(organization_id), int(account_id), Role.OWNER, name="Olga Example")
    first, _, last = numbers.partition("-")
    for number in range(int(first), int(last) + 1):
        with suppress(AlreadyDone):
            ticket = number % int(tickets) + 1
            replies.send_reply(actor, ticket, text=f"Answer {number}.", intent=f"answer-{number}")
        threading.Event().wait(ON_THE_WAY_SECONDS)
        with open(told, "ab", buffering=0) as file:
            os.write(file.fileno(), f"{number}\n".encode())
