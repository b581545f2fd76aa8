"""The command line as scripts use it: quick help, exit codes, one line for a wrong setting."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from casso import cli

ROOT = Path(__file__).resolve().parents[1]


def casso(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("CASSO_")
    } | settings
    command = [sys.executable, "-m", "casso", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_help_lists_every_command_with_a_sentence() -> None:
    done = casso("--help")
    assert done.returncode == 0
    for name, module in cli.command_modules().items():
        assert name in done.stdout
        assert cli.summary(module), f"{module}.py needs a first line like `casso x`: what it does"


def test_the_overview_imports_no_command() -> None:
    code = (
        "import sys\nfrom casso.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('sqlalchemy', 'reflex', 'starlette', 'anthropic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", sorted(cli.command_modules()))
def test_every_command_explains_itself(name: str) -> None:
    done = casso(name, "--help")
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("migrate", "--nonsense")])
def test_misuse_exits_with_two(arguments: tuple[str, ...]) -> None:
    assert casso(*arguments).returncode == 2


def test_a_wrong_setting_stops_with_one_line_that_names_it(tmp_path: Path) -> None:
    done = casso("migrate", CASSO_DATA_DIR=str(tmp_path), CASSO_PORT="many")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "CASSO_PORT" in done.stderr


def test_results_go_to_standard_output_and_nothing_else(tmp_path: Path) -> None:
    done = casso("migrate", "--json", CASSO_DATA_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("{")
    assert casso("migrate", "--json", CASSO_DATA_DIR=str(tmp_path)).returncode == 0
