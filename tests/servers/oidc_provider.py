"""A real OpenID Connect provider on loopback (oidc-provider-mock), in a process of its own.

with oidc_provider({"sub": "s-1", "email": …}) as issuer: …
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

from tests.servers.ports import free_port


@contextmanager
def oidc_provider(*people: dict[str, object]) -> Iterator[str]:
    """The issuer's address, until the block ends; the people can be chosen on its page."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    command += ["--require-nonce", "true"]
    for person in people:
        command += ["--user-claims", json.dumps(person)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        connection = HTTPConnection("localhost", port, timeout=1)
        try:
            connection.request("GET", "/.well-known/openid-configuration")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
        if process.poll() is not None:
            break
    raise RuntimeError("the OpenID provider did not start")
