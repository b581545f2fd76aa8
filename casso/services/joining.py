"""Joining by an invitation's link: a new person with name and password, or somebody signed in.

The link counts once, for the address it was sent to. What it grants is checked again when it
is used: if whoever invited may no longer give it (demoted, removed, disabled), it is void.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from casso import db
from casso.access import Actor, across_organizations
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import ChangeKind, Role, Sees, Strength
from casso.errors import Conflict, Invalid, NotAllowed, NotFound
from casso.models import Account, Invitation, Membership, Organization
from casso.rules.granting import Holder, may_grant
from casso.rules.permissions import Action
from casso.services import passwords
from casso.services.agreements import Agreement, keep_agreement, require_agreement
from casso.services.invitations import token_digest
from casso.services.member_views import existing, set_seen
from casso.services.membership import Member, find_member, get_own_role, lock_people, role_name
from casso.services.trail import announce, record
from casso.values.caller import Caller
from casso.values.proved import Proved

NAME_LIMIT = 100


@dataclass(frozen=True, slots=True)
class InvitationFound:
    """What a valid link says. `has_account`: the address signs in already; `may_sign_in`: it can today."""

    organization: str
    inviter: str
    email: str
    locale: str
    has_account: bool
    may_sign_in: bool


@dataclass(frozen=True, slots=True)
class _Terms:
    """The invitation's row, copied: it is deleted before it is carried out."""

    id: int
    organization_id: int
    email: str
    role: str
    own_role_id: int | None
    sees: Sees
    seen_ids: tuple[int, ...]
    inviter_id: int


def find_invitation(token: str) -> InvitationFound:
    """What the link is about; looking uses nothing up. Raises Invalid when it is over or void."""
    with reading() as session:
        terms = _find(session, token)
        if terms is None:
            raise Invalid("error.link")
        db.confine(session, terms.organization_id)
        inviter = _inviter_who_may(session, terms)
        if inviter is None:
            raise Invalid("error.link")
        organization = session.get_one(Organization, terms.organization_id)
        account = session.exec(select(Account).where(Account.email == terms.email)).first()
        return InvitationFound(
            organization=organization.name,
            inviter=inviter.name,
            email=terms.email,
            locale=(account.locale if account else "") or organization.locale,
            has_account=account is not None,
            may_sign_in=account is not None and _belongs_somewhere(session, account),
        )


def join_as_new(token: str, *, name: str, password: str, agreement: Agreement, caller: Caller) -> Proved:
    """Make the account and join; the mail address is proved by the link.

    Raises Invalid (the link is over, no name, nothing agreed to, a weak password: then the link stays),
    and Conflict when the address has an account by now.
    """
    found = find_invitation(token)
    first, _, last = " ".join(name.split())[:NAME_LIMIT].rpartition(" ")
    if not (first or last):
        raise Invalid("error.name")
    require_agreement(agreement)
    about = (found.email, first, last, found.organization)
    hashed = passwords.hash_new_password(password, about=about)

    def make(session: Session, terms: _Terms) -> int:
        made = Account(email=terms.email, first_name=first or last, last_name=last if first else "")
        made.password_hash, made.created_at = hashed, now()
        session.add(made)
        session.flush()
        return made.id or 0

    try:
        account_id, _ = _join(
            token, make, lambda session, id_: keep_agreement(session, id_, agreement, caller)
        )
    except IntegrityError as error:
        raise Conflict("error.account_exists") from error
    return Proved(account_id, Strength.PASSWORD)


def join_signed_in(actor: Actor, token: str) -> int:
    """Let the signed-in person join; returns the organization's id.

    Raises Invalid when the link is over, and NotAllowed when it was sent to another address.
    """

    def mine(_session: Session, terms: _Terms) -> int:
        if actor.account_id is None or terms.email != actor.email:
            raise NotAllowed("error.invitation_other")
        return actor.account_id

    return _join(token, mine)[1]


def join_before_sign_in(token: str) -> None:
    """Let an account join that belongs nowhere and so could not sign in first; it signs in afterwards.

    The link proves the mail address, and joining opens no session. Raises Invalid.
    """

    def theirs(session: Session, terms: _Terms) -> int:
        account = session.exec(select(Account).where(Account.email == terms.email)).first()
        if account is None or account.disabled_at or _belongs_somewhere(session, account):
            raise Invalid("error.link")
        return account.id or 0

    _join(token, theirs)


def _join(
    token: str,
    whose: Callable[[Session, _Terms], int],
    also: Callable[[Session, int], None] | None = None,
) -> tuple[int, int]:
    """Use the link up and make the membership, or neither; returns account and organization.

    A void invitation stays where the organization sees it, to be sent again or taken back.
    """
    with transaction() as session:
        terms = _find(session, token)
        if terms is None:
            raise Invalid("error.link")
        db.confine(session, terms.organization_id)
        lock_people(session, terms.organization_id)
        _use_up(session, token, terms)
        if _inviter_who_may(session, terms) is None:
            raise Invalid("error.link")
        account_id = whose(session, terms)
        _carry_out(session, terms, account_id)
        if also is not None:
            also(session, account_id)
    return account_id, terms.organization_id


def _find(session: Session, token: str) -> _Terms | None:
    with across_organizations(session, "invitation by its link"):
        found = session.exec(
            select(Invitation).where(
                Invitation.token_hash == token_digest(token), col(Invitation.expires_at) > now()
            )
        ).first()
    if found is None:
        return None
    return _Terms(
        id=found.id or 0,
        organization_id=found.organization_id,
        email=found.email,
        role=found.role,
        own_role_id=found.own_role_id,
        sees=Sees(found.sees),
        seen_ids=tuple(int(one) for one in found.seen_ids),
        inviter_id=found.inviter_id,
    )


def _use_up(session: Session, token: str, terms: _Terms) -> None:
    """Of many at once one deletes the row; the others find none. Raises Invalid."""
    gone = session.execute(
        delete(Invitation).where(
            col(Invitation.organization_id) == terms.organization_id,
            col(Invitation.id) == terms.id,
            col(Invitation.token_hash) == token_digest(token),
        )
    ).rowcount  # type: ignore[attr-defined]
    if gone != 1:
        raise Invalid("error.link")


def _inviter_who_may(session: Session, terms: _Terms) -> Member | None:
    """Whoever invited, if they may still give this role today."""
    inviter = find_member(session, terms.organization_id, terms.inviter_id)
    if inviter is None or not inviter.may(Action.MANAGE_MEMBERS):
        return None
    try:
        wanted = _holder(session, terms)
    except NotFound:
        return None
    return inviter if may_grant(inviter.holder, wanted) else None


def _holder(session: Session, terms: _Terms) -> Holder:
    if terms.role != Role.OWN:
        return Holder(Role(terms.role))
    return Holder(Role.OWN, get_own_role(session, terms.organization_id, terms.own_role_id or 0).permissions)


def _belongs_somewhere(session: Session, account: Account) -> bool:
    with across_organizations(session, "whether an account can sign in"):
        mine = select(Membership.id).where(Membership.account_id == account.id).limit(1)
        return session.exec(mine).first() is not None


def _carry_out(session: Session, terms: _Terms, account_id: int) -> None:
    """The membership with its view; whoever is a member by now stays as they are."""
    here = terms.organization_id
    if find_member(session, here, account_id) is not None:
        return
    made = Membership(organization_id=here, account_id=account_id, role=terms.role, created_at=now())
    made.own_role_id, made.sees = terms.own_role_id, terms.sees
    session.add(made)
    session.flush()
    ids = tuple(existing(session, here, sees=terms.sees, ids=terms.seen_ids))
    set_seen(session, here, account_id, sees=terms.sees, ids=ids)
    role = role_name(session, here, terms.role, terms.own_role_id)
    actor = Actor(here, account_id, Role(terms.role))
    record(session, actor, "member.joined", after=f"{terms.email}, {role}")
    announce(session, actor, ChangeKind.PEOPLE)
