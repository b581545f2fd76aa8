"""The probe sees every planted hole and names it; the desk as it is has none; a blind probe says so."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from casso.casso import app
from casso.commands.probe import surface
from casso.services.bench.desk import family
from casso.services.checks import isolation
from casso.services.probe import scratch
from casso.services.probe.outcome import Leak, Outcome
from casso.services.probe.sockets import around, changed_tables
from casso.services.probe.surface import Handler, Presented
from casso.ui import policy
from tests.architecture import ROOT
from tests.desks import forget

assert app
PRESENTED = Presented(7, "text", 3)


def casso(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, with settings that must not be reached."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CASSO_")} | {
        "CASSO_DATA_DIR": str(folder / "real"),
        "CASSO_ENV_FILE": str(folder / "no.env"),
        "CASSO_S3_BUCKET": "the-real-one",
        "CASSO_S3_ENDPOINT": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    return subprocess.run(
        [sys.executable, "-m", "casso", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.faults
def test_every_planted_hole_is_found_and_named(tmp_path: Path) -> None:
    done = casso(tmp_path, "probe", "--app", "tests.services.probe.leaky_app:app", "--json")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert {(leak["kind"], leak["way"]) for leak in told["leaks"]} == {
        ("shown", "Leaky.peek"),
        ("changed", "Leaky.spoil"),
        ("shown", "GET /leaky/body/{number:int}"),
        ("told_apart", "GET /leaky/oracle/{public_id}"),
    }


@pytest.mark.faults
def test_the_desk_as_it_is_has_no_leak_and_all_of_it_was_tried(tmp_path: Path) -> None:
    """By the doctor, which also keeps it: the second time the worker asks, nothing is due."""
    assert casso(tmp_path, "migrate").returncode == 0
    before = sorted(path.name for path in (tmp_path / "real").iterdir() if "casso.db" not in path.name)
    done = casso(tmp_path, "doctor", "--isolation", "--json")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    told, listed = json.loads(done.stdout), surface("casso.casso:app")
    (finding,) = told["findings"]["isolation"]
    assert (told["is_well"], finding["code"], finding["level"]) == (True, "isolation_fine", "fine")
    tried = {name: float(value) for name, value in finding["values"].items()}
    assert tried["handlers"] == len(listed["handlers"]) == len(policy.own_handlers()) > 70
    assert tried["routes"] == len(listed["routes"]) > 30
    assert tried["searches"] > 5
    assert tried["files"] > 10
    assert tried["pushes"] == 2
    assert tried["tries"] > 4000
    with closing(sqlite3.connect(tmp_path / "real" / "casso.db")) as connection:
        rows = connection.execute("select kind, finished_at is not null, counts from check_run").fetchall()
    assert [row[:2] for row in rows] == [("isolation", 1)]
    assert json.loads(rows[0][2])["handlers"] == tried["handlers"]
    after = sorted(path.name for path in (tmp_path / "real").iterdir() if "casso.db" not in path.name)
    assert after == before


@pytest.mark.faults
def test_a_probe_that_is_stopped_leaves_no_process_behind() -> None:
    """The web process that it started is the one that would stay."""
    own, at = set(family(os.getpid())), iter(range(8))
    with pytest.raises(isolation.Stopped):
        isolation.probe(lambda: next(at, None) is None)
    assert set(family(os.getpid())) - own == set()


@pytest.mark.faults
def test_nothing_is_tried_where_nothing_can_be_kept(tmp_path: Path) -> None:
    done = casso(tmp_path, "doctor", "--isolation")
    assert done.returncode == 1
    assert "casso migrate" in done.stderr


@pytest.mark.faults
def test_a_probe_that_cannot_see_does_not_say_that_all_is_well(tmp_path: Path) -> None:
    done = casso(tmp_path, "probe", "--app", "tests.ui.probe_app:app")
    assert done.returncode == 1
    assert "casso probe: " in done.stderr
    assert done.stdout == ""


def test_what_is_presented_fits_every_handler() -> None:
    """Arguments that do not fit would be refused at the door, and nothing behind it be tried."""
    for name, short, found in policy.own_handlers():
        handler = Handler(name, short, found.arguments.model_json_schema())
        assert policy.checked_arguments(found, handler.payload(PRESENTED)) is not None, short


def test_an_intent_is_new_at_every_try() -> None:
    forms = [PRESENTED.form()["intent"] for _ in range(2)]
    intents = {"properties": {"intent": {"type": "string"}, "version": {"type": "integer"}}}
    payloads = [Handler("x", "x", intents).payload(PRESENTED) for _ in range(2)]
    assert len({*forms, *(one["intent"] for one in payloads)}) == 4
    assert {one["version"] for one in payloads} == {3}


def test_an_argument_of_an_unknown_kind_stops_the_probe() -> None:
    with pytest.raises(scratch.ProbeFailed):
        Handler("x", "x", {"properties": {"when": {"type": "strange"}}}).payload(PRESENTED)


@pytest.fixture
def own_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put back what the probe turns."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
    forget()


def test_nothing_of_the_real_desk_is_left_in_the_settings(
    tmp_path: Path, own_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tmp_path / "real.env"
    real.write_text("CASSO_DATABASE_URL=postgresql://casso:secret@db.example.com/casso\n")
    monkeypatch.setenv("CASSO_ENV_FILE", str(real))
    monkeypatch.setenv("CASSO_S3_BUCKET", "the-real-one")
    monkeypatch.setenv("MAILGUN_API_KEY", "key")
    port = scratch.turn_settings(tmp_path / "scratch")
    found = scratch.config.settings()
    assert found.data_dir == tmp_path / "scratch" / "data"
    assert found.is_sqlite
    assert (found.s3_bucket, found.mailgun_api_key, found.port) == ("", "", port)


def test_a_leak_is_told_once_for_its_way_and_kind() -> None:
    outcome = Outcome()
    outcome.add([Leak("shown", "Desk.arrive", "words", "owner")] * 2)
    outcome.add([Leak("shown", "Desk.arrive", "others", "agent")])
    outcome.add([Leak("changed", "Desk.arrive", "the table ticket", "owner")])
    assert [leak.kind for leak in outcome.leaks] == ["shown", "changed"]
    assert "2 leaks" in outcome.summary
    assert outcome.leaks[1].sentence == (
        "Desk.arrive: owner of another organization changed the table ticket"
    )


def test_what_is_new_gone_or_another_is_a_change() -> None:
    assert changed_tables({"a": ["1"], "b": ["1"], "c": []}, {"a": ["1"], "b": ["2"], "c": ["1"]}) == (
        "b",
        "c",
    )


def test_a_mark_is_shown_with_the_words_around_it_and_without_itself() -> None:
    assert around("said to q123 today", "q123") == "said to … today"
    assert around("nothing", "q123") == ""
