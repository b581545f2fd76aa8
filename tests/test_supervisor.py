"""The supervisor with real processes: it starts, reports, restarts, and stops all of them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Two children: "steady" sleeps; "other" does what the test says.
PROGRAM = """
import sys
from pathlib import Path
from casso import logs
from casso.supervisor import Child, Supervisor
logs.set_up_logging("serve")
folder, other = Path(sys.argv[1]), sys.argv[2]
sleep = "import time; time.sleep(600)"
children = [Child("steady", (sys.executable, "-c", sleep)), Child("other", (sys.executable, "-c", other))]
code = Supervisor(children, folder / "processes.json", on_ready=lambda: print("ready", flush=True)).run()
sys.exit(code)
"""
SLEEP = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
WITH_CHILD = (
    "import subprocess, sys, time, pathlib\n"
    "made = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "pathlib.Path('{folder}/grandchild').write_text(str(made.pid))\n"
    "time.sleep(600)"
)
Start = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a supervisor; whatever is left is ended."""
    started: list[subprocess.Popen[str]] = []

    def run(other: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), other]
        with (tmp_path / "err").open("w") as errors:
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


def state(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "processes.json").read_text())
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except (OSError, ValueError, KeyError):
            pass
        time.sleep(0.02)
    raise AssertionError("did not happen in time")


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_processes_cleanly_and_soon(start: Start, tmp_path: Path, number: int) -> None:
    process = start(SLEEP)
    wait_until(lambda: all(child["pid"] for child in state(tmp_path).values()))
    pids = [child["pid"] for child in state(tmp_path).values()]
    process.send_signal(number)
    assert process.wait(timeout=5) == 0
    assert not any(is_alive(pid) for pid in pids)
    assert not (tmp_path / "processes.json").exists()


def test_a_killed_process_is_restarted_and_reported(start: Start, tmp_path: Path) -> None:
    start(SLEEP)
    wait_until(lambda: bool(state(tmp_path)["steady"]["pid"]))
    first = state(tmp_path)["steady"]["pid"]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: state(tmp_path)["steady"]["pid"] not in (None, first))
    found = state(tmp_path)["steady"]
    assert (found["restarts"], found["last_exit"]) == (1, -9)
    line = json.loads((tmp_path / "err").read_text().splitlines()[-1])
    assert (line["event"], line["child"], line["exit"]) == ("process.died", "steady", -9)


def test_a_process_that_dies_at_once_is_restarted_ever_more_slowly(start: Start, tmp_path: Path) -> None:
    start("raise SystemExit(3)")
    wait_until(lambda: state(tmp_path)["other"]["restarts"] >= 3)
    lines = [json.loads(line) for line in (tmp_path / "err").read_text().splitlines()]
    assert [line["restart_in"] for line in lines][:3] == [0.5, 1.0, 2.0]
    assert state(tmp_path)["steady"]["restarts"] == 0


def test_what_a_dead_process_left_behind_ends_with_it(start: Start, tmp_path: Path) -> None:
    start(WITH_CHILD.replace("{folder}", str(tmp_path)))
    wait_until(lambda: bool((tmp_path / "grandchild").read_text()))
    grandchild = int((tmp_path / "grandchild").read_text())
    os.kill(state(tmp_path)["other"]["pid"], signal.SIGKILL)
    wait_until(lambda: not is_alive(grandchild))


def test_children_end_when_the_supervisor_itself_is_killed(start: Start, tmp_path: Path) -> None:
    process = start(SLEEP)
    wait_until(lambda: all(child["pid"] for child in state(tmp_path).values()))
    pids = [child["pid"] for child in state(tmp_path).values()]
    process.kill()
    wait_until(lambda: not any(is_alive(pid) for pid in pids))


@pytest.mark.faults
def test_a_process_that_ignores_the_signal_is_killed_and_the_exit_code_says_so(
    start: Start, tmp_path: Path
) -> None:
    process = start(STUBBORN)
    wait_until(lambda: all(child["pid"] for child in state(tmp_path).values()))
    pids = [child["pid"] for child in state(tmp_path).values()]
    time.sleep(0.3)
    process.terminate()
    assert process.wait(timeout=15) == 1
    assert not any(is_alive(pid) for pid in pids)
