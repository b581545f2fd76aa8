"""One served desk for all walls: two organizations, every kind of person, the real handlers and routes."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers.back_end import BackEnd, back_end
from tests.walls.prepare import canary

# Signs of life and counts of tries: written by whoever knocks, whatever they may.
RESTLESS = {"heartbeat", "throttle"}
Rows = dict[str, str]


@dataclass(frozen=True, slots=True)
class Walls:
    """The desk, who may knock, and what must not move."""

    served: BackEnd
    mine: dict[str, Any]
    other: dict[str, Any]

    def cookie(self, who: str) -> str:
        """`viewer`, `other owner`, `anonymous` …"""
        if who == "anonymous":
            return ""
        whose = self.other if who.startswith("other ") else self.mine
        return str(whose["cookies"][who.removeprefix("other ")])

    def fresh_cookies(self, who: str, count: int) -> list[str]:
        """That many new sessions of somebody: one alone may not call everything a dozen times in a row."""
        whose = self.other if who.startswith("other ") else self.mine
        account = whose["accounts"][who.removeprefix("other ")]
        code = f"from tests.walls.prepare import cookie\nfor _ in range({count}): print(cookie({account}))"
        return self.served.python("-c", code).split()

    def rows(self, *, of: int | None = None) -> Rows:
        """A digest of every table: all of it, or the rows of one organization."""
        with closing(sqlite3.connect(self.served.data_dir / "casso.db")) as connection:
            names = [
                name
                for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
                if not name.startswith(("search_index", "sqlite_")) and name not in RESTLESS
            ]
            return {name: digest for name in names if (digest := _digest(connection, name, of))}


def _digest(connection: sqlite3.Connection, table: str, of: int | None) -> str:
    columns = [row[1] for row in connection.execute(f'pragma table_info("{table}")')]
    if of is not None and "organization_id" not in columns:
        return ""
    kept = ", ".join(f'"{name}"' for name in columns if name != "last_seen_at")
    where = f" where organization_id = {of}" if of is not None else ""
    rows = connection.execute(f'select {kept} from "{table}"{where}').fetchall()
    return hashlib.sha256(repr(sorted(rows, key=repr)).encode()).hexdigest()


@pytest.fixture(scope="session")
def walls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walls]:
    """Started once."""
    folder: Path = tmp_path_factory.mktemp("walls")
    with back_end(folder, prepare=("-m", "tests.walls.prepare")) as served:
        told = json.loads((folder / "prepared").read_text().splitlines()[-1])
        yield Walls(served, told["mine"], told["other"])


@pytest.fixture
def unchanged(walls: Walls) -> Iterator[Callable[[], None]]:
    """Nothing in the database may change during the test."""
    before = walls.rows()
    yield lambda: None
    after = walls.rows()
    assert {name for name in after if after[name] != before.get(name)} == set()


@pytest.fixture
def secret() -> str:
    """What nobody of the other organization may ever read."""
    return canary("mine")
