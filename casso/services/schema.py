"""The database's schema: which revision it is at, and bringing it up to ours.

A database that a newer Casso has migrated is refused, never guessed at. Every
revision runs in a transaction, so an interrupted upgrade is simply run again.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from alembic import command
from casso import db
from casso.config import settings

ROOT = Path(__file__).resolve().parents[2]


class NewerSchema(Exception):
    """The database was migrated by a newer version of Casso."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database is at revision {revision}, which this version of Casso does not know: "
            "start the newer version that migrated it, or restore a backup made before that"
        )
        self.revision = revision


@dataclass(frozen=True, slots=True)
class SchemaState:
    """`current` is empty for an empty database; `head` is what this version needs."""

    current: str
    head: str
    is_known: bool

    @property
    def is_current(self) -> bool:
        """Whether nothing needs to be done."""
        return self.current == self.head


def schema_state() -> SchemaState:
    """What the database says of itself; reads only."""
    script = _script()
    with db.engine().connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision() or ""
    known = {revision.revision for revision in script.walk_revisions()}
    return SchemaState(current=current, head=str(script.get_current_head()), is_known=current in known | {""})


def upgrade() -> SchemaState:
    """Bring the schema up to ours; at head already, nothing changes. Raises NewerSchema."""
    settings().data_dir.mkdir(parents=True, exist_ok=True)
    before = schema_state()
    if not before.is_known:
        raise NewerSchema(before.current)
    if not before.is_current:
        command.upgrade(_config(), "head")
    return schema_state()


def _config() -> Config:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("script_location", str(ROOT / "alembic"))
    return config


@cache
def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
