"""Which process holds a lease, and whether that process still runs; answered for this machine alone.

A mark names the running system, its space of process ids, the data folder, the process and the
moment it started, so a process id that was given out again is another process. About a
process elsewhere (another machine, another container, a system without /proc) nothing is
said: its leases run out by themselves.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from casso.config import settings

_PROC = Path("/proc")
_ENDED = ("Z", "X")  # proc(5): waiting to be reaped by its parent, dead


@dataclass(frozen=True, slots=True)
class _Seen:
    """A process as the kernel describes it: its state, and its start in ticks since the boot."""

    state: str
    start: str


def place() -> str:
    """What the marks of this machine and data folder begin with; empty where no process can be told apart."""
    system = _system()
    if not system:
        return ""
    return hashlib.sha256(f"{system} {settings().data_dir}".encode()).hexdigest()[:16] + "."


def new_mark() -> str:
    """A mark for one lease of this process; no two are the same."""
    seen = _look_at(os.getpid())
    nonce = secrets.token_hex(8)
    return f"{place()}{os.getpid()}.{seen.start}.{nonce}" if place() and seen else nonce


def is_gone(mark: str) -> bool:
    """Whether the process behind a mark of this place has ended; False when that cannot be known."""
    here = place()
    parts = mark.removeprefix(here).split(".")
    if not here or not mark.startswith(here) or len(parts) != 3 or not parts[0].isdecimal():
        return False
    pid, start = int(parts[0]), parts[1]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        pass  # it runs as somebody else
    seen = _look_at(pid)
    return seen is not None and (seen.start != start or seen.state in _ENDED)


@cache
def _system() -> str:
    """This boot of this machine, and the space in which its process ids count."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip() + os.readlink(_PROC / "self/ns/pid")
    except OSError:
        return ""


def _look_at(pid: int) -> _Seen | None:
    """State and start (proc(5), fields 3 and 22); the name before them may hold anything, brackets too."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        return _Seen(state=fields[0], start=fields[19])
    except (OSError, IndexError):
        return None
