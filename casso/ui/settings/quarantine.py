"""Mail that could not become a ticket: what it was, why, another try, and a person's word that it is one."""

from contextlib import suppress

import reflex as rx
from reflex.vars.base import Var

from casso.access import Actor
from casso.errors import AlreadyDone
from casso.queries.quarantine import QuarantineRow
from casso.queries.tickets import list_quarantine
from casso.rules.permissions import Action
from casso.services import quarantine
from casso.ui.bridge import call
from casso.ui.changes import Changes
from casso.ui.guard import current_actor
from casso.ui.live import listens
from casso.ui.me import Me
from casso.ui.moments import age, size
from casso.ui.parts.button import button
from casso.ui.parts.context import INTENT
from casso.ui.parts.states import bar, state
from casso.ui.policy import policy
from casso.ui.settings.frame import no_permission, settings_page, sheet_head
from casso.ui.settings.unrouted import unrouted_mail
from casso.ui.t import t, t_of
from casso.ui.toast import Toast


@listens
class Quarantine(rx.State):
    """The kept mails, newest first."""

    rows: list[QuarantineRow] = []
    is_ready: bool = False

    @rx.event
    @policy(Action.READ_QUARANTINE)
    async def arrive(self) -> None:
        """Read the list."""
        await self._read(current_actor())

    @rx.event
    @policy(Action.MANAGE_MAILBOXES)
    async def run_again(self, spooled_id: int, intent: str) -> None:
        """Put one back into the queue; it leaves this list."""
        actor = current_actor()
        with suppress(AlreadyDone):
            await call(quarantine.run_again, actor, spooled_id, intent=intent[:64])
        toast = await self.get_state(Toast)
        toast._say("run_again")
        await self._read(actor)

    @rx.event
    @policy(Action.MANAGE_MAILBOXES)
    async def take(self, spooled_id: int, intent: str) -> None:
        """Have one become a ticket, whatever it was taken for; it leaves this list."""
        actor = current_actor()
        with suppress(AlreadyDone):
            await call(quarantine.take_as_ticket, actor, spooled_id, intent=intent[:64])
        toast = await self.get_state(Toast)
        toast._say("take_as_ticket")
        await self._read(actor)

    async def _on_changes(self, actor: Actor, changes: Changes) -> None:
        if self.is_ready and any(change.kind == "settings" for change in changes):
            self.rows = list(await changes.read(list_quarantine, actor))

    async def _read(self, actor: Actor) -> None:
        self.rows = list(await call(list_quarantine, actor))
        self.is_ready = True


def quarantine_page() -> rx.Component:
    """The page: the organization's own, and below it what only the operator sees."""
    return settings_page(
        "quarantine",
        rx.cond(
            Me.may.contains(Action.READ_QUARANTINE.value),
            _own(),
            rx.cond((Me.account_id > 0) & ~Me.is_operator, no_permission()),
        ),
        rx.cond(Me.is_operator, unrouted_mail()),
        for_admins=False,
    )


def _own() -> rx.Component:
    nothing = state("shield", t("quarantine.none"), t("quarantine.none_hint"))
    waiting = rx.el.div(bar("80%"), bar("60%"), bar("70%"), custom_attrs={"aria-hidden": "true"})
    return rx.fragment(
        sheet_head(t("quarantine.title"), t("quarantine.lead")),
        rx.el.div(
            rx.cond(
                Quarantine.is_ready,
                rx.cond(Quarantine.rows.length() > 0, rx.el.ul(rx.foreach(Quarantine.rows, _row)), nothing),
                waiting,
            ),
            class_name="card",
        ),
    )


def _row(row: Var[QuarantineRow]) -> rx.Component:
    """What it is, from whom, why it waits here."""
    sender = rx.cond(row.sender != "", row.sender, t("quarantine.unknown_sender"))
    return rx.el.li(
        rx.el.div(
            rx.el.b(rx.cond(row.subject != "", row.subject, t("queue.no_subject")), dir="auto"),
            rx.el.p(rx.el.bdi(sender), " · ", size(row.size), " · ", age(row.received_iso)),
            rx.el.p(t_of("quarantine.reason.", row.reason, otherwise="other"), class_name="bad"),
        ),
        rx.el.span(
            rx.cond(
                row.may_take,
                button(t("quarantine.take"), sign="inbox", on_click=Quarantine.take(row.id, INTENT)),
            ),
            button(t("quarantine.run"), sign="rotate-cw", on_click=Quarantine.run_again(row.id, INTENT)),
            class_name="does",
        ),
        class_name="entry",
    )
