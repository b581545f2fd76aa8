"""Who on this machine can read what is secret: the data folder, the key, `.env`; and keys beside backups."""

import stat
from pathlib import Path

from casso.config import ROOT, Settings
from casso.services.checks.findings import Found, fine, wrong

KEY = "secret.key"
OTHERS = stat.S_IRWXO
NOT_MINE = stat.S_IRWXG | stat.S_IRWXO


def check_files(chosen: Settings, env_file: Path = ROOT / ".env") -> list[Found]:
    """Rights of files, as they are now."""
    found = [
        *_folder(chosen.data_dir),
        *_private(chosen.data_dir / KEY, "key_open"),
        *_private(env_file, "env_open"),
        *_private(Path(chosen.tls_key) if chosen.tls_key else None, "tls_key_open"),
        *_keys_in_backups(chosen.data_dir / "backups"),
    ]
    return found or [fine("files_fine", folder=str(chosen.data_dir))]


def _folder(folder: Path) -> list[Found]:
    """Closed to others; the group may be let in on purpose."""
    if _mode(folder) & OTHERS:
        return [wrong("data_open", folder=str(folder))]
    return []


def _private(path: Path | None, code: str) -> list[Found]:
    """A secret is its owner's alone."""
    if path is not None and path.is_file() and _mode(path) & NOT_MINE:
        return [wrong(code, path=str(path))]
    return []


def _keys_in_backups(folder: Path) -> list[Found]:
    """Whoever takes a backup away would take what opens it."""
    kept = sorted(str(path) for path in folder.rglob(KEY)) if folder.is_dir() else []
    return [wrong("key_in_backup", path=path) for path in kept[:3]]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
