"""Spooled mail becomes tickets: claim, read, find the mailbox, hand over to intake, forget the spool file.

One bad mail costs itself three tries and nobody else anything. Trouble with the
database or the file store is not the mail's fault: the run stops and is repeated.
"""

import logging

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from casso.access import Actor
from casso.enums import SpoolState
from casso.errors import GatewayError
from casso.failpoints import failpoint
from casso.gateways import spool
from casso.jobs.claim import claim_spooled, find_busy, find_finished
from casso.jobs.stopping import stopping
from casso.services import quarantine
from casso.services.intake import Arrival, CannotPlace, Lease, LeaseLost, receive
from casso.services.intake_routing import Route, route, route_by_headers
from casso.services.reading import read_mail
from casso.values.mail import Envelope, ReadMail

log = logging.getLogger(__name__)

LISTED = 2_000
LOOKED_AT = 200
CLAIMED_AT_ONCE = 10
CRASHES = 10
TRANSIENT = (OperationalError, InterfaceError, PoolTimeout)

Routes = dict[str, Route | None]
"""Recipients looked up during this run."""


def receive_waiting(limit: int = 500) -> int:
    """Take in at most that many waiting mails; returns how many were dealt with.

    Raises the database's or the file store's error when one of them is in trouble.
    """
    listed = spool.waiting(LISTED)
    routes: Routes = {}
    count = 0
    for start in range(0, len(listed), LOOKED_AT):
        free = _free(listed[start : start + LOOKED_AT])
        for first in range(0, len(free), CLAIMED_AT_ONCE):
            if count >= limit or stopping.is_set():
                return count
            count += _take_batch(claim_spooled(free[first : first + CLAIMED_AT_ONCE]), routes)
    return count


def _free(listed: list[str]) -> list[str]:
    """The ids worth claiming; files that a crash left behind are put where they belong."""
    finished = find_finished(listed)
    for spool_id, state in finished.items():
        if state is SpoolState.DONE:
            spool.remove(spool_id)
        else:
            spool.keep_aside(spool_id, quarantine.FOLDERS[state])
    busy = find_busy(listed)
    return [spool_id for spool_id in listed if spool_id not in finished and spool_id not in busy]


def _take_batch(leases: list[Lease], routes: Routes) -> int:
    """Deal with each mail; when something else is in trouble, give the rest back and pass the trouble on."""
    for done, lease in enumerate(leases):
        failpoint("receive.claimed")
        if stopping.is_set():
            _give_back(leases[done:])
            return done
        try:
            _take(lease, routes)
        except LeaseLost:
            log.warning("lease lost", extra={"spool_id": lease.spool_id})
        except (*TRANSIENT, GatewayError):
            _give_back(leases[done:])
            raise
    return len(leases)


def _give_back(leases: list[Lease]) -> None:
    for lease in leases:
        quarantine.postpone(lease)


def _take(lease: Lease, routes: Routes) -> None:
    envelope: Envelope | None = None
    if lease.attempts >= CRASHES:
        quarantine.set_aside(lease, "crash", envelope=None, organization_id=None)
        return
    try:
        envelope, raw = spool.read(lease.spool_id)
        read = read_mail(raw)
    except TRANSIENT:
        raise
    except GatewayError as error:
        if not error.permanent:
            raise
        log.error("spooled mail cannot be read: %s", error.code, extra={"spool_id": lease.spool_id})
        quarantine.set_aside(lease, "parse", envelope=None, organization_id=None)
        return
    except Exception:
        _note_failure(lease, "parse", envelope)
        return
    _place(lease, envelope, raw, read, routes)


def _place(lease: Lease, envelope: Envelope, raw: bytes, read: ReadMail, routes: Routes) -> None:
    """Find the mailbox and hand the mail over."""
    if not envelope.recipient:
        _address(lease, envelope, raw, read)
        return
    if envelope.recipient not in routes:
        routes[envelope.recipient] = route(envelope.recipient)
    found = routes[envelope.recipient]
    if found is None:
        quarantine.set_unrouted(lease, envelope)
        return
    actor = Actor.system(found.organization_id)
    try:
        received = receive(actor, found.mailbox_id, Arrival.of(envelope, raw, read), lease)
    except CannotPlace as error:
        quarantine.set_aside(lease, error.code, envelope=envelope, organization_id=found.organization_id)
    except (LeaseLost, GatewayError, *TRANSIENT):
        raise
    except Exception:
        _note_failure(lease, "other", envelope, found.organization_id)
    else:
        spool.remove(lease.spool_id)
        extra = {"organization_id": found.organization_id, "message_id": received.message_id}
        log.info("mail taken in: %s", received.outcome, extra=extra)


def _address(lease: Lease, envelope: Envelope, raw: bytes, read: ReadMail) -> None:
    """A mail without envelope recipient goes back into the spool once for each mailbox its headers name."""
    routes = route_by_headers(read.mail)
    if not routes:
        quarantine.set_unrouted(lease, envelope)
        return
    for found in routes:
        spool.store(
            raw,
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
    if organization_id is None and envelope is not None and envelope.recipient:
        found = route(envelope.recipient)
        organization_id = found.organization_id if found else None
    quarantine.note_failure(lease, code, envelope=envelope, organization_id=organization_id)
