"""The command line as scripts use it: exit codes, one JSON object on standard output, logs elsewhere."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from casso import db
from casso.cli import main
from casso.config import settings
from casso.services.schema import ROOT
from casso.services.setup import is_set_up
from tests.desks import Desk

SETUP = (
    "setup",
    "--organization",
    "Acme",
    "--email",
    "Ana@Acme.test",
    "--name",
    "Ana Ruiz",
    "--password-stdin",
)
KEYS = {
    "tickets", "messages", "ingest_per_second", "ingest_ms_p50", "inbox_ms_p50", "inbox_ms_p95",
    "ticket_ms_p50", "ticket_ms_p95", "search_common_ms_p50", "search_rare_ms_p50", "reply_ms_p50",
    "report_ms_p50", "event_ms_p50", "event_ms_p95", "push_ms_p95", "rss_mb", "pss_mb", "cold_start_s",
    "database", "search_rare_hits", "search_common_hits", "ticket50_ms_p95", "frame_bytes_p95",
    "first_load_bytes",
}  # fmt: skip


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password on standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\n"))


def told(capsys: pytest.CaptureFixture[str]) -> dict:
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return json.loads(out)


def test_migrate_makes_the_schema_and_a_rerun_is_harmless(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate", "--json"]) == 0
    first = told(capsys)
    assert first["before"] == ""
    assert main(["migrate", "--json"]) == 0
    assert told(capsys) == {"before": first["after"], "after": first["after"]}


def test_migrate_refuses_a_newer_database_in_words(
    sqlite_desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    with db.engine().begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert main(["migrate"]) == 1
    captured = capsys.readouterr()
    assert "9999" in captured.err
    assert "newer" in captured.err
    assert captured.out == ""


def test_setup_makes_owner_and_mailbox_on_a_fresh_folder(
    data_dir: Path, typed: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SETUP, "--mailbox", "help@acme.test", "--json"]) == 0
    assert told(capsys) == {"organization_id": 1, "account_id": 1}
    assert is_set_up()


def test_setup_refuses_a_second_time_unless_told(
    sqlite_desk: Desk, typed: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(SETUP)) == 1
    assert "set up already" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\n"))
    assert main([*SETUP, "--another", "--json"]) == 0
    assert told(capsys)["organization_id"] == 3


def test_setup_refuses_a_short_password_in_words(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    assert main(list(SETUP)) == 1
    assert "password" in capsys.readouterr().err.lower()
    assert not is_set_up()


@pytest.mark.parametrize(
    "arguments",
    [["setup", "--email", "a@b.test"], ["demo", "--tickets", "0"], ["demo", "--tickets", "x"],
     ["bench", "--tickets", "5", "--corpus", "f"], ["bench", "--corpus", "/nowhere.jsonl"],
     ["migrate", "--fast"]],
)  # fmt: skip
def test_misuse_is_exit_code_two(data_dir: Path, arguments: list[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as left:
        code = left.code
    assert code == 2


def test_demo_on_an_empty_folder_says_how_to_sign_in(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--tickets", "3", "--json"]) == 0
    result = told(capsys)
    assert result["tickets"] == 3
    assert result["password"]
    assert main(["demo", "--tickets", "2"]) == 0
    assert "2 tickets" in capsys.readouterr().out


def test_doctor_tells_a_program_what_is_wrong(sqlite_desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 1
    found = told(capsys)
    assert found["is_well"] is False
    assert found["findings"]["database"]["is_fine"]
    assert not found["findings"]["worker"]["is_fine"]
    assert main(["doctor"]) == 1
    assert "WRONG worker" in capsys.readouterr().out


def bench(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own, because it turns that process's settings away from the real data."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("CASSO_")}
    return subprocess.run(
        [sys.executable, "-m", "casso", "bench", "--json", *arguments],
        cwd=ROOT,
        env=env | {"CASSO_DATA_DIR": str(folder / "real"), "CASSO_DATABASE_URL": "postgresql://none/real"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.faults
def test_bench_measures_in_a_scratch_folder_and_tells_every_key(tmp_path: Path) -> None:
    done = bench("--tickets", "40", "--no-desk", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures.keys() >= KEYS
    assert (figures["database"], figures["search_common_hits"], figures["search_rare_hits"]) == (
        "sqlite",
        8,
        1,
    )
    assert figures["ingest_per_second"] > 0
    assert not (tmp_path / "real").exists()


@pytest.mark.browser
def test_bench_opens_inboxes_on_a_started_desk(tmp_path: Path) -> None:
    done = bench("--tickets", "40", "--agents", "3", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    missing = {name for name in KEYS if figures[name] is None} - {"report_ms_p50"}
    assert missing - ({"pss_mb", "rss_mb"} if sys.platform != "linux" else set()) == set()


@pytest.mark.postgres
def test_bench_refuses_a_database_that_holds_tables(desk: Desk) -> None:
    if desk.kind == "sqlite":
        pytest.skip("the embedded database of bench is always its own")
    done = bench("--database", settings().database_url, "--no-desk", folder=desk.folder)
    assert done.returncode == 1
    assert "empty" in done.stderr
    assert main(["migrate"]) == 0
