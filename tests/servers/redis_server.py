"""A real Redis for tests: no files, a free loopback port, gone with the block."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.ports import free_port


def available() -> str | None:
    """The server program, or None when it is not installed."""
    return shutil.which("redis-server")


@contextmanager
def redis_server(*, password: str = "", port: int = 0) -> Iterator[str]:
    """The address of a running server, in the form of CASSO_REDIS_URL."""
    program = available()
    if program is None:
        raise FileNotFoundError("redis-server is not installed")
    port = port or free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    options += ["--requirepass", password] if password else []
    word = f":{password}@" if password else ""
    process = subprocess.Popen(
        [program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp"
    )
    try:
        _wait(port, process)
        yield f"redis://{word}127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError("redis-server did not start")
