"""In front of every event: whose browser is this, is the state tree theirs, may they call this.

Cookie → session (looked up at every event, because a socket's headers never
change) → the tree is reset when it belonged to another session → the handler's
policy → the arguments. Whatever is not allowed by name is refused.
"""

import logging
from collections import deque
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie

import reflex as rx
from reflex.app import App
from reflex.istate.manager import get_state_manager
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import BaseStateToken
from reflex.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event

from casso.access import Actor
from casso.clock import ticks
from casso.config import settings
from casso.errors import NotAllowed
from casso.gateways.limiter import EVENTS_OF_SESSION, EVENTS_OF_STRANGER, take
from casso.services.sessions import digest, find_session
from casso.ui import policy
from casso.ui.bridge import first_in_line
from casso.ui.leave import Leave
from casso.ui.screens import note_screen
from casso.ui.usage import note_event

logger = logging.getLogger(__name__)
_actor: ContextVar[Actor | None] = ContextVar("casso_actor", default=None)
SIGN_IN_PATH = "/sign-in"
costs: deque[float] = deque(maxlen=500)
"""What the last events had to wait for here, in milliseconds; pulse.py tells their middle."""


class Bound(rx.State):
    """Which session the state tree belongs to; never leaves the server."""

    _session: str = ""


def current_actor() -> Actor:
    """Who called the running handler. Raises NotAllowed outside a handler that needs a session."""
    found = _actor.get()
    if found is None:
        raise NotAllowed()
    return found


async def holds_session(root: BaseState, session: str) -> bool:
    """Whether a state tree belongs to this session (a digest)."""
    bound = await root.get_state(Bound)
    return bound._session == session == digest(session_cookie(root))


class Guard(Middleware):
    """The middleware itself; any exception here means that the handler does not run."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """None lets the event through; an update answers in its place."""
        begun = ticks()
        try:
            return await _judge(state, event)
        finally:
            costs.append((ticks() - begun) * 1000)


async def _judge(state: BaseState, event: Event) -> StateUpdate | None:
    _actor.set(None)
    cookie = session_cookie(state)
    actor = await first_in_line(find_session, cookie) if cookie else None
    was_reset = await _bind(state, digest(cookie) if actor is not None else "nobody")
    if actor is None:
        (await state.get_state(Leave)).to = SIGN_IN_PATH
    reason = _refusal(event, actor) or await _too_many(state, actor, cookie)
    if reason:
        seen = {"event": "ui.refused", "handler": event.name[:120], "why": reason}
        logger.warning("event refused", extra=seen)
        return await _answer_refused(state, must_tell=actor is None or was_reset)
    _actor.set(actor)
    if actor is not None:
        tab = state.router.session
        note_event(actor, event.name)
        note_screen(tab.client_token, tab.session_id, actor, digest(cookie))
    return None


def session_cookie(state: BaseState) -> str:
    """The session token that the socket's handshake carried, or an empty string."""
    return cookie_of(state, settings().session_cookie)


def cookie_of(state: BaseState, name: str) -> str:
    """A cookie that the socket's handshake carried, or an empty string."""
    header = state.router_data.get("headers", {}).get("cookie", "")
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _refusal(event: Event, actor: Actor | None) -> str:
    """Why the event may not run; empty when it may. Valid arguments replace the payload in place."""
    found = policy.policy_of(event.name)
    if found is None:
        return "undeclared"
    if not found.admits(actor):
        return "signed out" if actor is None else "role"
    arguments = policy.checked_arguments(found, event.payload)
    if arguments is None:
        return "arguments"
    event.payload.clear()
    event.payload.update(arguments)
    return ""


async def _too_many(root: BaseState, actor: Actor | None, cookie: str) -> str:
    """One session counts as one however many tabs it has; strangers count by their network."""
    if actor is not None:
        return "" if await take(EVENTS_OF_SESSION, digest(cookie)) else "too many"
    return "" if await take(EVENTS_OF_STRANGER, str(root.router_data.get("ip", ""))) else "too many"


async def _bind(root: BaseState, session: str) -> bool:
    """Tie the tree to this session; when it was another's, forget everything in it first."""
    bound = await root.get_state(Bound)
    if bound._session == session:
        return False
    was_used = bool(bound._session)
    if was_used:
        await _load_all(root)
        root.reset()
    bound._session = session
    return was_used


async def _load_all(root: BaseState) -> None:
    """Fetch the rest of the tree. From Redis comes what one handler needs, and reset() forgets that alone."""
    manager = get_state_manager()
    if isinstance(manager, StateManagerRedis):
        whole = BaseStateToken(ident=root.router.session.client_token, cls=type(root))
        await manager.get_state(whole, for_state_instance=root)


async def _answer_refused(root: BaseState, *, must_tell: bool) -> StateUpdate:
    """What a refused caller gets: the emptied tree if it was reset, the way to sign-in if signed out."""
    if not must_tell:
        return StateUpdate()
    delta = await root._get_resolved_delta()
    root._clean()
    return StateUpdate(delta=delta)
