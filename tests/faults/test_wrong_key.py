"""With another desk's key no process of the product starts, and the one line says what to do."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers.product import ROOT, Product, product

pytestmark = pytest.mark.faults
OLD, NEW = "o" * 40, "n" * 40


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with product(tmp_path_factory.mktemp("key"), CASSO_SECRET_KEY=OLD) as found:
        found.set_up()
        yield found


def started(desk: Product, command: str, keys: str) -> subprocess.CompletedProcess[str]:
    environment = desk.env | {"CASSO_SECRET_KEY": keys}
    return subprocess.run(
        [sys.executable, "-m", "casso", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def sealed(desk: Product) -> str:
    """The mark of the key as it lies in the database."""
    with closing(sqlite3.connect(desk.data_dir / "casso.db")) as connection:
        return str(connection.execute("select key_sealed from instance").fetchone()[0])


@pytest.mark.parametrize("command", ["serve", "prepare", "web", "worker"])
def test_nothing_starts_with_another_key(desk: Product, command: str) -> None:
    before = sealed(desk)
    done = started(desk, command, NEW)
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if "CASSO_SECRET_KEY" in line]
    assert len(told) == 1
    assert "put the old key back" in told[0]
    assert "Traceback" not in done.stderr
    assert sealed(desk) == before


def test_a_rotation_ends_with_the_new_key_alone(desk: Product, tmp_path: Path) -> None:
    assert started(desk, "prepare", NEW).returncode == 1
    turned = started(desk, "prepare", f"{NEW},{OLD}")
    assert "sealed anew" in turned.stdout
    assert started(desk, "prepare", NEW).returncode == 0
    assert started(desk, "prepare", OLD).returncode == 1
