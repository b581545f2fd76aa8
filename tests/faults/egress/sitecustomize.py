"""With this folder on PYTHONPATH, Python loads this at start: it notes every connection a process tries."""

import os
import sys

_FILE = os.environ.get("EGRESS_FILE", "")


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto") and _FILE:
        about = arguments[1] if event != "socket.getaddrinfo" else arguments[0]
        with open(_FILE, "a") as file:
            file.write(f"{event} {about!r}\n")


sys.addaudithook(_note)
