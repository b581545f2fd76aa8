"""The live watcher: what one process commits, every open screen of that organization shows.

One task a web process, never one a tab. It looks for new `change` rows several
times a second and hands them to the states that asked for them with `@listens`,
in the tree of every connected browser of that organization. Who a tree belongs
to is looked up again at each push, so a session that ended gets nothing.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

import reflex as rx
from reflex.istate.manager.token import BaseStateToken

from casso.access import Actor
from casso.config import settings
from casso.queries.changes import OVERLAP, ChangeRow, list_changes, newest_change
from casso.ui.bridge import in_thread
from casso.ui.guard import actor_of_tree
from casso.ui.screens import forget_screen, screens_of

LOOK_EVERY_SECONDS = 0.1
# More at once only fight for the interpreter: 16 took half as long again until the last screen had it.
AT_ONCE = 2
logger = logging.getLogger(__name__)


@runtime_checkable
class Listener(Protocol):
    """A state that shows things which others change."""

    async def _on_changes(self, actor: Actor, changes: Sequence[ChangeRow]) -> None: ...


StateClass = TypeVar("StateClass", bound=type)
_listeners: list[type] = []


def listens(state: StateClass) -> StateClass:
    """Class decorator: call the state's `_on_changes` when its organization changed."""
    _listeners.append(state)
    return state


async def watch(desk: rx.App) -> None:
    """Look for changes until the process stops. A failure is logged, and looked at again."""
    mark = start = await _first_mark()
    seen: deque[int] = deque(maxlen=OVERLAP * 2)
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        try:
            is_quiet = settings().is_sqlite and await in_thread(newest_change) <= mark
            found = () if is_quiet else await in_thread(list_changes, max(start, mark - OVERLAP))
        except Exception:
            logger.exception("changes unreadable", extra={"event": "live.unreadable"})
            continue
        fresh = [change for change in found if change.id not in seen]
        seen.extend(change.id for change in fresh)
        mark = max([mark, *(change.id for change in fresh)])
        if fresh:
            await _tell(desk, fresh)


async def _first_mark() -> int:
    """Where to begin; a database that is not there yet is waited for."""
    while True:
        try:
            return await in_thread(newest_change)
        except Exception:
            logger.exception("changes unreadable", extra={"event": "live.unreadable"})
            await asyncio.sleep(LOOK_EVERY_SECONDS * 5)


async def _tell(app: rx.App, fresh: list[ChangeRow]) -> None:
    """Hand changes to the browsers of their organizations, a few at a time."""
    by_organization: dict[int, list[ChangeRow]] = defaultdict(list)
    for change in fresh:
        by_organization[change.organization_id].append(change)
    connected = app.event_namespace.token_to_sid if app.event_namespace else {}
    gate = asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(
        *(
            _refresh(app, gate, token, by_organization[organization])
            for token, organization in screens_of(by_organization, connected)
        )
    )


async def _refresh(app: rx.App, gate: asyncio.Semaphore, token: str, changes: list[ChangeRow]) -> None:
    async with gate:
        try:
            async with app.modify_state(BaseStateToken(ident=token, cls=rx.State)) as root:
                actor = await actor_of_tree(root)
                if actor is None or actor.organization_id != changes[0].organization_id:
                    forget_screen(token)
                    return
                for listener in _listeners:
                    state = await root.get_state(listener)
                    await state._on_changes(actor, changes)
        except Exception:
            logger.exception("a screen could not be refreshed", extra={"event": "live.failed"})
