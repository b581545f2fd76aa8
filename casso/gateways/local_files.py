"""Files in the data folder, spread over 256 subfolders an organization; whole or absent, never half.

Called by storage.py, which has checked the key.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from casso.errors import GatewayError

_PIECE_BYTES = 64 * 1024
_HALF = ".part-"


class LocalFiles:
    """The local store; everything lies below `folder`, readable by the owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, data: bytes) -> None:
        """Write under a temporary name, sync, rename, sync the folder."""
        target = self._path(key)
        temporary = target.with_name(f"{_HALF}{secrets.token_hex(8)}")
        try:
            self._make_folder(target.parent)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(handle)
            temporary.rename(target)
            _sync_folder(target.parent)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise _failed(error) from error

    def get(self, key: str) -> bytes:
        """All bytes of a file."""
        return b"".join(self.open_stream(key))

    def open_stream(self, key: str) -> Iterator[bytes]:
        """The bytes in pieces; the file is opened now and closed at the end."""
        return _pieces(self._opened(key))

    def delete(self, key: str) -> None:
        """Remove the file if it is there."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise _failed(error) from error

    def exists(self, key: str) -> bool:
        """Whether the file is there."""
        return self._path(key).is_file()

    def list_after(self, place: str, limit: int) -> list[tuple[str, datetime]]:
        """Keys behind a place, in order, with the moment each was written; one gone meanwhile is left out."""
        try:
            return list(islice(self._listed_after(place), limit))
        except OSError as error:
            raise _failed(error) from error

    def remove_halves(self, before: datetime) -> int:
        """Remove files that a crash left under their temporary name."""
        count = 0
        try:
            for half in self._folder.glob(f"org/*/*/{_HALF}*"):
                with suppress(FileNotFoundError):
                    if _written_at(half) < before:
                        half.unlink()
                        count += 1
        except OSError as error:
            raise _failed(error) from error
        return count

    def _listed_after(self, place: str) -> Iterator[tuple[str, datetime]]:
        for key in self._keys_after(place):
            with suppress(FileNotFoundError):
                yield key, _written_at(self._path(key))

    def _keys_after(self, place: str) -> Iterator[str]:
        """Folder by folder; one that lies wholly before the place is not opened."""
        for owner in _names_in(self._folder / "org"):
            if place > f"org/{owner}/~":
                continue
            for part in _names_in(self._folder / "org" / owner):
                if place > f"org/{owner}/{part}~":
                    continue
                names = _names_in(self._folder / "org" / owner / part)
                keys = (f"org/{owner}/{name}" for name in names if not name.startswith("."))
                yield from (key for key in keys if key > place)

    def _path(self, key: str) -> Path:
        _, organization_id, name = key.split("/")
        return self._folder / "org" / organization_id / name[:2] / name

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and sync the ones above it, so that it outlives a power cut."""
        if folder.is_dir():
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        for above in (folder.parent, folder.parent.parent, self._folder):
            _sync_folder(above)

    def _opened(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise GatewayError("The file is not in the store", permanent=True, code="file_missing") from None
        except OSError as error:
            raise _failed(error) from error


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    try:
        with file:
            while piece := file.read(_PIECE_BYTES):
                yield piece
    except OSError as error:
        raise _failed(error) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _failed(error: OSError) -> GatewayError:
    return GatewayError(f"The file store failed ({error.strerror})", permanent=False, code="storage_failed")
