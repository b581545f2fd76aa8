"""Notices every transaction of the product that writes something and leaves no line in the trail.

It listens to the statements of a test's database: what a service wrote (any column that
is not bookkeeping, see below) needs a `trail_entry` in the same transaction. So each test
of a service is also a test of its trail, and a new service is watched from its first test.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Engine, event

WRITE = re.compile(r'\s*(INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?(.*)', re.DOTALL | re.IGNORECASE)
SET = re.compile(r"\sSET\s+(.*?)(?:\sWHERE\s|\sRETURNING\s|$)", re.DOTALL | re.IGNORECASE)
SERVICES = str(Path(__file__).parents[1] / "casso" / "services")

# Tables that are nobody's act, each with its reason.
BOOKKEEPING_TABLES = {
    "change": "tells open screens of an act",
    "check_run": "the desk looks at itself",
    "heartbeat": "a sign of life",
    "intent": "marks an act as done",
    "known_device": "a browser that signed in; the sign-in has its line",
    "link_token": "a link on its way; what it opens has its line",
    "notice": "a mail about an act",
    "outgoing": "one recipient's mail; what fails or stays unknown has its line",
    "read_mark": "reading changes nothing for others",
    "search_document": "follows its message",
    "spooled_mail": "a mail on its way in; what becomes of it has its line",
    "throttle": "counts tries; each failure has its line",
    "trail_check": "the trail about itself",
    "trail_checkpoint": "the trail about itself: signed",
    "trail_detail": "the trail about itself: shortened, erased",
    "trail_entry": "the trail itself",
    "trail_head": "the trail about itself",
    "usage_event": "counts that a person agreed to, which has its line, and may delete",
    "webhook_receipt": "marks an answer as used",
}
# The same for single columns; `+` and `-` are rows that come and go.
BOOKKEEPING_COLUMNS = {
    "authenticator.+": "counts only once confirmed",
    "authenticator.-": "a secret never confirmed; one that counts goes with its watched spare codes",
    "authenticator.created_at": "a secret never confirmed is made anew",
    "authenticator.last_step": "a code cannot be used twice",
    "authenticator.secret_sealed": "a secret never confirmed is made anew",
    "imap_account.checked_at": "polling",
    "imap_account.error_code": "polling",
    "imap_account.failures": "polling",
    "imap_account.last_uid": "polling",
    "imap_account.lease_owner": "polling",
    "imap_account.lease_until": "polling",
    "imap_account.next_poll_at": "polling",
    "imap_account.uid_validity": "polling",
    "linked_identity.last_used_at": "the sign-in has its line",
    "invitation.-": "used up by whoever joins, which has its line, or over",
    "message.delivery": "what the mail server said; failed and uncertain have their line",
    "message.delivery_error": "what the mail server said",
    "message.sent_at": "what the mail server said",
    "passkey.last_used_at": "the sign-in has its line",
    "passkey.sign_count": "the sign-in has its line",
    "recovery_code.-": "used at a sign-in, which has its line, or made anew, which has too",
    "sign_in.expires_at": "shortened when the clock was set back",
    "sign_in.last_seen_at": "a visit",
    "sign_in.proved_at": "a password shown once more",
}
# What one service alone may write without a line.
SERVICES_MAY = {
    "accounts.disable_account": "an account of no organization is in nobody's trail",
    "attachments.store_upload": "an upload waits for the message that takes it",
    "login.check_password": "the same password under a stronger hash",
    "login.sign_in": "the same password under a stronger hash",
    "sessions.find_session": "a session that reached its limit",
    "sessions.find_sessions": "a session that reached its limit",
    "login_sweeping.sweep_login": "sessions, links and invitations that are over",
    "sealing.turn_keys": "the same secret under another key; the console tells how many",
    "sealing.require_key": "the mark of the key",
    "sweeping.sweep": "what was kept for a while only",
}
# Folders and modules that act for nobody.
NOBODYS = ("bench/", "demo", "probe/")


@dataclass(slots=True)
class _Written:
    """What one connection wrote since its transaction began."""

    acts: dict[str, set[str]] = field(default_factory=dict)
    has_line: bool = False


@contextmanager
def watched(engine: Engine) -> Iterator[list[str]]:
    """The list of what was written without a line; it grows while the block runs."""
    missing: list[str] = []
    open_now: dict[int, _Written] = {}

    def note(connection: Any, _cursor: object, sql: str, *_rest: object) -> None:
        found = WRITE.match(sql)
        if not found:
            return
        here = open_now.setdefault(id(connection.connection.dbapi_connection), _Written())
        if found[2] == "trail_entry":
            here.has_line = True
        written = audited(found[1].upper(), found[2], found[3])
        service = _service(sys._getframe())
        if written and service:
            here.acts.setdefault(service, set()).update(written)

    def end(connection: Any) -> None:
        here = open_now.pop(id(connection.connection.dbapi_connection), None)
        if here is not None and not here.has_line:
            missing.extend(f"{name} wrote {', '.join(sorted(what))}" for name, what in here.acts.items())

    def forget(connection: Any) -> None:
        open_now.pop(id(connection.connection.dbapi_connection), None)

    listeners = (("before_cursor_execute", note), ("commit", end), ("rollback", forget))
    for name, act in listeners:
        event.listen(engine, name, act)
    try:
        yield missing
    finally:
        for name, act in listeners:
            event.remove(engine, name, act)


def audited(verb: str, table: str, rest: str) -> set[str]:
    """What of a statement counts as an act: `table.column`, `table.+` or `table.-`."""
    if table in BOOKKEEPING_TABLES:
        return set()
    if verb == "UPDATE":
        settings = SET.search(" " + rest)
        columns = re.findall(r'"?(\w+)"?\s*=', settings[1]) if settings else []
        named = {f"{table}.{column}" for column in columns}
    else:
        named = {f"{table}.{'+' if verb == 'INSERT INTO' else '-'}"}
    return named - BOOKKEEPING_COLUMNS.keys()


def _service(frame: FrameType | None) -> str:
    """The outermost function of casso/services on the stack, as module.function; empty if there is none.

    A function that takes the caller's session is part of an act: when a test calls it, the act is
    the test's own.
    """
    name = ""
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(SERVICES) and not code.co_name.startswith("<"):
            module = code.co_filename.removeprefix(SERVICES + "/").removesuffix(".py")
            is_part = code.co_varnames[:1] == ("session",)
            name = "" if is_part or module.startswith(NOBODYS) else f"{module}.{code.co_name}"
        frame = frame.f_back
    return "" if name in SERVICES_MAY else name
