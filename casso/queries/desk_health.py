"""The whole installation at a glance, for operators: every part, every job, every mailbox, the last checks.

Reads what others left behind (signs of life, queues, kept outcomes) and asks nobody
outside. Of organizations it shows the addresses of mailboxes, nothing of their tickets.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from casso import __version__
from casso.access import Actor, across_organizations, require_operator
from casso.clock import now
from casso.config import settings
from casso.db import reading
from casso.enums import CheckKind, Delivery, Level, SpoolState
from casso.gateways import spool
from casso.models import CheckRun, Heartbeat, ImapAccount, Mailbox, Outgoing, SpooledMail
from casso.queries.shown import iso

PROCESS_LATE = timedelta(seconds=30)
# How old the last success of a job may be: most run every few seconds, some daily, the checks for minutes.
JOB_LATE = timedelta(minutes=5)
DAILY = ("sweep", "files", "trail")
DAY_LATE, CHECKS_LATE = timedelta(hours=26), timedelta(hours=1)
WAITS_TOO_LONG_SECONDS = 600
LEAST_FREE_MB = 500
MOST_EARLIER = 12


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One part: `name` and `said` are catalogue suffixes (`health.part.…`, `health.said.…`)."""

    name: str
    level: str
    said: str
    gaps: dict[str, str]
    at_iso: str = ""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job's last success (`health.job.…`)."""

    name: str
    at_iso: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A mailbox that is fetched; `error_code` is a suffix of `imap.…`."""

    address: str
    checked_iso: str
    error_code: str
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding of a check: `check.<code>` with its values."""

    code: str
    level: str
    gaps: dict[str, str]


@dataclass(frozen=True, slots=True)
class LookRow:
    """The checks of one kind: what is asked for or running now, and the last that ended."""

    state: str = ""
    since_iso: str = ""
    ended_iso: str = ""
    wrong: int = 0
    fine: int = 0


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """A check that ended before; `wrong` findings of it."""

    kind: str
    ended_iso: str
    wrong: int


@dataclass(frozen=True, slots=True)
class DeskHealth:
    """Everything of the page; findings by kind, what is to be mended first."""

    lines: tuple[HealthLine, ...]
    jobs: tuple[JobRow, ...]
    sources: tuple[SourceRow, ...]
    looks: dict[str, LookRow]
    findings: dict[str, tuple[FindingRow, ...]]
    earlier: tuple[EarlierRow, ...]


def get_desk_health(actor: Actor) -> DeskHealth:
    """The state now. Raises NotAllowed for everybody but operators."""
    require_operator(actor)
    with reading() as session, across_organizations(session, "health page: the whole desk"):
        signs = {one.name: one for one in session.execute(select(Heartbeat)).scalars()}
        lines = [_process("web", signs), _process("worker", signs), *_queues(session)]
        sources = _sources(session)
    with reading() as session:
        runs = session.execute(select(CheckRun).order_by(col(CheckRun.id).desc())).scalars().all()
    kinds = {kind.value: [run for run in runs if run.kind == kind] for kind in CheckKind}
    return DeskHealth(
        lines=(*lines, _disk(), _storage(), _database(), _version()),
        jobs=_jobs(signs),
        sources=sources,
        looks={kind: _look(mine) for kind, mine in kinds.items()},
        findings={kind: _findings(_ended(mine)) for kind, mine in kinds.items()},
        earlier=tuple(
            EarlierRow(run.kind, iso(run.finished_at), _count(run, Level.WRONG))
            for run in runs
            if run.finished_at is not None
        )[:MOST_EARLIER],
    )


def _process(name: str, signs: dict[str, Heartbeat]) -> HealthLine:
    found = signs.get(name)
    if found is None:
        # Whoever reads this page is being served, so a web process that has said nothing yet is just young.
        level = Level.WRONG if name == "worker" else Level.NOTICE
        return HealthLine(name, level, f"{name}_never", {})
    is_late = now() - found.at > PROCESS_LATE
    said = f"{name}_late" if is_late else f"{name}_well"
    lag = found.detail.partition("lag_ms=")[2]
    level = Level.WRONG if is_late else Level.FINE
    return HealthLine(name, level, said, {"lag": lag.partition(".")[0] or "0"}, iso(found.at))


def _queues(session: Session) -> list[HealthLine]:
    """Mail on its way in and out, and mail that waits for a person."""
    waiting, age = spool.count_waiting(), spool.age_of_oldest()
    due = [col(Outgoing.state).in_((Delivery.QUEUED, Delivery.RETRYING)), col(Outgoing.due_at) < now()]
    leaving, oldest = session.execute(select(func.count(), func.min(col(Outgoing.due_at))).where(*due)).one()
    stuck = _number(session, Outgoing, col(Outgoing.state).in_((Delivery.FAILED, Delivery.UNCERTAIN)))
    aside = _number(session, SpooledMail, col(SpooledMail.state) == SpoolState.QUARANTINED)
    nobodys = _number(session, SpooledMail, col(SpooledMail.state) == SpoolState.UNROUTED)
    late = oldest is not None and (now() - oldest).total_seconds() > WAITS_TOO_LONG_SECONDS
    return [
        _queue("incoming", waiting, is_late=age > WAITS_TOO_LONG_SECONDS),
        _queue("outgoing", leaving, is_late=late, at=oldest),
        _waiting("stuck", stuck),
        _waiting("quarantine", aside),
        _waiting("unrouted", nobodys),
    ]


def _queue(name: str, count: int, *, is_late: bool, at: datetime | None = None) -> HealthLine:
    said = "queue_late" if is_late else "queue_some" if count else "queue_empty"
    level = Level.WRONG if is_late else Level.FINE
    return HealthLine(name, level, said, {"count": str(count)}, iso(at))


def _waiting(name: str, count: int) -> HealthLine:
    level = Level.NOTICE if count else Level.FINE
    return HealthLine(name, level, f"{name}_some" if count else "none", {"count": str(count)})


def _number(session: Session, table: type[Outgoing | SpooledMail], which: ColumnElement[bool]) -> int:
    return int(session.execute(select(func.count()).select_from(table).where(which)).scalar_one())


def _disk() -> HealthLine:
    free = shutil.disk_usage(settings().data_dir).free // 2**20
    is_low = free < LEAST_FREE_MB
    shown = f"{free / 1024:.1f} GB" if free >= 1024 else f"{free} MB"
    return HealthLine("disk", Level.WRONG if is_low else Level.FINE, "disk_low" if is_low else "disk_free",
                      {"free": shown})  # fmt: skip


def _storage() -> HealthLine:
    bucket = settings().s3_bucket
    place = bucket or str(settings().files_dir)
    return HealthLine("storage", Level.FINE, "storage_s3" if bucket else "storage_here", {"place": place})


def _database() -> HealthLine:
    kind = "SQLite" if settings().is_sqlite else "PostgreSQL"
    return HealthLine("database", Level.FINE, "database_answers", {"kind": kind})


def _version() -> HealthLine:
    return HealthLine("version", Level.FINE, "version", {"version": __version__})


def _jobs(signs: dict[str, Heartbeat]) -> tuple[JobRow, ...]:
    """By name; a job that has never got through since the beginning is not known here."""
    found = sorted((name.removeprefix("job:"), one.at) for name, one in signs.items() if "job:" in name)
    return tuple(JobRow(name, iso(at), now() - at > _limit(name)) for name, at in found)


def _limit(job: str) -> timedelta:
    return DAY_LATE if job in DAILY else CHECKS_LATE if job == "checks" else JOB_LATE


def _sources(session: Session) -> tuple[SourceRow, ...]:
    """Mailboxes that are fetched; those with an error first."""
    found = session.execute(
        select(
            col(Mailbox.address),
            col(ImapAccount.checked_at),
            col(ImapAccount.error_code),
            col(ImapAccount.is_enabled),
        )
        .where(
            col(ImapAccount.mailbox_id) == col(Mailbox.id),
            col(ImapAccount.organization_id) == col(Mailbox.organization_id),
        )
        .order_by(col(ImapAccount.error_code).desc(), col(Mailbox.address))
    )
    return tuple(SourceRow(address, iso(at), error, on) for address, at, error, on in found)


def _ended(runs: list[CheckRun]) -> CheckRun | None:
    """The newest that ended."""
    return next((run for run in runs if run.finished_at is not None), None)


def _look(runs: list[CheckRun]) -> LookRow:
    going = next((run for run in runs if run.finished_at is None), None)
    last = _ended(runs)
    state = "" if going is None else "running" if going.started_at else "waiting"
    return LookRow(
        state=state if state or last else "never",
        since_iso=iso(going.started_at or going.asked_at) if going else "",
        ended_iso=iso(last.finished_at) if last else "",
        wrong=_count(last, Level.WRONG) if last else 0,
        fine=_count(last, Level.FINE) if last else 0,
    )


def _findings(run: CheckRun | None) -> tuple[FindingRow, ...]:
    order = list(reversed(Level))
    kept = json.loads(run.findings) if run else []
    rows = [FindingRow(one["code"], one["level"], one["values"]) for one in kept]
    return tuple(sorted(rows, key=lambda row: order.index(Level(row.level))))


def _count(run: CheckRun, level: Level) -> int:
    return sum(one["level"] == level for one in json.loads(run.findings))
