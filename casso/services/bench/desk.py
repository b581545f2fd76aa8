"""A really started desk (`casso serve`) in the scratch folder: how soon it answers, what memory it takes."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from casso.clock import ticks

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 90.0
STOP_SECONDS = 20.0


class DeskFailed(Exception):
    """The desk could not be started; the text ends with what it said."""


@dataclass(frozen=True, slots=True)
class RunningDesk:
    """A desk that answers; `cold_start_s` is from nothing to its first page."""

    url: str
    pid: int
    cold_start_s: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Of all processes of the desk together, in MB; `pss` shares out what they share (None: not Linux)."""

    rss_mb: float | None
    pss_mb: float | None


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def build_front_end() -> None:
    """Build it when its sources changed. Raises DeskFailed."""
    done = subprocess.run(
        [sys.executable, "-m", "casso", "build"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DeskFailed(done.stderr[-2000:])


@contextmanager
def process(command: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command of ours as a process of its own, on this process's settings; stopped at the end."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", "casso", command],
            cwd=ROOT,
            env=os.environ.copy(),
            stdout=output,
            stderr=output,
        )
        try:
            yield started
        finally:
            started.send_signal(signal.SIGINT)
            try:
                started.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


@contextmanager
def running(port: int, log: Path) -> Iterator[RunningDesk]:
    """Start everything and stop it at the end. Raises DeskFailed."""
    start = ticks()
    with process("serve", log) as started:
        _wait(started, port, log)
        yield RunningDesk(f"http://localhost:{port}", started.pid, round(ticks() - start, 2))


def memory_of(pid: int) -> Memory:
    """RSS and PSS of a process and everything it started."""
    try:
        found = [_rollup(one) for one in family(pid)]
    except OSError:
        return Memory(None, None)
    return Memory(*(round(sum(values) / 1024, 1) for values in zip(*found, strict=True)))


def family(pid: int) -> list[int]:
    """The process and its descendants that live now (Linux)."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                status = (entry / "stat").read_text()
            except OSError:
                continue
            parent = int(status.rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _rollup(pid: int) -> tuple[int, int]:
    """RSS and PSS in kB."""
    values = {"Rss": 0, "Pss": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in values:
            values[name] = int(rest.split()[0])
    return values["Rss"], values["Pss"]


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = ticks() + START_SECONDS
    while ticks() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/sign-in", headers={"Host": f"localhost:{port}"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()
    raise DeskFailed(log.read_text(errors="replace")[-2000:])
