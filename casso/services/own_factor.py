"""What a signed-in person does with their second factor, and what an admin may do for them.

Every act needs a fresh proof of who is in front of the screen and is told to the person by mail.
"""

from sqlmodel import Session, col, select

from casso.access import Actor, across_organizations, require
from casso.db import reading, transaction
from casso.enums import STRONG, Strength
from casso.errors import Invalid, NotAllowed
from casso.models import Account, Membership, Organization, SignIn
from casso.rules.permissions import Action
from casso.services import authenticators, devices, passkeys
from casso.services.authenticators import Enrolment
from casso.services.notices import NoticeKind
from casso.services.proofs import require_recent_proof
from casso.services.session_ending import end_all_sessions, end_sessions_of, end_weak_sessions
from casso.services.trail import record
from casso.values.caller import Caller


def begin(actor: Actor) -> Enrolment:
    """A secret for the person's app; it counts for nothing yet."""
    require(actor, Action.OWN_ACCOUNT)
    require_recent_proof(actor)
    return authenticators.begin(_account_id(actor))


def confirm(actor: Actor, code: str, caller: Caller) -> tuple[str, ...]:
    """Let it count from now on; this session counts as proved by both, and every other one ends.

    Gives the spare codes.
    """
    require(actor, Action.OWN_ACCOUNT)
    require_recent_proof(actor)
    with transaction(actor.organization_id) as session:
        codes = authenticators.confirm(session, _account_id(actor), code)
        _strengthen(session, actor)
        end_all_sessions(session, _account_id(actor), actor, caller, but=actor.sign_in_id)
        record(session, actor, "factor.on")
        _tell(session, NoticeKind.FACTOR_ON, _account_id(actor), caller)
    return codes


def turn_off(actor: Actor, caller: Caller) -> None:
    """Sign in without it from now on. Raises Invalid where an organization of theirs demands one."""
    require(actor, Action.OWN_ACCOUNT)
    require_recent_proof(actor)
    if _is_demanded(_account_id(actor)):
        raise Invalid("error.factor_demanded")
    with transaction(actor.organization_id) as session:
        if authenticators.remove(session, _account_id(actor)):
            record(session, actor, "factor.off")
            _tell(session, NoticeKind.FACTOR_OFF, _account_id(actor), caller)


def renew_spare_codes(actor: Actor, caller: Caller) -> tuple[str, ...]:
    """Ten new spare codes for whoever has an authenticator."""
    require(actor, Action.OWN_ACCOUNT)
    require_recent_proof(actor)
    if not authenticators.is_on(actor.account_id):
        raise Invalid("error.factor_begin")
    with transaction(actor.organization_id) as session:
        codes = authenticators.renew_spare_codes(session, _account_id(actor))
        record(session, actor, "factor.spare_codes")
        _tell(session, NoticeKind.SPARE_CODES_NEW, _account_id(actor), caller)
    return codes


def demand(actor: Actor, caller: Caller, *, is_demanded: bool) -> None:
    """Let everybody in the organization need a second factor, or nobody.

    Who has none is asked to set one up when they sign in next; weaker sessions end at once,
    and do not come back when it is demanded no more.
    Raises Invalid when the actor's own session was not opened with one.
    """
    require(actor, Action.CHANGE_SETTINGS)
    if is_demanded and not _is_strong(actor):
        raise Invalid("error.factor_yours_first")
    with transaction(actor.organization_id) as session:
        organization = session.get(Organization, actor.organization_id)
        if organization is None or organization.requires_second_factor == is_demanded:
            return
        organization.requires_second_factor = is_demanded
        if is_demanded:
            end_weak_sessions(session, actor, caller)
        record(session, actor, "organization.second_factor", after="on" if is_demanded else "off")


def reset_of_member(actor: Actor, account_id: int, caller: Caller) -> None:
    """Take a member's lost second factor away, their passkeys too; their sessions here end.

    Raises NotFound for a stranger, NotAllowed for an owner (unless an owner asks) and for somebody
    who also works for another organization.
    """
    require(actor, Action.MANAGE_MEMBERS)
    require_recent_proof(actor)
    end_sessions_of(actor, account_id, caller)
    with transaction(actor.organization_id) as session:
        if not _belongs_only_here(session, account_id):
            raise NotAllowed("error.factor_elsewhere")
        has_app = authenticators.remove(session, account_id)
        if passkeys.forget_all(session, account_id) or has_app:
            record(session, actor, "factor.reset", after=str(account_id))
            _tell(session, NoticeKind.FACTOR_OFF, account_id, caller)


def _belongs_only_here(session: Session, account_id: int) -> bool:
    """An admin of one organization must not weaken a person who also works for another."""
    with across_organizations(session, "whether a member belongs to others as well"):
        found = session.exec(select(Membership.id).where(Membership.account_id == account_id).limit(2)).all()
    return len(found) == 1


def _is_demanded(account_id: int) -> bool:
    with reading() as session, across_organizations(session, "whether a second factor is demanded"):
        found = session.exec(
            select(Organization.id)
            .join(Membership, col(Membership.organization_id) == col(Organization.id))
            .where(Membership.account_id == account_id, col(Organization.requires_second_factor))
        ).first()
    return found is not None


def _is_strong(actor: Actor) -> bool:
    with reading(actor.organization_id) as session:
        strength = session.exec(
            select(SignIn.strength).where(
                SignIn.organization_id == actor.organization_id, SignIn.id == actor.sign_in_id
            )
        ).first()
    return strength in STRONG


def _strengthen(session: Session, actor: Actor) -> None:
    found = session.exec(
        select(SignIn).where(SignIn.organization_id == actor.organization_id, SignIn.id == actor.sign_in_id)
    ).first()
    if found is not None:
        found.strength = Strength.TWO_FACTORS


def _tell(session: Session, kind: NoticeKind, account_id: int, caller: Caller) -> None:
    account = session.get(Account, account_id)
    if account is not None:
        devices.tell(session, kind, account, caller)


def _account_id(actor: Actor) -> int:
    if actor.account_id is None:
        raise NotAllowed()
    return actor.account_id
