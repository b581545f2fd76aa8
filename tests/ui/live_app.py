"""The inbox's own states under the real watcher, with a panel that commits, holds screens up and counts."""

import asyncio
import threading
from email.message import EmailMessage

import reflex as rx
from sqlalchemy import event
from sqlmodel import select

from casso import db
from casso.access import Actor
from casso.models import Mailbox
from casso.rules.permissions import Action
from casso.services import sessions
from casso.services.direct_intake import take_in
from casso.ui import guard, live, policy
from casso.ui.changes import Changes
from casso.ui.inbox.desk_state import Desk
from casso.ui.inbox.ticket_state import OpenTicket
from casso.ui.problems import on_backend_error, on_browser_error
from casso.web.asgi import protect

# Tabs of a test have just acted; by the product's rule each would read for itself.
USUAL_SECONDS, live.EVENT_SECONDS = live.EVENT_SECONDS, 0.0
SEPARATOR = "\n;\n"
_statements: list[str] = []
_free = asyncio.Event()


@event.listens_for(db.engine(), "before_cursor_execute")
def _note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
    """Remember what screens and watcher read; what commits runs in other threads."""
    is_ours = sql.startswith("SELECT") and "FROM change" not in sql
    if is_ours and threading.current_thread().name.startswith(("ui", "guard")):
        _statements.append(sql)


@live.listens
class Panel(rx.State):
    """`told` counts the pushes of this tab; `ends` is a session that the next push of this tab ends."""

    told: int = 0
    ends: str = ""
    answered: int = 0
    statements: str = ""

    @rx.event
    @policy.policy(Action.READ_TICKETS)
    async def mail(self, subject: str) -> None:
        """A mail for the caller's organization, committed by another thread."""
        _statements.clear()
        await asyncio.to_thread(_take_in, guard.current_actor().organization_id, subject)

    @rx.event
    @policy.policy(Action.READ_TICKETS)
    async def arm(self, token: str) -> None:
        self.ends = token

    @rx.event
    @policy.policy(Action.READ_TICKETS)
    async def hold(self) -> None:
        """Keep this tab's own event running until somebody frees it."""
        self.answered += 1
        yield
        await _free.wait()

    @rx.event
    @policy.policy(Action.READ_TICKETS)
    async def free(self) -> None:
        _free.set()

    @rx.event
    @policy.policy(Action.READ_TICKETS)
    async def as_usual(self, is_usual: bool) -> None:
        """Whether tabs that acted just now read for themselves."""
        live.EVENT_SECONDS = USUAL_SECONDS * 1000 if is_usual else 0.0
        self.answered += 1

    @rx.event
    @policy.policy(Action.READ_TICKETS)
    async def count(self) -> None:
        self.statements = SEPARATOR.join(_statements)

    async def _on_changes(self, actor: Actor, changes: Changes) -> None:
        self.told += 1
        if self.ends:
            await asyncio.to_thread(sessions.sign_out, self.ends)
            self.ends = ""


def _take_in(organization_id: int, subject: str) -> None:
    with db.reading(organization_id) as session:
        mailbox = session.exec(select(Mailbox).where(Mailbox.organization_id == organization_id)).one()
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"{subject}@customer.test", mailbox.address, subject
    made.set_content(subject)
    take_in(Actor.system(organization_id), mailbox.id or 0, made.as_bytes(), recipient=mailbox.address)


def _page() -> rx.Component:
    return rx.el.main(Panel.told, Desk.next_cursor, OpenTicket.opened)


app = rx.App(
    toaster=None,
    frontend_exception_handler=on_browser_error,
    backend_exception_handler=on_backend_error,
    api_transformer=protect,
)
app.add_page(_page, route="/", on_load=Desk.arrive)
app.add_middleware(guard.Guard(), index=0)
app.register_lifespan_task(live.watch, desk=app)
policy.check_registry()
