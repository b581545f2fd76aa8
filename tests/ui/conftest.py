"""The probe app served by the product's own server in another process, on a desk with two organizations."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.desks import Desk
from tests.servers.ports import free_port
from tests.ui.screen import Screen, signed_in

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
_PREPARE = """
import sys
from casso.services import login, schema, setup
schema.upgrade()
for name in ("ana", "eve"):
    form = setup.SetupForm(organization=name, email=f"{name}@example.com", password=sys.argv[1])
    setup.set_up(form, another=True)
    print(login.sign_in(f"{name}@example.com", sys.argv[1], ip="127.0.0.1", browser="test"))
"""


@dataclass(frozen=True, slots=True)
class Served:
    """A running web process; `ana` and `eve` are cookies of owners of two organizations."""

    url: str
    ana: str
    eve: str
    log: Path
    environment: dict[str, str]

    def python(self, code: str, *arguments: str) -> str:
        """Run code beside the web process, on the same data."""
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def new_session(self, name: str) -> str:
        """One more session of a person, as a cookie header."""
        code = (
            "import sys\nfrom casso.services import login\n"
            "print(login.sign_in(sys.argv[1], sys.argv[2], ip='127.0.0.1', browser='test'))"
        )
        return "casso=" + self.python(code, f"{name}@example.com", PASSWORD).strip()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Started once for all tests of the guard."""
    with serve(tmp_path_factory.mktemp("served"), "tests.ui.probe_app:app") as found:
        yield found


@contextmanager
def serve(folder: Path, target: str) -> Iterator[Served]:
    """An app on a new desk with two organizations, until the block ends."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CASSO_")} | {
        "CASSO_DATA_DIR": str(folder / "data"),
        "CASSO_PORT": str(port),
        "CASSO_URL": f"http://localhost:{port}",
        "CASSO_SMTP_LISTEN": "",
        "REFLEX_WEB_WORKDIR": str(folder / "web"),
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "0",
        "__REFLEX_SKIP_COMPILE": "1",
    }
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers-kill-timeout", "1", target]
    prepared = subprocess.run(
        [sys.executable, "-c", _PREPARE, PASSWORD], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert prepared.returncode == 0, prepared.stderr
    ana, eve = (f"casso={token}" for token in prepared.stdout.split())
    log = folder / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        _wait(port, process, log)
        yield Served(f"http://localhost:{port}", ana, eve, log, environment)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(1200):
        connection = HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
        if process.poll() is not None:
            break
    raise RuntimeError("the web process did not start:\n" + log.read_text()[-3000:])


@pytest.fixture
def screen(sqlite_desk: Desk) -> Iterator[Screen]:
    yield from signed_in(sqlite_desk.owner)
