"""The live watcher: what one process commits, every open screen of that organization shows.

One task a web process, never one a tab. It looks for new `change` rows several
times a second and hands them to the states that asked for them with `@listens`,
in the tree of every connected browser of that organization. Who a tree belongs
to is looked up again at each push, so a session that ended gets nothing.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Protocol, TypeVar, runtime_checkable

import reflex as rx
from reflex.istate.manager.token import BaseStateToken
from reflex.state import BaseState

from casso.access import Actor
from casso.config import settings
from casso.enums import Queue
from casso.queries.changes import OVERLAP, ChangeRow, list_changes, newest_change
from casso.queries.shared_queues import list_queue_for
from casso.services.sessions import find_sessions
from casso.ui.bridge import first_in_line, in_thread
from casso.ui.changes import Changes
from casso.ui.guard import holds_session
from casso.ui.screens import Screen, forget_screen, is_connected, is_settled, screens_of

LOOK_EVERY_SECONDS = 0.1
# So many screens share one look-up of their sessions, made right before they are told.
AT_ONCE = 10
# An event of the screen's own this long ago may still have run when the batch was read.
EVENT_SECONDS = 2.0
# A screen whose own event runs longer than this is told when that is over; the others do not wait.
PATIENCE_SECONDS = 0.1
logger = logging.getLogger(__name__)


@runtime_checkable
class Listener(Protocol):
    """A state that shows things which others change."""

    async def _on_changes(self, actor: Actor, changes: Changes) -> None: ...


StateClass = TypeVar("StateClass", bound=type)
_listeners: list[type] = []
# What screens whose own event runs have not been told yet, and the tasks that will tell them.
_owed: dict[str, list[ChangeRow]] = {}
_late: set[asyncio.Task[None]] = set()


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
            after = mark if settings().is_sqlite else max(start, mark - OVERLAP)
            found = await in_thread(list_changes, after)
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
            mark = await in_thread(newest_change)
            await in_thread(_rehearse)
            return mark
        except Exception:
            logger.exception("changes unreadable", extra={"event": "live.unreadable"})
            await asyncio.sleep(LOOK_EVERY_SECONDS * 5)


def _rehearse() -> None:
    """Make the statements of a push before anybody waits for it: the first takes six times as long."""
    find_sessions(())
    for queue in (Queue.UNASSIGNED, Queue.OPEN, Queue.CLOSED):
        list_queue_for(Actor.system(0), (0,), queue)


async def _tell(app: rx.App, fresh: list[ChangeRow]) -> None:
    """Hand changes to the browsers of their organizations."""
    by_organization: dict[int, list[ChangeRow]] = defaultdict(list)
    for change in fresh:
        by_organization[change.organization_id].append(change)
    await asyncio.gather(*(_tell_organization(app, *found) for found in by_organization.items()))


async def _tell_organization(app: rx.App, organization_id: int, rows: list[ChangeRow]) -> None:
    """A few screens at a time; they share what they read."""
    screens = screens_of(organization_id, _tabs(app))
    changes = Changes(rows, {screen.account_id for screen in screens})
    for first in range(0, len(screens), AT_ONCE):
        try:
            await _tell_screens(app, screens[first : first + AT_ONCE], changes)
        except Exception:
            logger.exception("screens could not be refreshed", extra={"event": "live.failed"})


async def _tell_screens(app: rx.App, screens: Sequence[Screen], changes: Changes) -> None:
    """Who they belong to now is looked up for all of them, right before they are told."""
    actors = await first_in_line(find_sessions, {screen.session for screen in screens})
    await asyncio.gather(*(_refresh(app, screen, actors.get(screen.session), changes) for screen in screens))


async def _refresh(app: rx.App, screen: Screen, actor: Actor | None, changes: Changes) -> None:
    """Tell a screen, or put it off while its own event runs."""
    if screen.token in _owed:
        _owed[screen.token] += changes
        return
    patience = asyncio.timeout(PATIENCE_SECONDS)
    try:
        async with patience, _tree(app, screen) as root:
            patience.reschedule(None)
            if not is_settled(screen.token, changes.began_at - EVENT_SECONDS):
                changes = changes.anew(screen.account_id)
            await _hand_over(app, root, screen, actor, changes)
    except Exception:
        if not patience.expired():
            logger.exception("a screen could not be refreshed", extra={"event": "live.failed"})
            return
        _owed[screen.token] = list(changes)
        _late.add(late := asyncio.create_task(_refresh_late(app, screen)))
        late.add_done_callback(_late.discard)


async def _refresh_late(app: rx.App, screen: Screen) -> None:
    """Tell a screen everything it missed, once its own event is over."""
    try:
        async with AsyncExitStack() as opened:
            try:
                root = await opened.enter_async_context(_tree(app, screen))
            finally:
                rows = _owed.pop(screen.token)
            actors = await first_in_line(find_sessions, {screen.session})
            changes = Changes(rows, {screen.account_id})
            await _hand_over(app, root, screen, actors.get(screen.session), changes)
    except Exception:
        logger.exception("a screen could not be refreshed", extra={"event": "live.failed"})


async def _hand_over(
    app: rx.App, root: BaseState, screen: Screen, actor: Actor | None, changes: Changes
) -> None:
    """Let the states of a tree show what changed, if it still belongs to whom the screen was noted for."""
    if (
        actor is None
        or (actor.organization_id, actor.account_id) != (screen.organization_id, screen.account_id)
        or not is_connected(screen, _tabs(app))
        or not await holds_session(root, screen.session)
    ):
        forget_screen(screen)
        return
    for listener in _listeners:
        await (await root.get_state(listener))._on_changes(actor, changes)


def _tree(app: rx.App, screen: Screen) -> AbstractAsyncContextManager[BaseState]:
    """The screen's state tree, locked; what changed in it is sent at the end."""
    return app.modify_state(BaseStateToken(ident=screen.token, cls=rx.State))


def _tabs(app: rx.App) -> Mapping[str, str]:
    """The tabs that are connected to this process, by socket."""
    return app.event_namespace.sid_to_token if app.event_namespace else {}
