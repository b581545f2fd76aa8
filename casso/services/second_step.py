"""The second step of a sign-in, and the acts around a person's second factor.

A half-done sign-in (services/login.py: keep_half) is finished by a code of the
authenticator or a spare code, or, where the organization demands a second factor and the
person has none, by setting one up. A passkey is one: whoever has it signs in with it, so that a
stolen password alone sets nothing up.
"""

from enum import StrEnum

from sqlmodel import Session

from casso.access import across_organizations
from casso.db import reading, transaction
from casso.enums import STRONG
from casso.errors import Invalid, NotAllowed
from casso.models import Account, Organization
from casso.services import authenticators, devices, login, passkeys, sessions, throttles
from casso.services.authenticators import Enrolment
from casso.services.notices import NoticeKind
from casso.services.throttles import Door
from casso.services.trail import record_access
from casso.values.caller import Caller
from casso.values.proved import Proved


class NextStep(StrEnum):
    """What is asked for after the first proof."""

    NONE = "none"
    CODE = "code"
    ENROL = "enrol"
    PASSKEY = "passkey"


def next_step(proved: Proved) -> NextStep:
    """What somebody proved still has to show before a session is opened."""
    if proved.strength in STRONG:
        return NextStep.NONE
    if authenticators.is_on(proved.account_id):
        return NextStep.CODE
    with reading() as session, across_organizations(session, "whether a second factor is demanded"):
        membership = sessions.last_membership(session, proved.account_id)
        home = session.get(Organization, membership.organization_id) if membership else None
    if home is None or not home.requires_second_factor:
        return NextStep.NONE
    return NextStep.PASSKEY if passkeys.has_any(proved.account_id) else NextStep.ENROL


def finish(half: str, code: str, caller: Caller) -> Proved:
    """Finish a half-done sign-in with the app's code or a spare code.

    Raises NotAllowed when the half is over, Invalid for a wrong code, TooManyTries after a few.
    """
    account_id = _half_of(half)
    throttles.take_try(Door.SECOND_FACTOR, str(account_id), caller.ip)
    with transaction() as session:
        is_right = authenticators.use_code(session, account_id, code)
        is_spare = not is_right and authenticators.use_spare_code(session, account_id, code)
        if is_right or is_spare:
            proved = login.finish_half(session, half)
            if is_spare:
                _tell(session, NoticeKind.SPARE_CODE_USED, account_id, caller)
    if not (is_right or is_spare):
        with transaction() as session:
            _record(session, account_id, "session.failed", caller)
        raise Invalid("error.factor_code")
    throttles.note_success(Door.SECOND_FACTOR, str(account_id), caller.ip)
    return proved


def begin_in_half(half: str) -> Enrolment:
    """Set up an authenticator in the middle of a sign-in.

    Raises NotAllowed when the half is over, and for whoever has a passkey.
    """
    return authenticators.begin(_enrolling_half_of(half))


def finish_in_half(half: str, code: str, caller: Caller) -> tuple[Proved, tuple[str, ...]]:
    """Confirm it and finish the sign-in; gives the spare codes as well."""
    account_id = _enrolling_half_of(half)
    throttles.take_try(Door.SECOND_FACTOR, str(account_id), caller.ip)
    with transaction() as session:
        codes = authenticators.confirm(session, account_id, code)
        proved = login.finish_half(session, half)
        _tell(session, NoticeKind.FACTOR_ON, account_id, caller)
        _record(session, account_id, "factor.on", caller)
    throttles.note_success(Door.SECOND_FACTOR, str(account_id), caller.ip)
    return proved, codes


def _half_of(half: str) -> int:
    proved = login.find_half(half)
    if proved is None:
        raise NotAllowed("error.step_over")
    return proved.account_id


def _enrolling_half_of(half: str) -> int:
    account_id = _half_of(half)
    if passkeys.has_any(account_id):
        raise NotAllowed("error.factor_passkey")
    return account_id


def _record(session: Session, account_id: int, action: str, caller: Caller) -> None:
    """One line in the trail of the organization that the person signs in to."""
    with across_organizations(session, "trail of a sign-in"):
        membership = sessions.last_membership(session, account_id)
        if membership is not None:
            record_access(
                session,
                membership.organization_id,
                account_id,
                action,
                ip=caller.ip,
                browser=caller.browser,
            )


def _tell(session: Session, kind: NoticeKind, account_id: int, caller: Caller) -> None:
    account = session.get(Account, account_id)
    if account is not None:
        devices.tell(session, kind, account, caller)
