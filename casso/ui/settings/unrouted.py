"""For the operator of the installation: mail that no organization here has an address for.

Shown are the sender's domain, the recipient, age and size: whose mail it is has yet to
be found out, so nobody reads it here.
"""

import reflex as rx
from reflex.vars.base import Var

from casso.access import Actor
from casso.errors import AlreadyDone
from casso.queries.quarantine import UnroutedRow
from casso.queries.tickets import list_unrouted
from casso.services import unrouted
from casso.ui.bridge import call
from casso.ui.guard import current_actor
from casso.ui.moments import age, size
from casso.ui.parts.button import button
from casso.ui.parts.context import INTENT
from casso.ui.parts.states import state
from casso.ui.policy import Who, policy
from casso.ui.settings.frame import sheet_head
from casso.ui.t import t, t_of
from casso.ui.toast import Toast


class Unrouted(rx.State):
    """The newest of these mails, and how many there are; empty for everybody but the operator."""

    rows: list[UnroutedRow] = []
    count: int = 0

    @rx.event
    @policy(Who.SIGNED_IN)
    async def arrive(self) -> None:
        """Read the list, if this is the operator; everybody who opens the page passes here."""
        actor = current_actor()
        if actor.is_operator:
            await self._read(actor)

    @rx.event
    @policy(Who.OPERATOR)
    async def try_again(self, spooled_id: int, intent: str) -> None:
        """Route one once more; when it finds a mailbox it leaves this list."""
        actor = current_actor()
        toast = await self.get_state(Toast)
        try:
            has_found = await call(unrouted.try_again, actor, spooled_id, intent=intent[:64])
            toast._say("try_again" if has_found else "try_again_in_vain")
        except AlreadyDone:
            pass
        await self._read(actor)

    async def _read(self, actor: Actor) -> None:
        page = await call(list_unrouted, actor)
        self.rows, self.count = list(page.rows), page.count


def unrouted_mail() -> rx.Component:
    """The operator's part of the page."""
    nothing = state("mail", t("unrouted.none"), t("unrouted.none_hint"))
    more = rx.cond(
        Unrouted.count > Unrouted.rows.length(),
        rx.el.p(t("unrouted.more", shown=Unrouted.rows.length(), n=Unrouted.count), class_name="lead"),
    )
    return rx.fragment(
        sheet_head(t("unrouted.title"), t("unrouted.lead")),
        rx.el.div(
            rx.cond(
                Unrouted.rows.length() > 0,
                rx.fragment(rx.el.ul(rx.foreach(Unrouted.rows, _row)), more),
                nothing,
            ),
            class_name="card",
        ),
    )


def _row(row: Var[UnroutedRow]) -> rx.Component:
    recipient = rx.cond(row.recipient != "", row.recipient, t("unrouted.no_recipient"))
    sender = rx.cond(
        row.sender_domain != "",
        t("unrouted.from", domain=row.sender_domain),
        t("quarantine.unknown_sender"),
    )
    return rx.el.li(
        rx.el.div(
            rx.el.b(recipient, dir="auto"),
            rx.el.p(rx.el.bdi(sender), " · ", size(row.size), " · ", age(row.received_iso)),
            rx.cond(
                row.reason != "unrouted",
                rx.el.p(t_of("quarantine.reason.", row.reason, otherwise="other"), class_name="bad"),
            ),
        ),
        rx.el.span(
            button(t("unrouted.try_again"), sign="rotate-cw", on_click=Unrouted.try_again(row.id, INTENT)),
            class_name="does",
        ),
        class_name="entry",
    )
