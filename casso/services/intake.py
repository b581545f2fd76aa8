"""A read mail becomes a message: one call, one transaction, and the spooled mail is done with it.

Files go into storage before the transaction (a kill leaves some that no row names:
file_sweeping.py); everything else holds together or not at all. What must not become a
message (a repeat, a loop, a delivery report) ends here too, each with its trace.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from casso.access import Actor
from casso.clock import now
from casso.db import transaction
from casso.enums import AuthResult, SpoolState
from casso.failpoints import failpoint
from casso.models import Mailbox, Message, Organization, SpooledMail
from casso.rules.authentication import read_authentication
from casso.services import (
    customers,
    intake_bounces,
    intake_files,
    intake_forwards,
    intake_guards,
    intake_tags,
    intake_threading,
    intake_writing,
)
from casso.services.intake_files import Files
from casso.services.intake_files import store as store_files
from casso.services.intake_values import Arrival, CannotPlace, Home, Lease, LeaseLost
from casso.services.trail import record
from casso.services.upsert import table_of
from casso.values.mail import Envelope

__all__ = [
    "Arrival",
    "CannotPlace",
    "Files",
    "Lease",
    "LeaseLost",
    "Outcome",
    "Received",
    "receive",
    "store_files",
]

# Made once: building a statement takes longer than running it.
_spooled = table_of(SpooledMail)
_FINISH = update(_spooled).where(
    _spooled.c.spool_id == bindparam("its_spool_id"),
    _spooled.c.state == SpoolState.CLAIMED,
    _spooled.c.lease_until == bindparam("its_lease"),
)
_HOME = (
    select(
        col(Mailbox.id),
        col(Mailbox.address),
        col(Mailbox.uses_reply_to),
        col(Mailbox.trusted_receiver),
        col(Mailbox.unfolds_forwards),
        col(Organization.reopen_days),
    )
    .join(Organization, col(Organization.id) == col(Mailbox.organization_id))
    .where(col(Mailbox.organization_id) == bindparam("here"))
    .order_by(col(Mailbox.id))
    .with_for_update(of=Mailbox)
)
_DIGESTS = select(col(Message.digest), col(Message.id)).where(
    col(Message.organization_id) == bindparam("here"),
    col(Message.mail_key) == bindparam("mail_key"),
    col(Message.mailbox_id) == bindparam("mailbox_id"),
)


class Outcome(StrEnum):
    """What became of a mail."""

    MESSAGE = "message"
    REPEAT = "repeat"
    LOOP = "loop"
    BOUNCE = "bounce"


@dataclass(frozen=True, slots=True)
class Received:
    """The outcome, and the ticket and message it touched (0: none)."""

    outcome: Outcome
    ticket_id: int = 0
    message_id: int = 0


def receive(actor: Actor, mailbox_id: int, arrival: Arrival, files: Files, lease: Lease) -> Received:
    """Take a mail, its files already in storage, in for a mailbox of the actor's organization.

    Raises CannotPlace (kept aside, with its code) and LeaseLost (another worker has it by now).
    """
    received: Received | None = None
    try:
        with transaction(actor.organization_id) as session:
            received = _decide(session, actor, mailbox_id, arrival, files)
            failpoint("intake.before_finish")
            finish(session, actor, arrival.envelope, lease, received.message_id)
            failpoint("intake.before_commit")
    finally:
        if received is None or received.outcome is not Outcome.MESSAGE:
            intake_files.forget(files)
    failpoint("intake.after_commit")
    return received


def _decide(session: Session, actor: Actor, mailbox_id: int, arrival: Arrival, files: Files) -> Received:
    """The one order in which a mail is judged."""
    home = _lock_home(session, actor, mailbox_id)
    if arrival.ordered_by is None and intake_guards.is_own(session, actor, arrival, home):
        record(session, actor, "mail.loop", after=home.address)
        return Received(Outcome.LOOP)
    if arrival.read.bounce is not None and not customers.is_known(session, actor, arrival.mail.sender.email):
        ticket_id, message_id = intake_bounces.mark_undelivered(session, actor, arrival, arrival.read.bounce)
        return Received(Outcome.BOUNCE, ticket_id, message_id)
    seen = _digests_of(session, actor, home, arrival.mail_key)
    if arrival.digest in seen:
        return Received(Outcome.REPEAT, message_id=seen[arrival.digest])
    plain = intake_tags.without_our_tags(session, arrival)
    find_sender = intake_guards.any_sender_of if arrival.ordered_by else intake_guards.sender_of
    sender = find_sender(plain.mail, home)
    auth = _authentication(plain, home, is_rewritten=sender.is_rewritten)
    placement = intake_threading.find_place(
        session, actor, arrival, home, sender=sender.address.email, auth=auth
    )
    judged = intake_writing.Judgement(
        sender=sender.address, auth=auth, placement=placement, is_repeat_id=bool(seen), files=files
    )
    unfolded = intake_forwards.unfold(session, actor, plain, home, judged)
    if unfolded:
        plain, judged = unfolded.arrival, unfolded.judged
    ticket_id, message_id = intake_writing.write(session, actor, plain, home, judged)
    if unfolded:
        intake_forwards.note(session, actor, unfolded, home, ticket_id)
    if arrival.ordered_by is not None:
        person = replace(actor, account_id=arrival.ordered_by)
        record(session, person, "ticket.taken_in", ticket_id=ticket_id)
    return Received(Outcome.MESSAGE, ticket_id, message_id)


def finish(session: Session, actor: Actor, envelope: Envelope, lease: Lease, message_id: int) -> None:
    """Mark the spooled mail done in this very transaction. Raises LeaseLost when it is no longer ours."""
    done = session.execute(
        _FINISH,
        {
            "its_spool_id": lease.spool_id,
            "its_lease": lease.until,
            "state": SpoolState.DONE,
            "organization_id": actor.organization_id,
            "source": envelope.source,
            "recipient": envelope.recipient,
            "digest": envelope.digest,
            "received_at": envelope.received_at,
            "message_id": message_id or None,
            "lease_until": None,
            "error": "",
        },
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost()


def _lock_home(session: Session, actor: Actor, mailbox_id: int) -> Home:
    """The organization's mailboxes; locked, so that two copies of one mail are judged one after the other."""
    mailboxes = session.execute(_HOME, {"here": actor.organization_id}).all()
    mine = next((mailbox for mailbox in mailboxes if mailbox.id == mailbox_id), None)
    if mine is None:
        raise CannotPlace("mailbox_gone")
    return Home(
        mailbox_id=mailbox_id,
        address=mine.address,
        uses_reply_to=mine.uses_reply_to,
        trusted_receiver=mine.trusted_receiver,
        unfolds_forwards=mine.unfolds_forwards,
        own_addresses=frozenset(mailbox.address for mailbox in mailboxes),
        reopen_days=mine.reopen_days,
        moment=now(),
    )


def _digests_of(session: Session, actor: Actor, home: Home, mail_key: str) -> dict[str, int]:
    """Content digests, with message ids, of the mails with this Message-ID in this mailbox."""
    found = session.execute(
        _DIGESTS, {"here": actor.organization_id, "mail_key": mail_key, "mailbox_id": home.mailbox_id}
    )
    return {digest: int(message_id or 0) for digest, message_id in found}


def _authentication(arrival: Arrival, home: Home, *, is_rewritten: bool) -> AuthResult:
    """The verdict on the From address; it proves nothing for a sender named in another header."""
    found = read_authentication(
        arrival.mail.all_headers("Authentication-Results"),
        trusted_receiver=home.trusted_receiver,
        sender_domain=arrival.mail.sender.email.rpartition("@")[2],
    )
    return AuthResult.UNKNOWN if is_rewritten and found is AuthResult.PASS else found
