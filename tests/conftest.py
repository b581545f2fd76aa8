"""`desk`: a fresh, migrated desk with two organizations and a clock that stands still, on each database.

`sqlite_desk` is the same on SQLite alone, for what does not differ between
databases. The pieces are in tests/desks.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from casso import db
from tests import desks, trail_detector
from tests.desks import Desk
from tests.flows.browser import chromium
from tests.servers.postgres import Postgres, available, postgres_server


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder, with settings that point to it and to nothing else."""
    desks.point_settings_at(tmp_path, monkeypatch)
    yield tmp_path
    desks.forget()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server with the desk's template; skips where none is installed."""
    if available() is None:
        pytest.skip("no PostgreSQL server is installed")
    with postgres_server() as server:
        desks.fill_template(server)
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, one for all: Playwright drives no second one beside it in the same process."""
    with chromium() as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk on each database."""
    if request.param == "sqlite":
        with desks.sqlite_desk(tmp_path, monkeypatch) as found, nothing_untold():
            yield found
        return
    server = request.getfixturevalue("postgres")
    with desks.postgres_desk(tmp_path, monkeypatch, server) as found, nothing_untold():
        yield found


@pytest.fixture
def sqlite_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk on SQLite."""
    with desks.sqlite_desk(tmp_path, monkeypatch) as found, nothing_untold():
        yield found


@contextmanager
def nothing_untold() -> Iterator[None]:
    """Fails the test when a service changed something without a line in the trail."""
    with trail_detector.watched(db.engine()) as missing:
        yield
    assert sorted(set(missing)) == []
