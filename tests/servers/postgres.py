"""A real PostgreSQL for tests: its own folder, a free loopback port, durability off.

initdb refuses root, so under root everything runs as an unprivileged account.
`available()` is None when no server is installed; tests then skip loudly.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import free_port

ACCOUNTS = ("postgres", "nobody")
ADMIN = "root"
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=60",
    "shared_buffers=32MB",
)
# Programs started here must not be refused by the settings of whoever runs the tests.
_ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": "/tmp"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server; `url` is the database `casso` on it, and `casso` a role without special rights.

    Superusers walk through the walls between organizations, so `admin` is for the tests' own statements.
    """

    port: int
    binaries: Path

    @property
    def url(self) -> str:
        return self.url_of("casso")

    def url_of(self, database: str) -> str:
        """The address of a database, in the form of CASSO_DATABASE_URL."""
        return f"postgresql://casso@127.0.0.1:{self.port}/{database}"

    @property
    def admin(self) -> str:
        """The superuser's address."""
        return self.admin_of("postgres")

    def admin_of(self, database: str, driver: str = "") -> str:
        """The superuser's address of a database."""
        return f"postgresql{driver}://{ADMIN}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database and return its address."""
        self._statement(f'CREATE DATABASE "{database}" OWNER casso TEMPLATE template0')
        return self.url_of(database)

    def drop(self, database: str) -> None:
        """Remove a database, closing what is still connected to it."""
        self._statement(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def client(self, program: str) -> list[str]:
        """A client program of the server's version, told to connect as the ordinary role."""
        return [str(self.binaries / program), "-h", "127.0.0.1", "-p", str(self.port), "-U", "casso"]

    def _statement(self, sql: str) -> None:
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", ADMIN, "-d", "postgres"]
        _run([str(self.binaries / "psql"), "-qX", "-v", "ON_ERROR_STOP=1", *where, "-c", sql])


def available() -> Path | None:
    """The folder of the newest installed server's programs, or None."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    candidates = [*folders, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A server until the block ends. Raises FileNotFoundError when none is installed."""
    binaries = available()
    if binaries is None:
        raise FileNotFoundError("no PostgreSQL server is installed")
    folder = Path(tempfile.mkdtemp(prefix="casso-pg-", dir="/tmp"))
    _give_away(folder)
    data = folder / "data"
    initdb = ["-D", str(data), "-U", ADMIN, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    try:
        _run([*_as_account(), str(binaries / "initdb"), *initdb])
        server = Postgres(port=free_port(), binaries=binaries)
        process = _start(server, data, folder)
        try:
            _wait(server, process, folder / "log")
            server._statement("CREATE ROLE casso LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
            server.create("casso")
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(server: Postgres, data: Path, folder: Path) -> subprocess.Popen[bytes]:
    options = [f"unix_socket_directories={folder}", "listen_addresses=127.0.0.1", *FAST]
    command = [str(server.binaries / "postgres"), "-D", str(data), "-p", str(server.port)]
    for option in options:
        command += ["-c", option]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen([*_as_account(), *command], stdout=log, stderr=log, env=_ENVIRONMENT, cwd="/")


def _wait(server: Postgres, process: subprocess.Popen[bytes], log: Path) -> None:
    ready = [str(server.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(server.port)]
    for _ in range(200):
        if subprocess.run(ready, env=_ENVIRONMENT, check=False).returncode == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start:\n" + log.read_text(errors="replace")[-2000:])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env=_ENVIRONMENT, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(f"{Path(command[-1]).name}: {done.stderr or done.stdout}")


def _is_plain() -> bool:
    return os.geteuid() != 0


def _account() -> str:
    for name in ACCOUNTS:
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise RuntimeError("no unprivileged account to run PostgreSQL with")


def _as_account() -> list[str]:
    return (
        [] if _is_plain() else ["setpriv", f"--reuid={_account()}", "--regid=65534", "--clear-groups", "--"]
    )


def _give_away(folder: Path) -> None:
    if not _is_plain():
        os.chown(folder, pwd.getpwnam(_account()).pw_uid, 65534)
