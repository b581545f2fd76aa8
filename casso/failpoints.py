"""Places where a test lets the process die or fail, to see that nothing is lost or doubled.

Off unless CASSO_FAILPOINT=name:n:kill|raise is set: then the n-th passage of
that name kills this process (SIGKILL, like a power cut) or raises Failpoint.
"""

import os
import signal

_passages: dict[str, int] = {}


class Failpoint(Exception):
    """The planted failure."""


def failpoint(name: str) -> None:
    """Pass a named place; nothing happens unless this one was asked for."""
    wanted = os.environ.get("CASSO_FAILPOINT")
    if not wanted:
        return
    target, number, action = wanted.split(":")
    if target != name:
        return
    _passages[name] = _passages.get(name, 0) + 1
    if _passages[name] != int(number):
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise Failpoint(name)
