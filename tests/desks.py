"""Fresh desks for tests: migrated and filled once a session, then copied as a file or a database."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from sqlmodel import select

from casso import clock, config, db
from casso.access import Actor, across_organizations
from casso.enums import Role
from casso.models import Account, Mailbox, Membership
from casso.services import schema, setup
from tests.servers.postgres import Postgres

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
SECRET_KEY = "0123456789abcdef" * 4
TEMPLATE = "desk_template"
URL = "http://desk.example:3000"


@dataclass(slots=True)
class Clock:
    """The time as the product sees it: each look is a microsecond later, and `tick` lets time pass."""

    moment: datetime = START

    def now(self, _zone: object = None) -> datetime:
        """Stands in for datetime.now in casso/clock.py."""
        self.moment += timedelta(microseconds=1)
        return self.moment

    def tick(self, **parts: float) -> datetime:
        """Let time pass: `tick(days=2)`."""
        self.moment += timedelta(**parts)
        return self.moment


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organization with its owner, its system actor and its mailbox."""

    owner: Actor
    system: Actor
    organization_id: int
    mailbox_id: int
    address: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What a test of services needs; `other` is the organization that must never be touched."""

    folder: Path
    clock: Clock
    mine: Tenant
    other: Tenant
    kind: str
    admin_url: str = ""

    @property
    def owner(self) -> Actor:
        """Who acts, if nothing else is said."""
        return self.mine.owner

    @property
    def system(self) -> Actor:
        """The jobs' actor."""
        return self.mine.system

    @property
    def address(self) -> str:
        """The mailbox customers write to."""
        return self.mine.address


def point_settings_at(folder: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    """Settings of this process: that folder, and nothing from the outside."""
    for name in list(os.environ):
        if name.startswith(("CASSO_", "MAILGUN_", "AWS_", "GOOGLE_", "GITHUB_", "OIDC_")):
            monkeypatch.delenv(name)
    values = {"CASSO_DATA_DIR": str(folder), "CASSO_SECRET_KEY": SECRET_KEY, "CASSO_URL": URL} | more
    values["CASSO_ENV_FILE"] = str(folder / "no.env")
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    forget()


def forget() -> None:
    """Drop engine and settings of the test before."""
    if db.engine.cache_info().currsize:
        db.engine().dispose()
    db.engine.cache_clear()
    config.settings.cache_clear()


@contextmanager
def sqlite_desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk on a copied SQLite file."""
    shutil.copyfile(_sqlite_template(), folder / "casso.db")
    point_settings_at(folder, monkeypatch)
    try:
        yield _desk(folder, monkeypatch, "sqlite")
    finally:
        forget()


@contextmanager
def postgres_desk(folder: Path, monkeypatch: pytest.MonkeyPatch, server: Postgres) -> Iterator[Desk]:
    """A desk on a database copied from the server's template."""
    name = f"desk_{secrets.token_hex(4)}"
    # Copying files without write-ahead log is four times as fast, and nothing here must survive a crash.
    _command(server, f"CREATE DATABASE {name} OWNER casso TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    point_settings_at(folder, monkeypatch, CASSO_DATABASE_URL=server.url_of(name))
    try:
        yield replace(_desk(folder, monkeypatch, "postgresql"), admin_url=server.admin_of(name, "+psycopg"))
    finally:
        forget()
        _command(server, f"DROP DATABASE {name} WITH (FORCE)")


def _command(server: Postgres, sql: str) -> None:
    with psycopg.connect(server.admin, autocommit=True) as connection:
        connection.execute(sql)  # type: ignore[call-overload]


def fill_template(server: Postgres) -> None:
    """Make the migrated and filled database that every desk on this server is copied from."""
    folder = Path(mkdtemp(prefix="casso-template-"))
    with pytest.MonkeyPatch.context() as patch:
        point_settings_at(folder, patch, CASSO_DATABASE_URL=server.create(TEMPLATE))
        patch.setattr(clock, "datetime", Clock())
        _fill()
        forget()
    shutil.rmtree(folder)


@cache
def _sqlite_template() -> Path:
    """A migrated and filled SQLite file, made once a session."""
    folder = Path(mkdtemp(prefix="casso-template-"))
    with pytest.MonkeyPatch.context() as patch:
        point_settings_at(folder, patch)
        patch.setattr(clock, "datetime", Clock())
        _fill()
        with db.engine().connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        forget()
    return folder / "casso.db"


def _fill() -> None:
    schema.upgrade()
    for name, another in (("Example", False), ("Other", True)):
        form = setup.SetupForm(
            organization=name,
            email=f"owner@{name.lower()}.test",
            password=PASSWORD,
            first_name="Olga",
            last_name=name,
            mailbox=f"support@{name.lower()}.test",
        )
        setup.set_up(form, another=another)


def _desk(folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> Desk:
    fixed = Clock()
    monkeypatch.setattr(clock, "datetime", fixed)
    mine, other = (_tenant(name) for name in ("example", "other"))
    return Desk(folder, fixed, mine, other, kind)


def _tenant(name: str) -> Tenant:
    with db.reading() as session, across_organizations(session, "tests"):
        mailbox = session.exec(select(Mailbox).where(Mailbox.address == f"support@{name}.test")).one()
        account, member = session.exec(
            select(Account, Membership)
            .where(Account.email == f"owner@{name}.test")
            .where(Membership.account_id == Account.id)
        ).one()
    owner = Actor(
        organization_id=member.organization_id,
        account_id=account.id,
        role=Role(member.role),
        name=f"{account.first_name} {account.last_name}",
        email=account.email,
    )
    return Tenant(
        owner=owner,
        system=Actor.system(member.organization_id),
        organization_id=member.organization_id,
        mailbox_id=mailbox.id or 0,
        address=mailbox.address,
    )
