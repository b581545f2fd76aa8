"""A limit on a whole exchange, not only on each wait: a server that drips is cut off too.

Socket timeouts start anew with every byte. Here a timer shuts the watched connection
down at the end of the budget, so that the blocked call returns with an error.
"""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Deadline:
    """`with Deadline(60) as deadline: deadline.watch(sock) …`; `passed` tells whether it struck."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._strike)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection at the end; a second handle of it, so that TLS on top does not matter."""
        with self._lock:
            self._watched.append(connection.dup())
        if self.passed:
            self._strike()

    def _strike(self) -> None:
        self.passed = True
        with self._lock:
            for connection in self._watched:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
