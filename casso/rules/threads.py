"""Which ticket a mail belongs to, and why. The reason is kept on the message and shown.

The first sign that applies decides: signed reply address, In-Reply-To,
References, `[#123]` in the subject. Only the signed address joins without asking
who writes; the others need a participant whose authentication did not fail.
A subject alone never threads. Nobody gains history by being named in CC.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from casso.enums import AuthResult, Status

REFERENCE_LIMIT = 5
TOKEN_LIFE = timedelta(days=180)

_SUBJECT_TOKEN = re.compile(r"\[#([0-9]{1,9})\]")


class Reason(StrEnum):
    """Why a message stands where it stands; stored, and shown as `reason.…`."""

    SIGNED_ADDRESS = "signed_address"
    IN_REPLY_TO = "in_reply_to"
    REFERENCES = "references"
    SUBJECT_TOKEN = "subject_token"  # noqa: S105 (a reason, no password)
    NEW = "new"
    NEW_MAY_BELONG = "new_may_belong"
    NEW_CLOSED = "new_closed"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that a sign points to. `is_participant`: the sender is known there from verified mail."""

    ticket_id: int
    reason: Reason
    status: Status
    closed_at: datetime | None
    is_participant: bool


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a message goes: a ticket to join, or a new one, perhaps linked to another."""

    reason: Reason
    ticket_id: int | None = None
    may_belong_to_id: int | None = None
    is_unverified: bool = False
    reopens: bool = False


def place(
    candidate: Candidate | None, *, auth: AuthResult, is_automatic: bool, reopen_days: int, moment: datetime
) -> Placement:
    """The place of a mail, given the ticket that its first sign points to (or None)."""
    is_failed = auth is AuthResult.FAIL
    if candidate is None:
        return Placement(Reason.NEW, is_unverified=is_failed)
    is_known = candidate.is_participant and not is_failed
    if candidate.reason is not Reason.SIGNED_ADDRESS and not is_known:
        return Placement(Reason.NEW_MAY_BELONG, may_belong_to_id=candidate.ticket_id, is_unverified=True)
    is_over = _is_long_closed(candidate, reopen_days, moment)
    if is_over and not is_automatic:
        return Placement(Reason.NEW_CLOSED, may_belong_to_id=candidate.ticket_id, is_unverified=not is_known)
    return Placement(
        candidate.reason,
        ticket_id=candidate.ticket_id,
        is_unverified=not is_known,
        reopens=not is_automatic and candidate.status in (Status.PENDING, Status.SOLVED, Status.CLOSED),
    )


def token_is_alive(closed_at: datetime | None, moment: datetime) -> bool:
    """Whether a ticket's signed address still works: it ends 180 days after closing."""
    return closed_at is None or moment - closed_at <= TOKEN_LIFE


def referenced_ids(
    in_reply_to: tuple[str, ...], references: tuple[str, ...]
) -> tuple[tuple[Reason, str], ...]:
    """The ids to look up, in the order in which they count: at most five of each header, newest first."""
    found: dict[str, Reason] = {}
    for one in in_reply_to[:REFERENCE_LIMIT]:
        found.setdefault(one, Reason.IN_REPLY_TO)
    for one in references[: -REFERENCE_LIMIT - 1 : -1]:
        found.setdefault(one, Reason.REFERENCES)
    return tuple((reason, one) for one, reason in found.items() if one)


def subject_number(subject: str) -> int | None:
    """The number in `[#123]`; a bare number never counts."""
    match = _SUBJECT_TOKEN.search(subject[:1000])
    return int(match[1]) if match else None


def _is_long_closed(candidate: Candidate, reopen_days: int, moment: datetime) -> bool:
    if candidate.status not in (Status.SOLVED, Status.CLOSED) or candidate.closed_at is None:
        return False
    return moment - candidate.closed_at > timedelta(days=reopen_days)
