"""Accounts from the command line: add a person, keep one out, let them in again, a new password.

Whoever may run commands on this machine may do all of it, so there is no actor. A disabled
account's sessions and links end at once; what it wrote stays.
"""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from casso.access import across_organizations
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import Role
from casso.errors import Invalid, NotFound
from casso.models import Account, Membership, Organization
from casso.rules.sign_in_address import typed_address
from casso.services import authenticators, devices, links, passkeys, passwords
from casso.services.account_trail import record_for_account
from casso.services.membership import lock_people, require_another_owner
from casso.services.notices import NoticeKind
from casso.services.operators import lock_operators, require_another_operator
from casso.services.password_changes import send_reset
from casso.services.session_ending import end_all_sessions
from casso.services.setup import checked_email
from casso.services.trail import record_access
from casso.values.caller import Caller

CONSOLE = Caller()
ROLES = (Role.OWNER, Role.ADMIN, Role.AGENT, Role.VIEWER)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What `casso account add` was told; without a password the person gets a link to choose one."""

    email: str
    name: str = ""
    role: Role = Role.AGENT
    organization: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class AccountDone:
    """What became of it; `link` is a secret to hand over in person, empty when there is none."""

    account_id: int
    email: str
    link: str = ""
    ended_sessions: int = 0


def add_account(new: NewAccount) -> AccountDone:
    """Add a person to an organization; one who has an account already only becomes a member.

    Raises Invalid naming what is wrong, NotFound for an unknown organization.
    """
    email = checked_email(new.email, "error.email")
    with transaction() as session, across_organizations(session, "account from the command line"):
        organization = _find_organization(session, new.organization)
        account = session.exec(select(Account).where(Account.email == email)).first()
        is_new = account is None
        if account is None:
            account = _made(session, new, email, organization.name)
        elif new.password:
            raise Invalid("error.account_exists")
        _join(session, account, organization, new.role)
        link = send_reset(session, account) if is_new and not new.password else ""
        return AccountDone(account.id or 0, email, link)


def disable_account(email: str) -> AccountDone:
    """Keep a person out of every organization; disabling twice changes nothing.

    Raises NotFound, and Conflict for the last owner of an organization or the last operator.
    """
    with transaction() as session:
        account = _find(session, email)
        if account.disabled_at is not None:
            return AccountDone(account.id or 0, account.email)
        _require_successors(session, account)
        account.disabled_at = now()
        links.revoke(session, account.id or 0)
        ended = end_all_sessions(session, account.id or 0, None, CONSOLE)
        record_for_account(session, account.id or 0, "account.disabled", CONSOLE, is_own=False)
        return AccountDone(account.id or 0, account.email, ended_sessions=ended)


def enable_account(email: str) -> AccountDone:
    """Let a person in again; they sign in as before. Raises NotFound."""
    with transaction() as session:
        account = _find(session, email)
        if account.disabled_at is not None:
            account.disabled_at = None
            record_for_account(session, account.id or 0, "account.enabled", CONSOLE, is_own=False)
        return AccountDone(account.id or 0, account.email)


def give_reset_link(email: str) -> AccountDone:
    """Mail a link for a new password, and return it too. Raises NotFound, and Invalid when disabled."""
    with transaction() as session:
        account = _find(session, email)
        if account.disabled_at is not None:
            raise Invalid("error.account_disabled")
        link = send_reset(session, account)
        record_for_account(session, account.id or 0, "account.reset_asked", CONSOLE, is_own=False)
        return AccountDone(account.id or 0, account.email, link)


def set_password(email: str, password: str) -> AccountDone:
    """Set a password from the console and end every session. Raises NotFound, Invalid for a weak one."""
    with reading() as session:
        about = passwords.known_about(session, _find(session, email))
    hashed = passwords.hash_new_password(password, about=about)
    with transaction() as session:
        account = _find(session, email)
        account.password_hash = hashed
        links.revoke(session, account.id or 0)
        authenticators.forget_unconfirmed(session, account.id or 0)
        ended = end_all_sessions(session, account.id or 0, None, CONSOLE)
        devices.tell(session, NoticeKind.PASSWORD_CHANGED, account, CONSOLE)
        record_for_account(session, account.id or 0, "account.password_changed", CONSOLE, is_own=False)
        return AccountDone(account.id or 0, account.email, ended_sessions=ended)


def reset_second_factor(email: str) -> AccountDone:
    """Take a lost app, its spare codes and the passkeys away, and end every session. Raises NotFound.

    Where a second factor is demanded the person sets a new one up when they sign in next.
    """
    with transaction() as session:
        account = _find(session, email)
        account_id = account.id or 0
        has_app = authenticators.remove(session, account_id)
        if not passkeys.forget_all(session, account_id) and not has_app:
            return AccountDone(account_id, account.email)
        links.revoke(session, account_id)
        ended = end_all_sessions(session, account_id, None, CONSOLE)
        devices.tell(session, NoticeKind.FACTOR_OFF, account, CONSOLE)
        record_for_account(session, account_id, "factor.reset", CONSOLE, is_own=False, after=str(account_id))
        return AccountDone(account_id, account.email, ended_sessions=ended)


def _require_successors(session: Session, account: Account) -> None:
    """Somebody else must be able to run what this person owns; raises Conflict."""
    require_another_operator(lock_operators(session), account)
    with across_organizations(session, "organizations that an account owns"):
        owned = session.exec(
            select(Membership.organization_id)
            .where(Membership.account_id == account.id, Membership.role == Role.OWNER)
            .order_by(col(Membership.organization_id))
        ).all()
        for organization_id in owned:
            lock_people(session, organization_id)
            require_another_owner(session, organization_id, account.id or 0)


def _find(session: Session, email: str) -> Account:
    found = session.exec(select(Account).where(Account.email == typed_address(email))).first()
    if found is None:
        raise NotFound("error.account_not_found")
    return found


def _find_organization(session: Session, name: str) -> Organization:
    """By name or slug; without a name the only one there is."""
    query = select(Organization)
    if name:
        query = query.where((col(Organization.name) == name) | (col(Organization.slug) == name))
    found = session.exec(query.limit(2)).all()
    if not found:
        raise NotFound("error.organization_not_found")
    if len(found) > 1:
        raise Invalid("error.organization_which")
    return found[0]


def _made(session: Session, new: NewAccount, email: str, organization: str) -> Account:
    first, _, last = " ".join(new.name.split()).partition(" ")
    account = Account(email=email, first_name=first, last_name=last, created_at=now())
    if new.password:
        about = (email, first, last, organization)
        account.password_hash = passwords.hash_new_password(new.password, about=about)
    session.add(account)
    session.flush()
    return account


def _join(session: Session, account: Account, organization: Organization, role: Role) -> None:
    here, account_id = organization.id or 0, account.id or 0
    mine = (Membership.organization_id == here, Membership.account_id == account_id)
    if session.exec(select(Membership).where(*mine)).first() is not None:
        raise Invalid("error.member_already")
    session.add(Membership(organization_id=here, account_id=account_id, role=role, created_at=now()))
    record_access(session, here, None, "account.added", ip="", browser="", after=f"{account.email}, {role}")
