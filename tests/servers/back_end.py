"""The back end alone, served by the product's own server in another process: no front end is built for it.

with back_end(folder) as served:
    served.url, served.log
    served.python("-m", "some.module")     # beside it, on the same data
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.servers.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class BackEnd:
    """A running web process."""

    url: str
    data_dir: Path
    log: Path
    environment: dict[str, str]

    def python(self, *arguments: str) -> str:
        """Run Python beside the web process, on the same data; what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout


@contextmanager
def back_end(
    folder: Path, *, app: str = "casso.casso:app", prepare: tuple[str, ...] = (), **settings: str
) -> Iterator[BackEnd]:
    """A fresh data folder with these settings, prepared by a Python command, then served."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CASSO_")} | {
        "CASSO_DATA_DIR": str(folder / "data"),
        "CASSO_ENV_FILE": str(folder / "no.env"),
        "CASSO_PORT": str(port),
        "CASSO_URL": f"http://localhost:{port}",
        "CASSO_SMTP_LISTEN": "",
        "REFLEX_WEB_WORKDIR": str(folder / "web"),
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "0",
        "__REFLEX_SKIP_COMPILE": "1",
        **settings,
    }
    served = BackEnd(f"http://localhost:{port}", folder / "data", folder / "web.log", environment)
    if prepare:
        (folder / "prepared").write_text(served.python(*prepare))
    with _process(served, app):
        yield served


@contextmanager
def beside(first: BackEnd, *, app: str = "casso.casso:app") -> Iterator[BackEnd]:
    """One more web process of the same desk, on a port of its own."""
    port = free_port()
    log = first.log.with_name(f"web-{port}.log")
    second = BackEnd(
        f"http://localhost:{port}", first.data_dir, log, first.environment | {"CASSO_PORT": str(port)}
    )
    with _process(second, app):
        yield second


@contextmanager
def _process(served: BackEnd, app: str) -> Iterator[None]:
    """Runs until the block ends."""
    port = served.environment["CASSO_PORT"]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1"]
    command += ["--port", port, "--workers-kill-timeout", "1", app]
    with served.log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=served.environment, stdout=output, stderr=output)
    try:
        _wait(int(port), process, served.log)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
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
