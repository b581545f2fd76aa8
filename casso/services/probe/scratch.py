"""A desk of its own in a scratch folder: settings turned there, the web process served on loopback.

Turning the settings changes this whole process, so a probe runs in one of its own
(`casso probe`); the real data, its keys and its S3 store cannot be reached from it.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casso import config, db
from casso.clock import ticks
from casso.services.bench.desk import free_port

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 90.0
STOP_SECONDS = 15.0
# Everything that names a place outside or a key; what is left (PATH, HOME, …) is the machine's.
OURS = ("CASSO_", "MAILGUN_", "AWS_", "STRIPE_", "ANTHROPIC_", "GOOGLE_", "GITHUB_", "OIDC_")


class ProbeFailed(Exception):
    """The probe could not run or was blind; the text says why."""


def turn_settings(folder: Path) -> int:
    """Point this process at the folder; returns the port to serve on."""
    port = free_port()
    for name in list(os.environ):
        if name.startswith(OURS):
            del os.environ[name]
    os.environ.update(
        CASSO_DATA_DIR=str(folder / "data"),
        CASSO_ENV_FILE=str(folder / "no.env"),
        CASSO_PORT=str(port),
        CASSO_URL=f"http://localhost:{port}",
        CASSO_SMTP_LISTEN="",
        CASSO_MAIL_OUT="file:",
        REFLEX_WEB_WORKDIR=str(folder / "web"),
        REFLEX_ENV_MODE="prod",
        REFLEX_TELEMETRY_ENABLED="false",
        REFLEX_CHECK_LATEST_VERSION="0",
        __REFLEX_SKIP_COMPILE="1",
    )
    config.settings.cache_clear()
    db.engine.cache_clear()
    return port


@contextmanager
def served(app: str, log: Path) -> Iterator[str]:
    """The web process alone, without a front end; its address. Raises ProbeFailed."""
    port = config.settings().port
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers-kill-timeout", "1", app]
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        try:
            _wait(process, port, log)
            yield config.settings().url
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = ticks() + START_SECONDS
    while ticks() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise ProbeFailed("the web process did not start: " + log.read_text(errors="replace")[-1000:])
