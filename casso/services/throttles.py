"""Counts tries at a door and makes who tries too often wait; stored, so a restart forgets nothing.

Two counts a try: the subject's (an address, an account's id) and the network's. A
subject that once succeeded from a network, or comes with a browser it used before
(`device`), has a count of its own there: whoever hammers an address from elsewhere
never locks its owner out. Purposes never share counts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from casso.clock import now
from casso.db import reading, transaction
from casso.errors import TooManyTries
from casso.gateways import secrets
from casso.models import Throttle
from casso.rules.networks import network_of
from casso.rules.throttling import Count, Limit, wait_left, with_try
from casso.services.upsert import insert_into

KEEP_COUNTS = timedelta(days=2)
KEEP_TRUST = timedelta(days=180)
TRUST_AGAIN = timedelta(days=1)


class Door(StrEnum):
    """What is tried. Add a line to LIMITS with each."""

    SIGN_IN = "sign-in"
    RESET = "reset"
    LINK = "link"
    PASSWORD_AGAIN = "password again"  # noqa: S105 (a purpose)
    INVITATION = "invitation"
    SIGN_UP = "sign-up"
    SIGN_UP_CODE = "sign-up code"
    SECOND_FACTOR = "second factor"
    MAIL_CHANGE = "mail change"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limit of one subject, and of all subjects tried from one network."""

    subject: Limit
    network: Limit


def _limit(free: int, *, first_seconds: int, longest_minutes: int, hours: int = 1) -> Limit:
    longest = timedelta(minutes=longest_minutes)
    return Limit(free, timedelta(seconds=first_seconds), longest, timedelta(hours=hours))


_OFTEN = _limit(30, first_seconds=15, longest_minutes=15)
LIMITS: dict[Door, Limits] = {
    Door.SIGN_IN: Limits(_limit(5, first_seconds=15, longest_minutes=15), _OFTEN),
    Door.RESET: Limits(_limit(3, first_seconds=300, longest_minutes=60, hours=6), _OFTEN),
    Door.LINK: Limits(_OFTEN, _OFTEN),
    Door.PASSWORD_AGAIN: Limits(_limit(5, first_seconds=15, longest_minutes=15), _OFTEN),
    Door.INVITATION: Limits(_limit(20, first_seconds=60, longest_minutes=60, hours=24), _OFTEN),
    Door.SIGN_UP: Limits(_limit(3, first_seconds=300, longest_minutes=60, hours=6), _OFTEN),
    Door.MAIL_CHANGE: Limits(_limit(5, first_seconds=300, longest_minutes=60, hours=6), _OFTEN),
    # Five codes, and then a wait as long as a code lives.
    Door.SIGN_UP_CODE: Limits(_limit(5, first_seconds=1800, longest_minutes=30, hours=6), _OFTEN),
    Door.PICTURE: Limits(_limit(20, first_seconds=60, longest_minutes=60), _OFTEN),
    Door.SECOND_FACTOR: Limits(_limit(5, first_seconds=30, longest_minutes=15, hours=6), _OFTEN),
}


@dataclass(frozen=True, slots=True)
class _Keys:
    """The rows of one try: the subject everywhere, at this place, with this device; and the network."""

    subject: str
    place: str
    device: str
    network: str

    def all(self) -> list[str]:
        return sorted({self.subject, self.place, self.device, self.network} - {""})


def check(door: Door, subject: str, ip: str, *, device: str = "") -> None:
    """Raise TooManyTries when this subject or network has to wait; counts nothing.

    `subject` in one spelling (an address in lower case); `ip` from web.router.client_ip();
    `device` only when its proof was checked (services/devices.py).
    """
    keys = _keys(door, subject, ip, device)
    with reading() as session:
        found = session.exec(select(Throttle).where(col(Throttle.key).in_(keys.all()))).all()
    _require_no_wait(door, keys, {row.key: row for row in found}, now())


def take_try(door: Door, subject: str, ip: str, *, device: str = "") -> None:
    """Check and count in one transaction, before the try itself: parallel tries each count.

    For what is quick to try, such as a code. It counts as failed until note_success(). Raises
    TooManyTries, then nothing is counted.
    """
    check(door, subject, ip, device=device)
    keys = _keys(door, subject, ip, device)
    with transaction() as session:
        rows = _locked(session, keys)
        moment = now()
        _require_no_wait(door, keys, rows, moment)
        _count(door, keys, rows, moment)


def note_success(door: Door, subject: str, ip: str, *, device: str = "") -> None:
    """The try that take_try() counted was right: forget the subject's tries here, and trust the network.

    Elsewhere and with other subjects the counts stay: one right password pays for no other try.
    """
    keys = _keys(door, subject, ip, device)
    with transaction() as session:
        rows = _locked(session, keys)
        _forgive(keys, rows)
        network = rows[keys.network]
        network.tries = max(0, network.tries - 1)
        if network.tries < LIMITS[door].network.free:
            network.blocked_until = None


def note_failure(session: Session, door: Door, subject: str, ip: str, *, device: str = "") -> None:
    """Count a failed try that was only checked before, in a transaction that must be committed.

    For what takes long to try, such as a password: whoever is right in parallel never waits. The
    caller bounds how many try at once.
    """
    keys = _keys(door, subject, ip, device)
    _count(door, keys, _locked(session, keys), now())


def trust(door: Door, subject: str, ip: str, *, device: str = "") -> None:
    """A try that was only checked before was right: forget the subject's tries here, trust the network."""
    keys = _keys(door, subject, ip, device)
    with reading() as session:
        found = session.exec(select(Throttle).where(col(Throttle.key).in_(keys.all()))).all()
    rows = {row.key: row for row in found}
    place, own = rows.get(keys.place), rows.get(_own(keys, rows))
    is_fresh = place is not None and place.trusted_at is not None and now() - place.trusted_at < TRUST_AGAIN
    if is_fresh and (own is None or own.tries == 0):
        return
    with transaction() as session:
        _forgive(keys, _locked(session, keys))


def _keys(door: Door, subject: str, ip: str, device: str) -> _Keys:
    network = network_of(ip)
    return _Keys(
        subject=_key(door, "subject", subject),
        place=_key(door, "place", subject, network),
        device=_key(door, "device", subject, device) if device else "",
        network=_key(door, "network", network),
    )


def _key(door: Door, *parts: str) -> str:
    return secrets.sign("throttle", "\n".join((door, *parts)))


def _own(keys: _Keys, rows: dict[str, Throttle]) -> str:
    """Which count is the subject's here: its device's, its usual network's, or the one for all others."""
    if keys.device:
        return keys.device
    place = rows.get(keys.place)
    is_usual = place is not None and place.trusted_at is not None
    return keys.place if is_usual else keys.subject


def _counted(door: Door, keys: _Keys, rows: dict[str, Throttle]) -> list[tuple[str, Limit]]:
    """The counts that matter for this try; a known browser does not wait for its network."""
    own = [(_own(keys, rows), LIMITS[door].subject)]
    return own if keys.device else [*own, (keys.network, LIMITS[door].network)]


def _require_no_wait(door: Door, keys: _Keys, rows: dict[str, Throttle], moment: datetime) -> None:
    waits = [
        wait_left(_count_of(rows[key]), limit, moment)
        for key, limit in _counted(door, keys, rows)
        if key in rows
    ]
    longest = max(waits, default=timedelta(0))
    if longest > timedelta(0):
        raise TooManyTries(seconds=int(longest.total_seconds()) + 1)


def _forgive(keys: _Keys, rows: dict[str, Throttle]) -> None:
    own = rows[_own(keys, rows)]
    own.tries, own.blocked_until = 0, None
    rows[keys.place].trusted_at = now()


def _count(door: Door, keys: _Keys, rows: dict[str, Throttle], moment: datetime) -> None:
    for key, limit in _counted(door, keys, rows):
        row = rows[key]
        after = with_try(_count_of(row), limit, moment)
        row.tries, row.window_started_at, row.blocked_until = (
            after.tries,
            after.started_at,
            after.blocked_until,
        )
        row.updated_at = moment


def _count_of(row: Throttle) -> Count:
    return Count(row.tries, row.window_started_at, row.blocked_until)


def _locked(session: Session, keys: _Keys) -> dict[str, Throttle]:
    """All rows of the try, made if need be; in one order, so that two tries never wait for each other."""
    moment = now()
    fresh = [
        {"key": key, "tries": 0, "window_started_at": moment, "updated_at": moment} for key in keys.all()
    ]
    session.execute(insert_into(session, Throttle).values(fresh).on_conflict_do_nothing())
    rows = session.exec(
        select(Throttle)
        .where(col(Throttle.key).in_(keys.all()))
        .order_by(col(Throttle.key))
        .with_for_update()
    ).all()
    return {row.key: row for row in rows}
