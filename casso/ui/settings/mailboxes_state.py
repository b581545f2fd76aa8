"""The organization's mailboxes: list, add, change, fetch over IMAP, test the connection.

A password goes from the form to the service and nowhere else; what is stored is
never read back.
"""

from collections.abc import AsyncIterator
from contextlib import suppress

import reflex as rx

from casso.access import Actor
from casso.errors import AlreadyDone
from casso.queries.rows import MailboxRow
from casso.queries.tickets import get_organization, list_mailboxes
from casso.rules.permissions import Action
from casso.services import mailboxes
from casso.ui.bridge import call
from casso.ui.changes import Changes
from casso.ui.guard import current_actor
from casso.ui.live import listens
from casso.ui.policy import policy

NEW = 0
CLOSED = -1
RUNNING = "running"


@listens
class Mailboxes(rx.State):
    """The rows, which one is open for changes (0: a new one), and how its test went."""

    rows: list[MailboxRow] = []
    smtp_address: str = ""
    may_be_overheard: bool = False
    is_ready: bool = False
    opened: int = CLOSED
    test_code: str = ""
    test_detail: str = ""
    test_count: int = 0

    @rx.event
    @policy(Action.READ_SETTINGS)
    async def arrive(self) -> None:
        """Read the list."""
        actor = current_actor()
        desk = await call(get_organization, actor)
        self.smtp_address, self.may_be_overheard = desk.smtp_address, desk.may_be_overheard
        self.opened = CLOSED
        await self._read(actor)

    @rx.event
    @policy(Action.MANAGE_MAILBOXES)
    async def open(self, mailbox_id: int) -> None:
        """Open one for changes, 0 a new one, or -1 none."""
        self.opened, self.test_code = mailbox_id, ""

    @rx.event
    @policy(Action.MANAGE_MAILBOXES)
    async def submit(self, form: dict[str, str]) -> AsyncIterator[None]:
        """Save, or only test, as the pressed button says; a test shows at once that it runs."""
        self.test_code = ""
        if form.get("then") != "test":
            await self._save(form)
            return
        self.test_code = RUNNING
        yield
        self.test_code = ""
        await self._test(form)

    async def _on_changes(self, actor: Actor, changes: Changes) -> None:
        if self.is_ready and any(change.kind == "settings" for change in changes):
            self.rows = list(await changes.read(list_mailboxes, actor))

    async def _read(self, actor: Actor) -> None:
        self.rows = list(await call(list_mailboxes, actor))
        self.is_ready = True

    async def _save(self, form: dict[str, str]) -> None:
        actor = current_actor()
        await self._write(actor, form, form.get("intent", "")[:59])
        self.opened = CLOSED
        await self._read(actor)

    async def _write(self, actor: Actor, form: dict[str, str], intent: str) -> None:
        """The mailbox, then how it is fetched: two acts, so two intents."""
        wanted = _mailbox_form(form)
        with suppress(AlreadyDone):
            if self.opened == NEW:
                self.opened = await call(mailboxes.create_mailbox, actor, wanted, intent=intent)
            else:
                await call(mailboxes.update_mailbox, actor, self.opened, wanted, intent=intent)
        if form.get("host") and self.opened != NEW:
            fetched = intent and intent + "/imap"
            with suppress(AlreadyDone):
                await call(mailboxes.save_imap, actor, self.opened, _imap_form(form), intent=fetched)

    async def _test(self, form: dict[str, str]) -> None:
        report = await call(mailboxes.test_imap, current_actor(), self.opened, _imap_form(form))
        self.test_code, self.test_detail, self.test_count = report.code, report.detail, report.message_count


def _mailbox_form(form: dict[str, str]) -> mailboxes.MailboxForm:
    return mailboxes.MailboxForm(
        address=form.get("address", ""),
        name=form.get("name", ""),
        uses_reply_to=form.get("uses_reply_to") == "on",
        trusted_receiver=form.get("trusted_receiver", ""),
        unfolds_forwards=form.get("unfolds_forwards") == "on",
    )


def _imap_form(form: dict[str, str]) -> mailboxes.ImapForm:
    port = form.get("port", "")
    return mailboxes.ImapForm(
        host=form.get("host", "").strip(),
        username=form.get("login", "").strip(),
        password=form.get("password", ""),
        port=int(port) if port.isascii() and port.isdecimal() else 0,
        security=form.get("security", "tls"),
        folder=form.get("folder", "").strip() or "INBOX",
        is_enabled=form.get("is_enabled") == "on",
    )
