"""A desk with holes of every kind, for the probe to find: composed like casso/casso.py, from few screens."""

import reflex as rx
from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from casso.access import across_organizations
from casso.db import reading, transaction
from casso.models import Attachment, Message, Ticket
from casso.rules.permissions import Action
from casso.ui import guard, live, policy
from casso.ui.bridge import call
from casso.ui.inbox.desk_state import Desk
from casso.ui.me import Me
from casso.ui.problems import on_backend_error, on_browser_error
from casso.web.asgi import protect
from casso.web.router import Who, route


def _body(message_id: int) -> str:
    with reading() as session, across_organizations(session, "planted"):
        return session.exec(select(Message.text).where(col(Message.id) == message_id)).first() or ""


def _spoil(ticket_id: int) -> None:
    with transaction() as session, across_organizations(session, "planted"):
        found = session.get(Ticket, ticket_id)
        if found is not None:
            found.priority = "urgent" if found.priority != "urgent" else "low"


def _file_exists(public_id: str) -> bool:
    with reading() as session, across_organizations(session, "planted"):
        found = session.exec(select(Attachment.id).where(Attachment.public_id == public_id)).first()
        return found is not None


class Leaky(rx.State):
    """Two handlers that forget whose things they are asked for, and one that does not."""

    body: str = ""

    @rx.event
    @policy.policy(Action.READ_TICKETS)
    async def peek(self, message_id: int) -> None:
        self.body = await call(_body, message_id)

    @rx.event
    @policy.policy(Action.WRITE_TICKETS)
    async def spoil(self, number: int) -> None:
        await call(_spoil, number)

    @rx.event
    @policy.policy(Action.READ_TICKETS)
    async def tight(self, number: int) -> None:
        self.body = f"nothing of {number}"


@route("/leaky/body/{number:int}", who=Who.SESSION)
async def leaky_body(request: Request) -> Response:
    return PlainTextResponse(_body(request.path_params["number"]) or "not found")


@route("/leaky/oracle/{public_id}", who=Who.SESSION)
async def leaky_oracle(request: Request) -> Response:
    is_there = _file_exists(request.path_params["public_id"])
    return PlainTextResponse("no", status_code=403 if is_there else 404)


def _page() -> rx.Component:
    return rx.el.main(Leaky.body)


app = rx.App(
    toaster=None,
    frontend_exception_handler=on_browser_error,
    backend_exception_handler=on_backend_error,
    api_transformer=protect,
)
for path in ("/", "/tickets/[number]", "/settings/[page]"):
    app.add_page(_page, route=path, on_load=[Me.arrive, Desk.tally])
app.add_middleware(guard.Guard(), index=0)
app.register_lifespan_task(live.watch, desk=app)
policy.check_registry()
