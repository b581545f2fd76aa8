"""The whole measurement, in order: scratch desk, load, queries, mail in, a started desk with open inboxes.

This process's settings are turned to the scratch folder before anything is opened,
so the real data cannot be touched; a database given by URL must be empty.
"""

import asyncio
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import inspect, text

from casso import config, db
from casso.clock import ticks
from casso.services import schema, setup
from casso.services.bench import corpus, desk, ingest, loading, queries, screens
from casso.services.bench.weight import first_load_bytes
from casso.services.passwords import hash_password

KEPT = ("CASSO_SECRET_KEY",)
MAILBOX = "support@helpdesk.example"
Figure = float | int | str | None


class NotEmpty(Exception):
    """The database that was given holds tables: it could be somebody's real one."""


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """What to measure; without a corpus file the tickets are made up."""

    tickets: int
    agents: int
    corpus: Path | None = None
    database: str = ""
    with_desk: bool = True


def run(options: BenchOptions) -> dict[str, Figure]:
    """Measure; keys are those of the contract; None what could not be measured, `failed` why."""
    with tempfile.TemporaryDirectory(prefix="casso-bench-") as name:
        folder = Path(name)
        port = desk.free_port()
        _turn_settings(folder, port, options.database)
        _require_empty()
        try:
            return _measure(options, folder, port)
        finally:
            _clean(options)


def _measure(options: BenchOptions, folder: Path, port: int) -> dict[str, Figure]:
    schema.upgrade()
    password = secrets.token_urlsafe(16)
    form = setup.SetupForm("Bench", "owner@bench.example", password, first_name="Owner", mailbox=MAILBOX)
    actor = setup.set_up(form)
    start = ticks()
    source = corpus.read(options.corpus) if options.corpus else corpus.made_up(options.tickets)
    loaded = loading.load(actor, 1, source, password_hash=hash_password(password), agents=options.agents)
    figures: dict[str, Figure] = {
        "tickets": loaded.tickets,
        "messages": loaded.messages,
        "database": db.engine().dialect.name,
        "agents": options.agents,
        "load_s": round(ticks() - start, 1),
    }
    figures |= asdict(queries.measure(actor, loaded))
    log = folder / "desk.log"
    figures |= asdict(ingest.measure(actor, MAILBOX, log))
    desktop = screens.Desktop(f"http://localhost:{port}", loaded.agent_emails, password, actor, 1, MAILBOX)
    figures |= _started(desktop, loaded, options, port, log)
    return figures | {"report_ms_p50": None, "first_load_bytes": first_load_bytes()}


def _started(
    desktop: screens.Desktop, loaded: loading.Loaded, options: BenchOptions, port: int, log: Path
) -> dict[str, Figure]:
    """What needs the real processes; None for all of it when asked to leave them out."""
    nothing: dict[str, Figure] = dict.fromkeys(("cold_start_s", "rss_mb", "pss_mb"))
    nothing |= asdict(screens.ScreenFigures())
    if not options.with_desk:
        return nothing
    desk.build_front_end()
    with desk.running(port, log) as started:
        nothing["cold_start_s"] = started.cold_start_s
        try:
            nothing |= asdict(asyncio.run(screens.measure(desktop, loaded, options.agents)))
        except screens.NoAnswer as error:
            nothing["failed"] = str(error)
        return nothing | asdict(desk.memory_of(started.pid))


def _turn_settings(folder: Path, port: int, database: str) -> None:
    """Everything of this process points to the scratch folder; nothing of the real desk is left."""
    for name in list(os.environ):
        if name.startswith(("CASSO_", "MAILGUN_", "AWS_", "STRIPE_", "ANTHROPIC_")) and name not in KEPT:
            del os.environ[name]
    os.environ.update(
        CASSO_DATA_DIR=str(folder / "data"),
        CASSO_ENV_FILE=str(folder / "no.env"),
        CASSO_PORT=str(port),
        CASSO_URL=f"http://localhost:{port}",
        CASSO_SMTP_LISTEN=f"127.0.0.1:{desk.free_port()}",
        CASSO_MAIL_OUT="file:",
        CASSO_REDIS_URL="",
    )
    if database:
        os.environ["CASSO_DATABASE_URL"] = database
    config.settings.cache_clear()
    db.engine.cache_clear()


def _require_empty() -> None:
    config.settings().data_dir.mkdir(parents=True, exist_ok=True)
    if inspect(db.engine()).get_table_names():
        raise NotEmpty("the database holds tables: bench measures only in an empty one")


def _clean(options: BenchOptions) -> None:
    """A database that was given empty is left empty."""
    if options.database:
        with db.engine().begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    db.engine().dispose()
