"""Which connected browsers act for whom: noted by the guard, read by the live watcher.

A note is a hint for the watcher, never a permission: who a state tree belongs
to is looked up again before anything is pushed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from casso.access import Actor
from casso.clock import ticks


@dataclass(frozen=True, slots=True)
class Screen:
    """A browser tab and the socket that its newest event came by; `acted_at` is in ticks of the clock.

    `session` is the digest of the cookie's token. A tab's own token is no secret: whoever connects
    with it has another socket, and is told nothing before the guard has seen them.
    """

    token: str
    socket: str
    organization_id: int
    account_id: int
    session: str
    acted_at: float


_screens: dict[str, Screen] = {}


def note_screen(token: str, socket: str, actor: Actor, session: str) -> None:
    """This browser tab just acted for this person."""
    account_id = actor.account_id or 0
    _screens[token] = Screen(token, socket, actor.organization_id, account_id, session, ticks())


def forget_screen(screen: Screen) -> None:
    """This tab is told nothing more, unless it has acted again since it was noted so."""
    if _screens.get(screen.token) == screen:
        del _screens[screen.token]


def is_settled(token: str, moment: float) -> bool:
    """Whether a tab's newest event began before that moment."""
    found = _screens.get(token)
    return found is not None and found.acted_at < moment


def is_connected(screen: Screen, tokens: Mapping[str, str]) -> bool:
    """Whether the tab still has its socket; `tokens` are the connected tabs by socket."""
    return tokens.get(screen.socket) == screen.token


def screens_of(organization_id: int, tokens: Mapping[str, str]) -> list[Screen]:
    """Connected tabs of this organization; tabs that are gone are forgotten on the way."""
    for screen in [screen for screen in _screens.values() if not is_connected(screen, tokens)]:
        del _screens[screen.token]
    return [screen for screen in _screens.values() if screen.organization_id == organization_id]
