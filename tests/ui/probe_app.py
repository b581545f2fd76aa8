"""A desk with one small screen, composed like casso/casso.py, to attack the guard with."""

import reflex as rx

from casso.enums import Priority
from casso.rules.permissions import Action
from casso.ui import guard, policy
from casso.ui.problems import on_backend_error, on_browser_error
from casso.web.asgi import protect


class Probe(rx.State):
    """Holds one secret and counts what really ran."""

    secret: str = ""
    ran: int = 0
    last: str = ""

    @rx.event
    @policy.policy(Action.READ_TICKETS)
    async def load(self) -> None:
        self.secret = f"canary of {guard.current_actor().email}"

    @rx.event
    @policy.policy(Action.WRITE_TICKETS)
    async def write(self, number: int, text: str, priority: Priority = Priority.NORMAL) -> None:
        self.ran += 1
        self.last = f"{number} {text} {priority!r}"

    @rx.event
    @policy.policy(policy.Who.SIGNED_IN)
    async def who(self) -> None:
        self.last = guard.current_actor().email

    @rx.event
    @policy.policy(policy.Who.ANYONE)
    async def hello(self) -> None:
        self.ran += 1

    @rx.event(background=True)
    @policy.policy(Action.WRITE_TICKETS)
    async def slow(self) -> None:
        async with self:
            self.ran += 1

    @rx.event
    @policy.policy(Action.READ_TICKETS)
    async def chain(self) -> object:
        return Probe.write(7, "chained")


def _page() -> rx.Component:
    return rx.el.main(Probe.secret)


app = rx.App(
    toaster=None,
    frontend_exception_handler=on_browser_error,
    backend_exception_handler=on_backend_error,
    api_transformer=protect,
)
app.add_page(_page, route="/", on_load=Probe.load)
app.add_middleware(guard.Guard(), index=0)
policy.check_registry()
