"""Spooled mail becomes tickets: claim, read, find the mailbox, hand over to intake, forget the spool file.

One bad mail costs itself three tries and nobody else anything. Trouble with the
database or the file store is not the mail's fault: the run stops and is repeated.
"""

import logging
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from casso.access import Actor
from casso.enums import SpoolState
from casso.errors import GatewayError
from casso.failpoints import failpoint
from casso.gateways import spool
from casso.jobs.claim import claim_spooled, find_finished, find_unfinished
from casso.jobs.stopping import stopping
from casso.services import quarantine
from casso.services.intake import Arrival, CannotPlace, Files, Lease, LeaseLost, receive, store_files
from casso.services.intake_routing import Route, route, route_by_headers, route_to_first
from casso.services.reading import read_mail
from casso.values.mail import Envelope

log = logging.getLogger(__name__)

LISTED = 2_000
LOOKED_AT = 200
CLAIMED_AT_ONCE = 10
CRASHES = 10
AHEAD = 3
WRITERS = 4
TRANSIENT = (OperationalError, InterfaceError, PoolTimeout)


@dataclass(frozen=True, slots=True)
class _Run:
    """What one run shares: recipients looked up already, and threads that write files."""

    routes: dict[str, Route | None]
    writers: ThreadPoolExecutor


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A mail that was read and has a mailbox; its files are on their way to storage."""

    lease: Lease
    arrival: Arrival
    route: Route
    files: Future[Files]


def receive_waiting(limit: int = 500) -> int:
    """Take in at most that many waiting mails; returns how many were dealt with.

    Raises the database's or the file store's error when one of them is in trouble.
    """
    listed = spool.waiting(LISTED)
    if not listed:
        return 0
    with ThreadPoolExecutor(WRITERS, thread_name_prefix="store") as writers:
        return _take_listed(listed, limit, _Run({}, writers))


def _take_listed(listed: list[str], limit: int, run: _Run) -> int:
    count = 0
    for start in range(0, len(listed), LOOKED_AT):
        for batch in _batches(listed[start : start + LOOKED_AT]):
            if count >= limit or stopping.is_set():
                return count
            count += _take_batch(claim_spooled(batch), run)
    return count


def _batches(listed: list[str]) -> Iterator[list[str]]:
    """The ids worth claiming together; files that a crash left behind are put where they belong.

    A mail that was tried before goes alone, after the others: it may be what ended its worker.
    """
    finished = find_finished(listed)
    for spool_id, state in finished.items():
        if state is SpoolState.DONE:
            spool.remove(spool_id)
        else:
            quarantine.put_away(spool_id)
    begun = find_unfinished(listed)
    free = [spool_id for spool_id in listed if spool_id not in finished and spool_id not in begun.busy]
    fresh = [spool_id for spool_id in free if spool_id not in begun.tried]
    for first in range(0, len(fresh), CLAIMED_AT_ONCE):
        yield fresh[first : first + CLAIMED_AT_ONCE]
    for spool_id in free:
        if spool_id in begun.tried:
            yield [spool_id]


def _take_batch(leases: list[Lease], run: _Run) -> int:
    """Deal with each mail, its files being written while the ones before it are committed.

    When something else is in trouble, what is not finished is given back and the trouble passed on.
    """
    ahead: deque[_Prepared] = deque()
    try:
        for lease in leases:
            failpoint("receive.claimed")
            if stopping.is_set():
                break
            if prepared := _prepare(lease, run):
                ahead.append(prepared)
            if len(ahead) > AHEAD:
                _finish(ahead.popleft())
        while ahead:
            _finish(ahead.popleft())
    except (*TRANSIENT, GatewayError):
        _give_back(leases)
        raise
    if stopping.is_set():
        _give_back(leases)
    return len(leases)


def _give_back(leases: list[Lease]) -> None:
    """Finished ones are no longer ours, which postponing notices."""
    for lease in leases:
        with suppress(LeaseLost):
            quarantine.postpone(lease)


def _prepare(lease: Lease, run: _Run) -> _Prepared | None:
    """Read the mail and find its mailbox; None when it ends here."""
    envelope: Envelope | None = None
    try:
        envelope, raw = spool.read(lease.spool_id)
        if lease.attempts >= CRASHES:
            _set_aside(lease, "crash", envelope)
            return None
        arrival = Arrival.of(envelope, raw, read_mail(raw)).taken_by(lease.ordered_by)
    except TRANSIENT:
        raise
    except GatewayError as error:
        if not error.permanent:
            raise
        log.error("spooled mail cannot be read: %s", error.code, extra={"spool_id": lease.spool_id})
        quarantine.set_aside(lease, "parse", envelope=None, organization_id=None)
        return None
    except Exception:
        _note_failure(lease, "parse", envelope)
        return None
    return _with_route(lease, arrival, run)


def _with_route(lease: Lease, arrival: Arrival, run: _Run) -> _Prepared | None:
    recipient = arrival.envelope.recipient
    if not recipient:
        _address(lease, arrival)
        return None
    if recipient not in run.routes:
        run.routes[recipient] = route(recipient)
    found = _home(lease, run.routes[recipient])
    if found is None:
        _without_home(lease, arrival.envelope)
        return None
    actor = Actor.system(found.organization_id)
    return _Prepared(lease, arrival, found, run.writers.submit(store_files, actor, arrival))


def _home(lease: Lease, found: Route | None) -> Route | None:
    """Where the mail goes; one that was an organization's stays with it, whoever has the address now."""
    if lease.organization_id is None or (found and found.organization_id == lease.organization_id):
        return found
    return route_to_first(lease.organization_id) if lease.ordered_by is not None else None


def _without_home(lease: Lease, envelope: Envelope) -> None:
    if lease.organization_id is None:
        quarantine.set_unrouted(lease, envelope)
    else:
        whose = lease.organization_id
        quarantine.set_aside(lease, "mailbox_gone", envelope=envelope, organization_id=whose)


def _finish(prepared: _Prepared) -> None:
    """Hand the mail over; what is wrong with it alone is noted and ends here."""
    lease, found, envelope = prepared.lease, prepared.route, prepared.arrival.envelope
    actor = Actor.system(found.organization_id)
    try:
        received = receive(actor, found.mailbox_id, prepared.arrival, prepared.files.result(), lease)
    except LeaseLost:
        log.warning("lease lost", extra={"spool_id": lease.spool_id})
    except CannotPlace as error:
        quarantine.set_aside(lease, error.code, envelope=envelope, organization_id=found.organization_id)
    except (GatewayError, *TRANSIENT):
        raise
    except Exception:
        _note_failure(lease, "other", envelope, found.organization_id)
    else:
        spool.remove(lease.spool_id)
        extra = {"organization_id": found.organization_id, "message_id": received.message_id}
        log.info("mail taken in: %s", received.outcome, extra=extra)


def _address(lease: Lease, arrival: Arrival) -> None:
    """A mail without envelope recipient goes back into the spool once for each mailbox its headers name."""
    envelope = arrival.envelope
    routes = route_by_headers(arrival.mail)
    if not routes:
        quarantine.set_unrouted(lease, envelope)
        return
    for found in routes:
        spool.store(
            arrival.raw,
            source=envelope.source,
            recipient=found.recipient,
            sender=envelope.sender,
            detail=envelope.detail,
            received_at=envelope.received_at,
        )
    quarantine.set_copied(lease, envelope)
    spool.remove(lease.spool_id)


def _note_failure(
    lease: Lease, code: str, envelope: Envelope | None, organization_id: int | None = None
) -> None:
    log.exception("mail could not be taken in: %s", code, extra={"spool_id": lease.spool_id})
    whose = organization_id or _organization_of(envelope)
    quarantine.note_failure(lease, code, envelope=envelope, organization_id=whose)


def _set_aside(lease: Lease, code: str, envelope: Envelope) -> None:
    log.error("mail put aside: %s", code, extra={"spool_id": lease.spool_id})
    quarantine.set_aside(lease, code, envelope=envelope, organization_id=_organization_of(envelope))


def _organization_of(envelope: Envelope | None) -> int | None:
    """Whose quarantine an unreadable mail belongs to, as far as its envelope tells."""
    found = route(envelope.recipient) if envelope and envelope.recipient else None
    return found.organization_id if found else None
