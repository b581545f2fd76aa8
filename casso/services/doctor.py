"""Looks a desk over and says in words what to mend: `casso doctor`.

Each check is on its own: one that breaks is itself a finding and hides no other.
Reads only, but for one small file that is stored and removed again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from casso import db
from casso.access import across_organizations
from casso.clock import now
from casso.config import settings
from casso.enums import Delivery, SpoolState
from casso.errors import GatewayError
from casso.gateways import spool
from casso.models import Heartbeat, Outgoing, SpooledMail
from casso.queries.health import get_health
from casso.services import doctor_places, doctor_secrets, doctor_tls, doctor_trail, doctor_walls, schema
from casso.services.doctor_findings import Finding, fine, wrong

WAITS_TOO_LONG = timedelta(minutes=10)
WORKER_LATE = timedelta(seconds=30)
LAGS_TOO_MUCH_MS = 500.0
RELEASED_ON = datetime(2026, 1, 1, tzinfo=UTC)
DUE = (Delivery.QUEUED, Delivery.RETRYING)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, in the order in which they should be mended."""

    findings: tuple[Finding, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return all(finding.is_fine for finding in self.findings)


def examine() -> Diagnosis:
    """Every check. Raises SettingError when the settings themselves cannot be read."""
    settings()
    found = [fine("configuration", "all settings can be read", data_dir=str(settings().data_dir))]
    for name, check in _checks():
        try:
            found += check()
        except Exception as error:
            found.append(wrong(name, f"the check broke: {type(error).__name__}"))
    return Diagnosis(tuple(found))


def _checks() -> Iterator[tuple[str, Callable[[], list[Finding]]]]:
    database = check_database()
    yield "database", lambda: database
    yield "storage", doctor_places.check_storage
    yield "disk", doctor_places.check_disk
    yield "mail in", doctor_places.check_mail_in
    yield "mail out", doctor_places.check_mail_out
    yield "secret files", doctor_secrets.check_files
    yield "operator", doctor_places.check_operator
    yield "redis", doctor_places.check_redis
    yield "https", doctor_tls.check_pages
    yield "incoming queue", check_incoming
    if all(finding.is_fine for finding in database):
        yield "walls", doctor_walls.check_walls
        yield "clock", check_clock
        yield "mailboxes", doctor_tls.check_fetching
        yield "worker", check_worker
        yield "outgoing queue", check_outgoing
        yield "quarantine", check_quarantine
        yield "unrouted mail", check_unrouted
        yield "web", check_web
        yield "trail", doctor_trail.check_trail
        yield "secrets", doctor_secrets.check_sealed


def check_database() -> list[Finding]:
    """Whether it answers, and whether its schema is ours."""
    try:
        with db.engine().connect() as connection:
            connection.execute(text("SELECT 1"))
        state = schema.schema_state()
    except (SQLAlchemyError, OSError) as error:
        advice = "check CASSO_DATABASE_URL and that the server runs"
        return [wrong("database", f"does not answer ({type(error).__name__}): {advice}")]
    kind = db.engine().dialect.name
    if not state.is_known:
        return [wrong("schema", f"is at {state.current}, made by a newer Casso: start that version")]
    if not state.is_current:
        return [
            wrong("schema", f"is at '{state.current}' and must be at '{state.head}': run `casso migrate`")
        ]
    return [fine("database", f"{kind} answers, the schema is at {state.head}", kind=kind, schema=state.head)]


def check_clock() -> list[Finding]:
    """A clock that went back makes everything due in the future."""
    moment = now()
    with db.reading() as session:
        newest = session.execute(select(func.max(col(Heartbeat.at)))).scalar() or moment
    if moment < RELEASED_ON:
        return [wrong("clock", f"shows {moment:%Y-%m-%d}: set the machine's time")]
    if newest - moment > timedelta(minutes=1):
        seconds = int((newest - moment).total_seconds())
        return [wrong("clock", f"is {seconds} s behind what was written before: set the machine's time")]
    return [fine("clock", f"shows {moment:%Y-%m-%d %H:%M:%S} UTC")]


def check_worker() -> list[Finding]:
    """The worker's sign of life, and the jobs that do not get through."""
    age = _age_of("worker")
    if age is None or age > WORKER_LATE.total_seconds():
        since = "has never run" if age is None else f"was last alive {age:.0f} s ago"
        return [wrong("worker", f"{since}: start the desk with `casso serve`", age_seconds=age)]
    health = get_health()
    if health.late:
        jobs = ", ".join(health.late)
        return [wrong("worker", f"these jobs do not get through: {jobs}; see the log", age_seconds=age)]
    return [fine("worker", f"alive {age:.0f} s ago", age_seconds=age)]


def check_incoming() -> list[Finding]:
    """Mail that was acknowledged and is no ticket yet."""
    try:
        age, waiting = spool.age_of_oldest(), spool.count_waiting()
    except (OSError, GatewayError) as error:
        return [wrong("incoming queue", f"the spool cannot be read ({type(error).__name__})")]
    said = f"{waiting} mails wait, the oldest {age:.0f} s"
    if age > WAITS_TOO_LONG.total_seconds():
        advice = "see whether the worker runs and what the log says"
        return [wrong("incoming queue", f"{said}: {advice}", waiting=waiting, age_seconds=age)]
    return [fine("incoming queue", said, waiting=waiting, age_seconds=age)]


def check_outgoing() -> list[Finding]:
    """Answers that should have left by now, and those that need a person."""
    with db.reading() as session, across_organizations(session, "doctor: queues of the whole desk"):
        due = [col(Outgoing.state).in_(DUE), col(Outgoing.due_at) < now()]
        count, oldest = session.execute(
            select(func.count(), func.min(col(Outgoing.due_at))).where(*due)
        ).one()
        stuck = session.execute(
            select(func.count()).where(col(Outgoing.state).in_((Delivery.FAILED, Delivery.UNCERTAIN)))
        ).scalar_one()
    age = (now() - oldest).total_seconds() if oldest else 0.0
    said = f"{count} answers are due, the oldest for {age:.0f} s; {stuck} need a person"
    values = {"due": count, "age_seconds": age, "need_a_person": stuck}
    if age > WAITS_TOO_LONG.total_seconds():
        return [wrong("outgoing queue", f"{said}: check CASSO_MAIL_OUT and the log", **values)]
    return [fine("outgoing queue", said, **values)]


def check_quarantine() -> list[Finding]:
    """Mail that could not be read; nobody answers it until somebody looks."""
    with db.reading() as session:
        count = session.execute(
            select(func.count()).where(col(SpooledMail.state) == SpoolState.QUARANTINED)
        ).scalar_one()
    advice = "look at Settings, Quarantine" if count else "nothing to look at"
    return [fine("quarantine", f"{count} mails; {advice}", mails=count)]


def check_unrouted() -> list[Finding]:
    """Mail for addresses that no mailbox has: nobody sees it, and its sender was told it arrived."""
    with db.reading() as session:
        count, newest = session.execute(
            select(func.count(), func.max(col(SpooledMail.received_at))).where(
                col(SpooledMail.state) == SpoolState.UNROUTED
            )
        ).one()
    if not count:
        return [fine("unrouted mail", "every mail had a mailbox", mails=0)]
    advice = (
        "add the address under Settings, Mailboxes: young mail then comes back by itself, "
        "and `casso retry-unrouted` routes all of it once more; "
        f"the mails lie in {settings().spool_dir / spool.UNROUTED}"
    )
    age = max(0.0, (now() - newest).total_seconds())
    said = f"{count} mails for addresses that no mailbox has, the newest {age / 3600:.0f} h ago; {advice}"
    return [fine("unrouted mail", said, mails=count, age_seconds=age)]


def check_web() -> list[Finding]:
    """How long an event waits for the web process's loop, as its own sign of life says."""
    age = _age_of("web")
    if age is None:
        return [fine("web", "has left no sign of life yet", lag_ms=None)]
    with db.reading() as session:
        detail = session.execute(
            select(col(Heartbeat.detail)).where(col(Heartbeat.name) == "web")
        ).scalar_one()
    lag = _first_number(detail)
    if age > WORKER_LATE.total_seconds():
        return [wrong("web", f"was last alive {age:.0f} s ago: see its log", age_seconds=age, lag_ms=lag)]
    if lag is not None and lag > LAGS_TOO_MUCH_MS:
        return [wrong("web", f"its loop lags {lag:.0f} ms: too much work for one process", lag_ms=lag)]
    return [
        fine("web", f"alive {age:.0f} s ago, its loop lags {lag or 0:.0f} ms", age_seconds=age, lag_ms=lag)
    ]


def _age_of(name: str) -> float | None:
    """Seconds since a process's last sign of life; None when it never gave one."""
    with db.reading() as session:
        at = session.execute(select(col(Heartbeat.at)).where(col(Heartbeat.name) == name)).scalar()
    return None if at is None else max(0.0, (now() - at).total_seconds())


def _first_number(text_: str) -> float | None:
    """The number in a detail like `lag_ms=3.2`."""
    digits = "".join(letter if letter.isdigit() or letter == "." else " " for letter in text_).split()
    try:
        return float(digits[0]) if digits else None
    except ValueError:
        return None
