"""A state tree as a browser tab has it, for tests that await handlers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import reflex as rx
from reflex.istate.data import ReflexURL, URLData

from casso.access import Actor
from casso.ui import guard
from casso.ui.inbox.chunks import CHUNKS
from casso.ui.inbox.desk_state import Rows
from casso.ui.inbox.ticket_state import OpenTicket

StateClass = TypeVar("StateClass", bound=rx.State)


@dataclass(slots=True)
class Screen:
    """A state tree as a browser tab has it, with somebody signed in."""

    root: rx.State

    async def get(self, kind: type[StateClass]) -> StateClass:
        return await self.root.get_state(kind)

    def goes_to(self, address: str) -> None:
        self.root.rx_router_url = URLData.from_url(ReflexURL("http://desk.example" + address))

    async def shown(self) -> list[int]:
        rows = await self.get(Rows)
        return [row.number for index in range(CHUNKS) for row in getattr(rows, f"rows_{index}")]

    async def opens(self, address: str) -> OpenTicket:
        self.goes_to(address)
        open_ticket = await self.get(OpenTicket)
        async for _ in OpenTicket.arrive.fn(open_ticket):
            pass
        return open_ticket


def signed_in(actor: Actor) -> Iterator[Screen]:
    token = guard._actor.set(actor)
    try:
        yield Screen(rx.State(_reflex_internal_init=True))
    finally:
        guard._actor.reset(token)
