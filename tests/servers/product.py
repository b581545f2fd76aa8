"""The whole product, started as a person starts it, in a fresh data folder on free ports.

    with product(tmp_path, CASSO_MAIL_OUT=sink.url) as desk:
        desk.url            # http://localhost:port
        desk.set_up()       # first organization, owner and mailbox, by the command line
        desk.mail(message)  # a real mail over SMTP to the desk's listener

The front end must be built (`casso build`); the first use builds it.
"""

import http.client
import os
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
PASSWORD = "correct horse battery staple"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Product:
    """A running Casso."""

    data_dir: Path
    port: int
    smtp_port: int
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(default=Path())

    @property
    def url(self) -> str:
        """What a person types into the browser."""
        return self.env["CASSO_URL"]

    def start(self) -> None:
        """Start everything and wait until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "casso", "serve"], cwd=ROOT, env=self.env, stdout=log, stderr=log
            )
        self._wait_for("/readyz")

    def stop(self) -> int:
        """Ask it to stop as Ctrl+C does; the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=20)
        self.process = None
        return code

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """One command line; raises when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "casso", *arguments],
            cwd=ROOT,
            env=self.env,
            input=stdin,
            capture_output=True,
            timeout=120,
        )
        if done.returncode:
            raise AssertionError(f"casso {arguments[0]} ended with {done.returncode}: {done.stderr.decode()}")
        return done.stdout

    def set_up(self, *, mailbox: str = "support@northwind.example") -> None:
        """Organization Northwind with its owner Ana Ruiz."""
        self.run(
            "setup",
            "--organization=Northwind",
            "--email=ana@northwind.example",
            "--name=Ana Ruiz",
            f"--mailbox={mailbox}",
            "--password-stdin",
            stdin=PASSWORD.encode(),
        )

    def mail(self, message: EmailMessage, *, recipient: str = "", sender: str = "") -> None:
        """Send a mail over SMTP to the desk's own listener."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=10) as smtp:
            smtp.send_message(message, from_addr=sender or None, to_addrs=[recipient] if recipient else None)

    def until(self, is_there: Callable[[], bool], *, seconds: float) -> bool:
        """Look again and again while the product runs; whether it came true in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if is_there():
                    return True
            except OSError:
                pass
            time.sleep(0.2)
        return False

    def _connection(self) -> http.client.HTTPConnection:
        """To its own port, with its own certificate if it has one."""
        certificate = self.env.get("CASSO_TLS_CERT")
        if not certificate:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        trusted = ssl.create_default_context(cafile=certificate)
        return http.client.HTTPSConnection("localhost", self.port, timeout=2, context=trusted)

    def _wait_for(self, path: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process is not None
            if self.process.poll() is not None:
                break
            connection = self._connection()
            try:
                connection.request("GET", path, headers={"Host": f"localhost:{self.port}"})
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            finally:
                connection.close()
            time.sleep(0.1)
        raise AssertionError(f"Casso did not become ready:\n{self.log.read_text()[-4000:]}")


@contextmanager
def product(folder: Path, **settings: str) -> Iterator[Product]:
    """A Casso that is not started yet; whatever still runs at the end is ended."""
    port, smtp_port = free_port(), free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CASSO_", "PYTEST_"))}
    env = kept | {
        "CASSO_DATA_DIR": str(folder / "data"),
        "CASSO_ENV_FILE": str(folder / "no.env"),
        "CASSO_PORT": str(port),
        "CASSO_URL": f"{'https' if 'CASSO_TLS_CERT' in settings else 'http'}://localhost:{port}",
        "CASSO_SMTP_LISTEN": f"127.0.0.1:{smtp_port}",
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
        **settings,
    }
    desk = Product(
        data_dir=folder / "data", port=port, smtp_port=smtp_port, env=env, log=folder / "casso.log"
    )
    try:
        yield desk
    finally:
        if desk.process is not None:
            desk.process.terminate()
            try:
                desk.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                desk.process.kill()


def letter(sender: str, recipient: str, subject: str, text: str, **headers: str) -> EmailMessage:
    """A plain mail; headers with underscores for hyphens."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message
