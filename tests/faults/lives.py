"""Short lives of the product's processes: forked by tests/faults/nursery.py, killed from here.

with nursery(tmp_path / "log") as lives:
    life = lives.begin("casso.worker:run", ahead=60)   # its clock is a minute ahead
    life.kill()
    lives.run("casso.jobs.receive:receive_waiting", failpoint="receive.claimed:1:kill")   # -9
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.servers.product import ROOT

OURS = ("CASSO_", "MAILGUN_", "AWS_")


@dataclass
class Life:
    """One process; end it with `kill`, `stop`, or wait until it ends by itself."""

    pid: int
    lives: "Lives"
    exit_code: int | None = None

    def kill(self) -> int:
        """SIGKILL, like a power cut; its exit code."""
        return self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end, as the supervisor does."""
        return self._end(signal.SIGTERM)

    def has_ended(self) -> bool:
        """Whether it is gone, and reaped."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def wait(self) -> int:
        """Until it has ended; negative: the signal that ended it."""
        if self.exit_code is None:
            self.exit_code = self.lives.read()
        return self.exit_code

    def _end(self, number: signal.Signals) -> int:
        if self.exit_code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
        return self.wait()


@dataclass
class Lives:
    """The nursery at work; one life at a time."""

    process: subprocess.Popen[str]
    log: Path

    def begin(self, run: str, *arguments: str, ahead: float = 0, failpoint: str = "") -> Life:
        """Let a child of this process's settings call `module:function`."""
        env = {name: value for name, value in os.environ.items() if name.startswith(OURS)}
        if failpoint:
            env["CASSO_FAILPOINT"] = failpoint
        order = {"run": run, "arguments": arguments, "env": env, "ahead": ahead}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return Life(self.read(), self)

    def run(self, run: str, *arguments: str, ahead: float = 0, failpoint: str = "") -> int:
        """The same, and wait for its end."""
        return self.begin(run, *arguments, ahead=ahead, failpoint=failpoint).wait()

    def read(self) -> int:
        """The next number that the nursery says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the nursery ended:\n{self.log.read_text()[-3000:]}")
        return int(line)


def pause(seconds: float) -> None:
    """Let a process live on for a while."""
    threading.Event().wait(seconds)


@contextmanager
def nursery(log: Path) -> Iterator[Lives]:
    """A nursery until the block ends; what its children print is in the log."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", "tests.faults.nursery"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=-1, stdout=-1, stderr=output, text=True
        )
    try:
        yield Lives(process, log)
    finally:
        process.kill()  # its child dies with it
        process.communicate()
