"""Inviting people: asked by mail, asked again, taken back. Joining is services/joining.py.

One invitation an address; asking again makes the link before worthless. The answer is the
same whether the address has an account or not, and so is the mail.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from casso.access import Actor, require
from casso.clock import now
from casso.db import transaction
from casso.enums import ChangeKind, Role, Sees
from casso.errors import Invalid, NotFound
from casso.models import Account, Invitation, Membership, Organization
from casso.queries.shown import is_id
from casso.rules.granting import Holder
from casso.rules.permissions import Action
from casso.services import links, notices, throttles
from casso.services.member_views import names_of
from casso.services.membership import begin_managing, checked_role, role_name
from casso.services.notices import NoticeKind, Recipient
from casso.services.setup import checked_email
from casso.services.throttles import Door
from casso.services.trail import announce, once, record
from casso.values.caller import Caller

LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class InvitationForm:
    """Whom to invite as what; `seen_ids` are the teams to join or the mailboxes to see."""

    email: str
    role: str = Role.AGENT
    own_role_id: int | None = None
    sees: str = Sees.ALL
    seen_ids: tuple[int, ...] = ()


def invite(actor: Actor, form: InvitationForm, *, caller: Caller, intent: str = "") -> int:
    """Ask somebody to join; returns the invitation's id.

    Raises NotAllowed for a role with more than the actor has, NotFound for a role, team or mailbox that
    is not ours, TooManyTries, and Invalid: no address, a member or invited already, an owner with a limit.
    """
    require(actor, Action.MANAGE_MEMBERS)
    email = checked_email(form.email, "error.email")
    throttles.take_try(Door.INVITATION, f"organization {actor.organization_id}", caller.ip)
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        giver = begin_managing(session, actor, Action.MANAGE_MEMBERS)
        wanted, own_role_id = checked_role(session, actor.organization_id, giver, form.role, form.own_role_id)
        seen = _checked_view(session, actor, wanted, form)
        _require_stranger(session, actor, email)
        made = Invitation(
            organization_id=actor.organization_id,
            token_hash="",
            email=email,
            role=wanted.role,
            own_role_id=own_role_id,
            sees=form.sees,
            seen_ids=tuple(str(one) for one in seen),
            inviter_id=actor.account_id or 0,
            created_at=now(),
            expires_at=now(),
        )
        _send(session, actor, made)
        _note(session, actor, "invitation.sent", made)
        return made.id or 0


def resend(actor: Actor, invitation_id: int, *, caller: Caller, intent: str = "") -> None:
    """Ask again with a new link, valid for seven days; the old one is dead, and the actor answers for it.

    Raises NotFound, TooManyTries, and NotAllowed for a role with more than the actor has.
    """
    require(actor, Action.MANAGE_MEMBERS)
    throttles.take_try(Door.INVITATION, f"organization {actor.organization_id}", caller.ip)
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        giver = begin_managing(session, actor, Action.MANAGE_MEMBERS)
        found = _invitation(session, actor, invitation_id)
        checked_role(session, actor.organization_id, giver, found.role, found.own_role_id)
        found.inviter_id = actor.account_id or 0
        _send(session, actor, found)
        _note(session, actor, "invitation.sent", found)


def revoke(actor: Actor, invitation_id: int, *, intent: str = "") -> None:
    """Take an invitation back; its link is dead. Raises NotFound and NotAllowed."""
    require(actor, Action.MANAGE_MEMBERS)
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        begin_managing(session, actor, Action.MANAGE_MEMBERS)
        found = _invitation(session, actor, invitation_id)
        session.delete(found)
        _note(session, actor, "invitation.revoked", found)


def token_digest(token: str) -> str:
    """How an invitation's token is stored: SHA-256 in hex."""
    return hashlib.sha256(token[: links.TOKEN_LIMIT].encode("utf-8", "surrogatepass")).hexdigest()


def _checked_view(session: Session, actor: Actor, wanted: Holder, form: InvitationForm) -> tuple[int, ...]:
    """The teams or mailboxes to see; none with a whole view."""
    if form.sees not in tuple(Sees):
        raise Invalid()
    sees = Sees(form.sees)
    if sees is Sees.ALL:
        return ()
    if wanted.role is Role.OWNER:
        raise Invalid("error.owner_sees_all")
    names_of(session, actor.organization_id, sees=sees, ids=form.seen_ids)
    return tuple(sorted(set(form.seen_ids)))


def _require_stranger(session: Session, actor: Actor, email: str) -> None:
    """Raise Invalid for a member or somebody invited; an invitation that is over makes way."""
    here = actor.organization_id
    member = (
        select(Membership.id)
        .join(Account, col(Account.id) == col(Membership.account_id))
        .where(Membership.organization_id == here, Account.email == email)
    )
    if session.exec(member).first() is not None:
        raise Invalid("error.member_already")
    mine = (Invitation.organization_id == here, Invitation.email == email)
    pending = session.exec(select(Invitation).where(*mine)).first()
    if pending is None:
        return
    if pending.expires_at > now():
        raise Invalid("error.invited_already")
    session.delete(pending)
    session.flush()


def _invitation(session: Session, actor: Actor, invitation_id: int) -> Invitation:
    if not is_id(invitation_id):
        raise NotFound()
    found = session.exec(
        select(Invitation).where(
            Invitation.organization_id == actor.organization_id, Invitation.id == invitation_id
        )
    ).first()
    if found is None:
        raise NotFound()
    return found


def _send(session: Session, actor: Actor, invitation: Invitation) -> None:
    """A fresh token, its hash and time in the row, and the mail on its way."""
    token = secrets.token_urlsafe(32)
    invitation.token_hash, invitation.expires_at = token_digest(token), now() + LIFE
    session.add(invitation)
    session.flush()
    organization = session.get_one(Organization, actor.organization_id)
    notices.send(
        session,
        NoticeKind.INVITATION,
        Recipient(invitation.email, organization.locale),
        inviter=actor.name or actor.email,
        organization=organization.name,
        link=links.url_of("/invitation", token),
    )


def _note(session: Session, actor: Actor, action: str, invitation: Invitation) -> None:
    role = role_name(session, actor.organization_id, invitation.role, invitation.own_role_id)
    record(session, actor, action, after=f"{invitation.email}, {role}")
    announce(session, actor, ChangeKind.PEOPLE)
