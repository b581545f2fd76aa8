"""Starts the processes of `casso serve`, restarts what dies, and stops them together.

A dead process is reported on standard error and in processes.json of the data
folder, then restarted after a pause that doubles from half a second to half a
minute. Each child leads its own process group, so that what it left behind is
ended with it and Ctrl+C reaches only us.
"""

import ctypes
import http.client
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from casso import clock

logger = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY_SECONDS = 60.0
STOP_SECONDS = 8.0
LOOK_EVERY_SECONDS = 0.1


def command_line(command: str) -> tuple[str, ...]:
    """How to start another command of ours."""
    return (sys.executable, "-m", "casso", command)


@dataclass(slots=True)
class Child:
    """One process to keep alive; with `health` (host, port) it is ready when /healthz answers there.

    Whenever `renewed` says so, it is told by SIGHUP to load its certificate anew.
    """

    name: str
    command: tuple[str, ...]
    health: tuple[str, int] | None = None
    has_tls: bool = False
    renewed: Callable[[], bool] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0
    restarts: int = 0
    last_exit: int | None = None

    def start(self) -> None:
        """Start it now."""
        # No thread runs here, so the hook between fork and exec is safe.
        self.process = subprocess.Popen(
            self.command,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self.started = clock.ticks()

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process and all it started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def is_ready(self) -> bool:
        """Whether it answers; without a health address there is nothing to wait for."""
        if self.health is None:
            return True
        connection = self._connection(*self.health)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()

    def renew(self) -> None:
        """Pass on that its certificate was renewed, if it was."""
        if self.process is not None and self.renewed is not None and self.renewed():
            self.process.send_signal(signal.SIGHUP)
            logger.warning("certificate renewed", extra={"event": "process.renewed", "child": self.name})

    def _connection(self, host: str, port: int) -> http.client.HTTPConnection:
        """To our own process on our own machine, whose certificate names another host."""
        if not self.has_tls:
            return http.client.HTTPConnection(host, port, timeout=1)
        import ssl

        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(host, port, timeout=1, context=context)


@dataclass(slots=True)
class Supervisor:
    """Keeps children running until a signal comes."""

    children: Sequence[Child]
    state_file: Path
    on_ready: Callable[[], None]
    _stop: threading.Event = field(default_factory=threading.Event)
    _is_announced: bool = False

    def run(self) -> int:
        """Blocks; 0 when all children stopped in time after a signal, else 1."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        for child in self.children:
            child.start()
        self._write_state()
        while not self._stop.wait(LOOK_EVERY_SECONDS):
            for child in self.children:
                self._look_after(child)
            if not self._is_announced and all(child.is_ready() for child in self.children):
                self._is_announced = True
                self.on_ready()
        return self._stop_all()

    def _look_after(self, child: Child) -> None:
        """Restart a child that died, after its pause."""
        if child.process is None:
            if clock.ticks() >= child.due:
                child.start()
                self._write_state()
            return
        code = child.process.poll()
        if code is None:
            child.renew()
            return
        child.signal_group(signal.SIGKILL)
        child.pause = FIRST_PAUSE if clock.ticks() - child.started > STEADY_SECONDS else child.pause
        child.process, child.last_exit = None, code
        child.restarts += 1
        child.due = clock.ticks() + child.pause
        seen = {"event": "process.died", "child": child.name, "exit": code, "restart_in": child.pause}
        logger.error("process died, restarting", extra=seen)
        child.pause = min(child.pause * 2, LONGEST_PAUSE)
        self._write_state()

    def _stop_all(self) -> int:
        for child in self.children:
            if child.process is not None:
                child.process.terminate()
        deadline = clock.ticks() + STOP_SECONDS
        in_time = True
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=max(0.1, deadline - clock.ticks()))
            except subprocess.TimeoutExpired:
                logger.error("process did not stop", extra={"event": "process.killed", "child": child.name})
                in_time = False
            child.signal_group(signal.SIGKILL)
        self.state_file.unlink(missing_ok=True)
        return 0 if in_time else 1

    def _write_state(self) -> None:
        """What doctor and a person can read: pids, restarts, last exit codes."""
        state = {
            child.name: {
                "pid": child.process.pid if child.process else None,
                "restarts": child.restarts,
                "last_exit": child.last_exit,
                "at": clock.now().isoformat(timespec="seconds"),
            }
            for child in self.children
        }
        temporary = self.state_file.with_suffix(".tmp")
        try:
            temporary.write_text(json.dumps(state, indent=2))
            temporary.replace(self.state_file)
        except OSError:
            logger.warning("process state not written", extra={"event": "process.state_unwritten"})


def _end_with_parent() -> None:
    """Ask Linux to send SIGTERM when the parent dies; elsewhere an orphan has to be stopped by hand."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
