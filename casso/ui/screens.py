"""Which connected browsers act for which organization: noted by the guard, read by the live watcher.

A note is a hint for the watcher, never a permission: who a state tree belongs
to is looked up again before anything is pushed.
"""

from collections.abc import Collection

_screens: dict[str, int] = {}


def note_screen(token: str, organization_id: int) -> None:
    """This browser tab just acted for this organization."""
    _screens[token] = organization_id


def forget_screen(token: str) -> None:
    """This tab is told nothing more."""
    _screens.pop(token, None)


def screens_of(organization_ids: Collection[int], connected: Collection[str]) -> list[tuple[str, int]]:
    """Connected tabs of these organizations; tabs that are gone are forgotten on the way."""
    for token in [token for token in _screens if token not in connected]:
        del _screens[token]
    return [(token, found) for token, found in _screens.items() if found in organization_ids]
