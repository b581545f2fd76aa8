"""Files behind one small protocol: a local folder, or an S3-compatible store when one is configured.

A key is random and begins with its organization; neither name nor type of a file is
part of it, and nothing but a well-formed key ever becomes a path.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from casso.config import Settings, settings
from casso.errors import GatewayError
from casso.gateways.local_files import LocalFiles

_KEY = re.compile(r"org/[1-9][0-9]{0,18}/[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Page:
    """Some stored files in the order of their keys, each with the moment it was written.

    `until` is where the next page goes on; empty after the last one.
    """

    written_at: dict[str, datetime]
    until: str


class FileStore(Protocol):
    """What both stores do with a key that was checked before. They raise GatewayError only."""

    def put(self, key: str, data: bytes) -> None: ...

    def get(self, key: str) -> bytes: ...

    def open_stream(self, key: str) -> Iterator[bytes]: ...

    def delete(self, key: str) -> None: ...

    def exists(self, key: str) -> bool: ...

    def list_after(self, place: str, limit: int) -> list[tuple[str, datetime]]: ...

    def remove_halves(self, before: datetime) -> int: ...


def put(organization_id: int, data: bytes) -> str:
    """Store bytes durably and return their new key."""
    key = new_key(organization_id)
    _store(settings()).put(key, data)
    return key


def new_key(organization_id: int) -> str:
    """A key nobody can guess, of that organization."""
    return checked_key(f"org/{organization_id}/{secrets.token_hex(16)}")


def get(key: str, *, sha256: str = "") -> bytes:
    """The stored bytes; with `sha256` (hex) given, damaged bytes raise instead of being returned."""
    data = _store(settings()).get(checked_key(key))
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise GatewayError("The stored file is damaged", permanent=True, code="file_damaged")
    return data


def open_stream(key: str) -> Iterator[bytes]:
    """The stored bytes in pieces; a missing file raises here, not at the first piece."""
    return _store(settings()).open_stream(checked_key(key))


def delete(key: str) -> None:
    """Remove a file; removing it twice changes nothing."""
    _store(settings()).delete(checked_key(key))


def exists(key: str) -> bool:
    """Whether the bytes are there."""
    return _store(settings()).exists(checked_key(key))


def list_page(*, after: str = "", limit: int = 500) -> Page:
    """Files behind a place in the order of keys; what is not ours in a shared bucket is passed over."""
    found = _store(settings()).list_after(after, limit)
    ours = {key: written_at for key, written_at in found if _KEY.fullmatch(key)}
    return Page(ours, until=found[-1][0] if len(found) == limit else "")


def remove_halves(before: datetime) -> int:
    """Remove half-written files that a crash left behind before that moment; returns how many."""
    return _store(settings()).remove_halves(before)


def checked_key(key: str) -> str:
    """The key itself when it is well formed. Raises GatewayError."""
    if not _KEY.fullmatch(key):
        raise GatewayError("Not a file key", permanent=True, code="file_missing")
    return key


def organization_of(key: str) -> int:
    """The organization a key belongs to."""
    return int(checked_key(key).split("/")[1])


@lru_cache(maxsize=4)
def _store(found: Settings) -> FileStore:
    if not found.s3_bucket:
        return LocalFiles(found.files_dir)
    from casso.gateways.s3_files import S3Files  # loads boto3, which costs 30 MB: only where it is used

    return S3Files(found)
