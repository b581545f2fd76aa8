"""The durable inbound spool: one file a mail, on disk before anybody is told that it was taken.

A spool id names source, envelope recipient and content, so the same mail again is the
same file and the same bytes to two recipients are two. Order of arrival is the file's
time, remembered per process, so a long queue costs one listing and not one look a file.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path
from typing import Protocol

from casso import clock
from casso.config import settings
from casso.errors import GatewayError
from casso.failpoints import failpoint
from casso.values.mail import Envelope

QUARANTINE = "quarantine"
UNROUTED = "unrouted"

PEEKED_BYTES = 64 * 1024
_LINE_LIMIT = 64 * 1024
_INCOMING = "incoming"
_TEMPORARY = ".part-"
_ID = re.compile(r"[0-9a-f]{64}")
_FULL = (ENOSPC, EDQUOT, EFBIG)
_arrival_times: dict[str, float] = {}


class SpoolFull(GatewayError):
    """Nothing was stored: the disk is full or does not take writes. The sender must keep the mail."""

    def __init__(self, reason: OSError) -> None:
        code = "spool_full" if reason.errno in _FULL else "spool_failed"
        text = f"The mail could not be stored ({reason.strerror or reason})"
        super().__init__(text, permanent=False, code=code)


class Store(Protocol):
    """What the listeners call for every mail; `store` below is the one real implementation."""

    def __call__(
        self, raw: bytes, *, source: str, recipient: str, sender: str, detail: str, received_at: datetime
    ) -> str: ...


def spool_id(source: str, recipient: str, digest: str) -> str:
    """The name of a mail: the same for the same source, recipient (any case) and content."""
    return hashlib.sha256(json.dumps([source, recipient.lower(), digest]).encode()).hexdigest()


def store(
    raw: bytes, *, source: str, recipient: str, sender: str = "", detail: str = "", received_at: datetime
) -> str:
    """Put a mail on disk and return its spool id; only then may it be acknowledged. Raises SpoolFull."""
    digest = hashlib.sha256(raw).hexdigest()
    name = spool_id(source, recipient, digest)
    header = {
        "source": source,
        "recipient": recipient.lower(),
        "sender": sender,
        "digest": digest,
        "received_at": received_at.astimezone(UTC).isoformat(),
        "detail": detail,
    }
    with _disk_errors():
        folder = _folder(_INCOMING)
        if not (folder / name).exists():
            _write_whole(folder / name, json.dumps(header).encode() + b"\n" + raw, received_at.timestamp())
        _sync_folder(folder)
    failpoint("spool.stored")
    return name


def waiting(limit: int = 100) -> list[str]:
    """Ids of the mails that wait, oldest first."""
    found = _listed()
    return sorted(found, key=lambda name: (found[name], name))[:limit]


def count_waiting() -> int:
    """How many mails wait."""
    return len(_listed())


def age_of_oldest() -> float:
    """Seconds that the oldest mail has waited; 0 when none waits."""
    found = _listed()
    return max(0.0, clock.now().timestamp() - min(found.values())) if found else 0.0


def read(spool_id: str, folder: str = _INCOMING) -> tuple[Envelope, bytes]:
    """A stored mail, bytes as they came. Raises GatewayError when it is gone or damaged."""
    try:
        content = path(spool_id, folder).read_bytes()
    except FileNotFoundError:
        raise _gone() from None
    except OSError as error:
        text = f"The spool cannot be read ({error.strerror})"
        raise GatewayError(text, permanent=False, code="spool_failed") from error
    line, _, raw = content.partition(b"\n")
    envelope = _envelope(line)
    if hashlib.sha256(raw).hexdigest() != envelope.digest:
        raise _damaged()
    return envelope, raw


def peek(spool_id: str, folder: str) -> tuple[Envelope, bytes, int]:
    """Envelope, first bytes and size of a kept mail, not compared with its hash. Raises GatewayError."""
    try:
        with path(spool_id, folder).open("rb") as file:
            line = file.readline(_LINE_LIMIT)
            size = os.fstat(file.fileno()).st_size - len(line)
            return _envelope(line), file.read(PEEKED_BYTES), size
    except OSError as error:
        raise _gone() from error


def _envelope(line: bytes) -> Envelope:
    try:
        fields = json.loads(line)
        return Envelope(**(fields | {"received_at": datetime.fromisoformat(fields["received_at"])}))
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged() from error


def remove(spool_id: str, folder: str = _INCOMING) -> None:
    """Forget a mail that has become a ticket; removing it twice changes nothing."""
    path(spool_id, folder).unlink(missing_ok=True)


def path(spool_id: str, folder: str = _INCOMING) -> Path:
    """Where a mail lies. Raises GatewayError for anything that is not a spool id."""
    if not _ID.fullmatch(spool_id):
        raise _gone()
    return _folder(folder) / spool_id


def keep_aside(spool_id: str, folder: str) -> None:
    """Take a mail out of the queue but keep it: QUARANTINE (cannot be parsed) or UNROUTED (nobody's)."""
    _move(spool_id, _INCOMING, folder)


def bring_back(spool_id: str, folder: str) -> None:
    """Put a mail that was kept aside into the queue again."""
    _move(spool_id, folder, _INCOMING)


def kept_aside(folder: str) -> list[str]:
    """Ids of the mails kept in QUARANTINE or UNROUTED."""
    return sorted(entry.name for entry in os.scandir(_folder(folder)) if _ID.fullmatch(entry.name))


def sweep_leftovers(older_than_seconds: float = 3600) -> int:
    """Remove half-written files that a crash left behind; returns how many."""
    limit = clock.now().timestamp() - older_than_seconds
    swept = 0
    for entry in os.scandir(_folder(_INCOMING)):
        with suppress(FileNotFoundError):
            if entry.name.startswith(_TEMPORARY) and entry.stat().st_mtime < limit:
                os.unlink(entry.path)
                swept += 1
    return swept


def _folder(name: str) -> Path:
    if name not in (_INCOMING, QUARANTINE, UNROUTED):
        raise ValueError(f"no such spool folder: {name}")
    folder = settings().spool_dir / name
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.parent.chmod(0o700)
        _sync_folder(folder.parent)
    return folder


def _listed() -> dict[str, float]:
    """The waiting ids with their times; only names not seen before are looked at."""
    found: dict[str, float] = {}
    for entry in os.scandir(_folder(_INCOMING)):
        if not _ID.fullmatch(entry.name):
            continue
        known = _arrival_times.get(entry.path)
        with suppress(FileNotFoundError):
            found[entry.name] = known if known is not None else entry.stat().st_mtime
            _arrival_times[entry.path] = found[entry.name]
    if len(_arrival_times) > 2 * len(found) + 1000:
        _arrival_times.clear()
    return found


def _write_whole(target: Path, content: bytes, modified_at: float) -> None:
    """Write under a temporary name, sync, rename: the target is whole or absent."""
    temporary = target.with_name(f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.utime(handle, (modified_at, modified_at))
            os.fsync(handle)
        failpoint("spool.written")
        temporary.rename(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _move(spool_id: str, source: str, target: str) -> None:
    try:
        os.replace(path(spool_id, source), path(spool_id, target))
    except FileNotFoundError:
        raise _gone() from None
    with _disk_errors():
        _sync_folder(_folder(target))
        _sync_folder(_folder(source))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _gone() -> GatewayError:
    return GatewayError("This mail is no longer in the spool", permanent=True, code="spool_missing")


def _damaged() -> GatewayError:
    return GatewayError("The spooled mail is damaged", permanent=True, code="spool_damaged")


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SpoolFull(error) from error
