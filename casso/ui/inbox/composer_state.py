"""Sending replies and notes. The text lives in the browser's field until the service has it.

`done` repeats the intent that was carried out: casso.js then empties the field and
makes a new intent. So a lost connection loses no text and sends nothing twice.
"""

import re

import reflex as rx

from casso.access import Actor
from casso.errors import AlreadyDone
from casso.rules.permissions import Action
from casso.services import replies, sent_replies
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.inbox.ticket_state import OpenTicket
from casso.ui.policy import policy
from casso.ui.toast import Toast

_BETWEEN = re.compile(r"[,;\s]+")


class Composer(rx.State):
    """Which intents were carried out or taken back; never the text itself."""

    done: str = ""
    undone: str = ""
    _intents: dict[int, str] = {}

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def submit(self, form: dict[str, str]) -> None:
        """A reply or a note, as the form says; a repeated intent only confirms."""
        actor, intent = current_actor(), form.get("intent", "")[:64]
        write = self._add_note if form.get("kind") == "note" else self._send_reply
        try:
            await write(actor, form, _ticket(form), intent)
        except AlreadyDone:
            await self._refresh(actor)
        self.done = intent

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def undo(self, message_id: int) -> None:
        """Take a waiting reply back; its text returns to the field."""
        actor = current_actor()
        toast = await self.get_state(Toast)
        await call(sent_replies.undo_send, actor, message_id)
        self.undone = self._intents.get(message_id, "")
        toast._say("undone")
        await self._refresh(actor)

    @rx.event
    @policy(Action.WRITE_TICKETS)
    async def send_again(self, message_id: int, intent: str) -> None:
        """Try a failed or uncertain one once more, on a person's word."""
        actor = current_actor()
        toast = await self.get_state(Toast)
        await call(sent_replies.send_again, actor, message_id, intent=intent)
        toast._say("send_again")
        await self._refresh(actor)

    async def _add_note(self, actor: Actor, form: dict[str, str], ticket: int, intent: str) -> None:
        text, uploads = form.get("text", ""), _listed(form, "uploads")
        await call(replies.add_note, actor, ticket, text=text, upload_ids=uploads, intent=intent)
        toast = await self.get_state(Toast)
        toast._say("note")
        await self._refresh(actor)

    async def _send_reply(self, actor: Actor, form: dict[str, str], ticket: int, intent: str) -> None:
        message_id = await call(
            replies.send_reply,
            actor,
            ticket,
            text=form.get("text", ""),
            cc=_listed(form, "cc"),
            upload_ids=_listed(form, "uploads"),
            status_after=form.get("then", ""),
            intent=intent,
        )
        self._intents = {message_id: intent}
        ticket = await self._refresh(actor)
        shown = [entry.message for entry in ticket.entries if entry.message]
        until = next((message.undo_until_iso for message in shown if message.id == message_id), "")
        toast = await self.get_state(Toast)
        toast._say_sent(message_id, until)

    async def _refresh(self, actor: Actor) -> OpenTicket:
        ticket = await self.get_state(OpenTicket)
        if ticket.ticket.number:
            await ticket._read(actor, ticket.ticket.number)
        return ticket


def _ticket(form: dict[str, str]) -> int:
    text = form.get("ticket", "")
    return int(text) if text.isascii() and text.isdecimal() else 0


def _listed(form: dict[str, str], name: str) -> tuple[str, ...]:
    return tuple(one for one in _BETWEEN.split(form.get(name, "")) if one)
