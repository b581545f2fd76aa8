"""Agreeing to the privacy policy and the terms: asked of everybody who makes an account from outside.

What is agreed to is the version that the page showed; when the text changed in between, it is
asked again. The first owner is not asked at set-up: whoever runs a desk makes the promises.
"""

from dataclasses import dataclass

from sqlmodel import Session

from casso.clock import now
from casso.errors import Invalid
from casso.models import PolicyAcceptance
from casso.services.account_trail import record_for_account
from casso.values.caller import Caller
from casso.words.policies import PolicyKind, policy


@dataclass(frozen=True, slots=True)
class Agreement:
    """What somebody ticked; `versions` is what versions_today() said when they saw the page."""

    has_agreed: bool
    is_adult: bool
    versions: str


def versions_today() -> str:
    """The versions of all texts in one line: `privacy 2024-11-25.1f2e3d4c, terms …`."""
    return ", ".join(f"{kind} {policy(kind).version}" for kind in PolicyKind)


def require_agreement(given: Agreement) -> None:
    """Raise Invalid when something was not ticked, or the text is not the one that was shown."""
    if not given.has_agreed:
        raise Invalid("error.agree")
    if not given.is_adult:
        raise Invalid("error.adult")
    if given.versions != versions_today():
        raise Invalid("error.policy_changed")


def keep_agreement(session: Session, account_id: int, given: Agreement, caller: Caller) -> None:
    """Write down what require_agreement() let pass; call it once the person belongs to an organization.

    Raises Invalid: the text may have changed since.
    """
    require_agreement(given)
    for kind in PolicyKind:
        session.add(
            PolicyAcceptance(
                account_id=account_id,
                policy=kind,
                version=policy(kind).version,
                is_adult=given.is_adult,
                ip=caller.ip,
                accepted_at=now(),
            )
        )
    record_for_account(session, account_id, "account.agreed", caller, after=given.versions)
