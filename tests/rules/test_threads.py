"""The decision itself, as a table: which sign joins, which only links, what reopens."""

from datetime import UTC, datetime, timedelta

import pytest

from casso.enums import AuthResult, Status
from casso.rules.threads import (
    TOKEN_LIFE,
    Candidate,
    Placement,
    Reason,
    place,
    referenced_ids,
    subject_number,
    token_is_alive,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WEAK = (Reason.IN_REPLY_TO, Reason.REFERENCES, Reason.SUBJECT_TOKEN)


def placed(
    reason: Reason = Reason.IN_REPLY_TO,
    *,
    status: Status = Status.OPEN,
    days_closed: float | None = None,
    known: bool = True,
    auth: AuthResult = AuthResult.UNKNOWN,
    automatic: bool = False,
    reopen_days: int = 30,
) -> Placement:
    closed_at = None if days_closed is None else NOW - timedelta(days=days_closed)
    candidate = Candidate(5, reason, status, closed_at, known)
    return place(candidate, auth=auth, is_automatic=automatic, reopen_days=reopen_days, moment=NOW)


@pytest.mark.parametrize("reason", WEAK)
@pytest.mark.parametrize("auth", [AuthResult.PASS, AuthResult.UNKNOWN])
def test_a_participant_joins(reason: Reason, auth: AuthResult) -> None:
    assert placed(reason, auth=auth) == Placement(reason, ticket_id=5)


@pytest.mark.parametrize("reason", WEAK)
@pytest.mark.parametrize(("known", "auth"), [(False, AuthResult.PASS), (True, AuthResult.FAIL)])
def test_a_stranger_or_a_failed_check_never_joins(reason: Reason, known: bool, auth: AuthResult) -> None:
    found = placed(reason, known=known, auth=auth)
    assert found == Placement(Reason.NEW_MAY_BELONG, may_belong_to_id=5, is_unverified=True)


@pytest.mark.parametrize(("known", "auth"), [(False, AuthResult.PASS), (True, AuthResult.FAIL)])
def test_a_signed_address_joins_but_marks(known: bool, auth: AuthResult) -> None:
    found = placed(Reason.SIGNED_ADDRESS, known=known, auth=auth)
    assert found == Placement(Reason.SIGNED_ADDRESS, ticket_id=5, is_unverified=True)


def test_no_sign_is_a_new_ticket() -> None:
    found = place(None, auth=AuthResult.PASS, is_automatic=False, reopen_days=30, moment=NOW)
    assert found == Placement(Reason.NEW)


@pytest.mark.parametrize(
    ("status", "reopens"),
    [
        (Status.NEW, False),
        (Status.OPEN, False),
        (Status.PENDING, True),
        (Status.SOLVED, True),
        (Status.CLOSED, True),
    ],
)
def test_what_reopens(status: Status, reopens: bool) -> None:
    assert placed(status=status, days_closed=1).reopens is reopens
    assert placed(status=status, days_closed=1, automatic=True).reopens is False


@pytest.mark.parametrize(
    ("days", "allowed", "reason"),
    [
        (29.9, 30, Reason.IN_REPLY_TO),
        (30.1, 30, Reason.NEW_CLOSED),
        (0.1, 0, Reason.NEW_CLOSED),
        (400, 500, Reason.IN_REPLY_TO),
    ],
)
def test_how_long_a_closed_ticket_can_be_reopened(days: float, allowed: int, reason: Reason) -> None:
    assert placed(status=Status.CLOSED, days_closed=days, reopen_days=allowed).reason is reason


def test_an_automatic_mail_to_a_long_closed_ticket_makes_no_new_one() -> None:
    found = placed(status=Status.CLOSED, days_closed=90, automatic=True)
    assert (found.ticket_id, found.reopens) == (5, False)


def test_a_stranger_at_a_long_closed_signed_address_stays_marked() -> None:
    found = placed(Reason.SIGNED_ADDRESS, status=Status.CLOSED, days_closed=90, known=False)
    assert (found.reason, found.is_unverified) == (Reason.NEW_CLOSED, True)


def test_a_token_lives_180_days_after_closing() -> None:
    assert token_is_alive(None, NOW)
    assert token_is_alive(NOW - TOKEN_LIFE, NOW)
    assert not token_is_alive(NOW - TOKEN_LIFE - timedelta(seconds=1), NOW)


def test_references_count_from_the_last_and_at_most_five() -> None:
    found = referenced_ids(("a",), tuple("bcdefghia"))
    assert found[0] == (Reason.IN_REPLY_TO, "a")
    assert [one for _, one in found[1:]] == ["i", "h", "g", "f"]


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Re: [#12] Invoice", 12),
        ("[#7][#8]", 7),
        ("#12", None),
        ("12", None),
        ("[12]", None),
        ("[#x]", None),
        ("[#" + "9" * 10 + "]", None),
    ],
)
def test_only_a_number_in_our_brackets_counts(subject: str, number: int | None) -> None:
    assert subject_number(subject) == number
