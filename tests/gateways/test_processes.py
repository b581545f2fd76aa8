"""A lease's mark tells an ended process of this place from one that runs, and is silent about all others."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from casso.gateways import processes
from casso.gateways.processes import is_gone, new_mark, place
from tests import desks

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not Path("/proc/self/ns/pid").exists(), reason="needs Linux's /proc")


@contextmanager
def another_process(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process with the same settings that has made a mark and waits."""
    code = "from casso.gateways.processes import new_mark; print(new_mark(), flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        yield child, child.stdout.readline().strip()
    finally:
        child.kill()
        child.communicate()


def test_our_own_marks_are_all_different_and_alive(data_dir: Path) -> None:
    first, second = new_mark(), new_mark()
    assert first != second
    assert first.startswith(place())
    assert not is_gone(first)


def test_another_process_is_alive_until_it_is_killed_and_reaped_or_not(data_dir: Path) -> None:
    with another_process(data_dir) as (child, mark):
        assert mark.startswith(place())
        assert not is_gone(mark)
        os.kill(child.pid, signal.SIGKILL)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(mark)  # a zombie still has its process id
        child.wait()
        assert is_gone(mark)


def test_a_process_id_that_was_given_out_again_is_another_process(data_dir: Path) -> None:
    pid, start, nonce = new_mark().removeprefix(place()).split(".")
    assert is_gone(f"{place()}{pid}.{int(start) - 1}.{nonce}")
    assert not is_gone(f"{place()}{pid}.{start}.{nonce}")


def test_another_data_folder_is_another_place(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with another_process(data_dir) as (child, mark):
        child.kill()
        child.wait()
        assert is_gone(mark)
        (tmp_path / "other").mkdir()
        desks.point_settings_at(tmp_path / "other", monkeypatch)
        assert not is_gone(mark)


def test_another_boot_or_container_is_another_place(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with another_process(data_dir) as (child, mark):
        child.kill()
        child.wait()
        here = processes._system()
        monkeypatch.setattr(processes, "_system", lambda: here.replace("pid:[", "pid:[9"))
        assert not is_gone(mark)
        monkeypatch.setattr(processes, "_system", lambda: "0" + here[1:])
        assert not is_gone(mark)


def test_where_the_system_tells_nothing_no_process_is_ever_gone(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_system", lambda: "")
    assert place() == ""
    assert not is_gone(new_mark())
    assert len({new_mark() for _ in range(100)}) == 100


@pytest.mark.parametrize("mark", ["", "x", "1.2.3", "a.b.c", "{place}", "{place}x.1.n", "{place}1.2.3.4"])
def test_what_is_no_mark_of_this_place_is_never_gone(data_dir: Path, mark: str) -> None:
    assert not is_gone(mark.format(place=place()))


def test_a_process_of_somebody_else_is_alive(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError

    with another_process(data_dir) as (_, mark):
        monkeypatch.setattr(os, "kill", refuse)
        assert not is_gone(mark)
        monkeypatch.setattr(processes, "_look_at", lambda pid: None)
        assert not is_gone(mark)
        monkeypatch.undo()
        desks.point_settings_at(data_dir, monkeypatch)
