"""`desk`: a fresh, migrated desk with two organizations and a clock that stands still, on each database.

`sqlite_desk` is the same on SQLite alone, for what does not differ between
databases. The pieces are in tests/desks.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import desks
from tests.desks import Desk


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder, with settings that point to it and to nothing else."""
    desks.point_settings_at(tmp_path, monkeypatch)
    yield tmp_path
    desks.forget()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk on each database."""
    made = desks.sqlite_desk if request.param == "sqlite" else desks.postgres_desk
    with made(tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def sqlite_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk on SQLite."""
    with desks.sqlite_desk(tmp_path, monkeypatch) as found:
        yield found
