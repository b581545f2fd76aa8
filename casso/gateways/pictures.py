"""Turns a picture that somebody chose into a small square one, in a child process with hard limits.

This process never decodes a stranger's picture: a decompression bomb or a broken decoder
ends the child alone. One at a time, so that many at once never need many times the memory.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

from casso.errors import GatewayError
from casso.gateways.picture_child import REFUSED

CONTENT_TYPE = "image/webp"
LIMIT_SECONDS = 15
_CHILD = Path(__file__).with_name("picture_child.py")
_one_at_a_time = threading.BoundedSemaphore(1)


def square(data: bytes) -> bytes:
    """The picture as 256 x 256 WebP without metadata.

    Raises GatewayError: permanent when the bytes are no PNG, JPEG, WebP or GIF, or too large to
    decode within the limits; else the child could not run.
    """
    # -I: neither the environment nor this folder decides what it imports.
    command = [sys.executable, "-I", str(_CHILD)]
    environment = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    with _one_at_a_time:
        try:
            done = subprocess.run(
                command, input=data, capture_output=True, timeout=LIMIT_SECONDS, env=environment, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise _refused() from error
        except OSError as error:
            raise _failed() from error
    if done.returncode == 0 and done.stdout:
        return done.stdout
    # A negative code: the system ended it for what it used.
    raise _refused() if done.returncode == REFUSED or done.returncode < 0 else _failed()


def _refused() -> GatewayError:
    return GatewayError("The bytes are no picture that can be shown", permanent=True, code="no_picture")


def _failed() -> GatewayError:
    return GatewayError("The process that reads pictures failed", permanent=False, code="picture_failed")
