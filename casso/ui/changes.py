"""One batch of committed changes, and what the open screens read because of it: each thing once.

Handed to every `_on_changes` of one organization and dropped when the last screen has been
told, so nothing here is ever older than the batch. A reading is shared only between people of
the same sight and is made by nobody in particular, so it cannot hold what is one person's.
"""

import asyncio
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from casso.access import Actor
from casso.clock import ticks
from casso.queries.changes import ChangeRow
from casso.ui.bridge import call

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Changes:
    """Iterates over the changes. `account_ids` are the people whose screens are told of them.

    Everything is read after `began_at` (ticks of the clock).
    """

    def __init__(self, rows: Sequence[ChangeRow], account_ids: Collection[int]) -> None:
        self.began_at = ticks()
        self.account_ids = tuple(sorted(account_ids))
        self._rows = tuple(rows)
        self._readings: dict[Hashable, asyncio.Task[Any]] = {}

    def __iter__(self) -> Iterator[ChangeRow]:
        return iter(self._rows)

    def reads_alone(self, actor: Actor) -> bool:
        """Whether this person has nobody to share a reading with."""
        return len(self.account_ids) == 1 or actor.sight.account_id is not None

    def anew(self, account_id: int) -> "Changes":
        """The same changes for one person's screen, which reads for itself."""
        return Changes(self._rows, {account_id})

    async def read(
        self,
        function: Callable[Concatenate[Actor, Arguments], Result],
        actor: Actor,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """What a query says to everybody of the actor's sight; the first who asks has it read."""
        return await self._once(function, actor.sight, *args, **kwargs)

    async def read_own(
        self,
        function: Callable[Concatenate[Actor, Arguments], Result],
        actor: Actor,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """What a query says to this person; shared between the person's own screens only."""
        own = replace(actor.sight, account_id=actor.account_id)
        return await self._once(function, own, *args, **kwargs)

    async def _once(
        self,
        function: Callable[Concatenate[Actor, Arguments], Result],
        actor: Actor,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        asked = (function, actor, args, tuple(sorted(kwargs.items())))
        if asked not in self._readings:
            self._readings[asked] = asyncio.create_task(call(function, actor, *args, **kwargs))
        # One screen that goes away while waiting must not take the reading from the others.
        found: Result = await asyncio.shield(self._readings[asked])
        return found
