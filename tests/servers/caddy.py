"""A real Caddy in front of a desk, with the Caddyfile of docs/hosting.md and a certificate of our own.

    with caddy(folder, certificate, port=4443, upstreams=(3000,)): ...

What the documentation does not say is added: the port, the certificate, and that it asks nobody on the net.
"""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.certificates import Certificate

DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "hosting.md"


def available() -> str | None:
    """The program, or None when it is not installed."""
    return shutil.which("caddy")


def caddyfile(certificate: Certificate, *, port: int, upstreams: tuple[int, ...]) -> str:
    """The documented example for so many web processes, on this port."""
    blocks = re.findall(r"    # Caddyfile\n((?:    .*\n)+)", DOCUMENTATION.read_text())
    documented = tuple(f"127.0.0.1:{3000 + place}" for place in range(len(upstreams)))
    wanted = "reverse_proxy " + " ".join(documented) + "\n"
    (example,) = (re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in blocks if wanted in block)
    assert "desk.example.com {" in example
    own = f"    bind 127.0.0.1\n    tls {certificate.certificate} {certificate.key}"
    site = f"https://localhost:{port} {{\n{own}"
    quiet = "{\n    admin off\n    auto_https off\n    skip_install_trust\n}\n"
    for there, here in zip(documented, upstreams, strict=True):
        example = example.replace(there, f"127.0.0.1:{here}")
    return quiet + example.replace("desk.example.com {", site)


@contextmanager
def caddy(folder: Path, certificate: Certificate, *, port: int, upstreams: tuple[int, ...]) -> Iterator[None]:
    """Runs until the block ends."""
    program = available()
    assert program is not None
    config = folder / "Caddyfile"
    config.write_text(caddyfile(certificate, port=port, upstreams=upstreams))
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "caddy.log").open("wb") as log:
        command = [program, "run", "--config", str(config), "--adapter", "caddyfile"]
        process = subprocess.Popen(command, env=home, cwd=folder, stdout=log, stderr=log)
    try:
        _wait(port, process, folder / "caddy.log")
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError("Caddy did not start:\n" + log.read_text()[-3000:])
