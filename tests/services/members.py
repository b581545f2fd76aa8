"""People of a desk as tests need them: members with a role, an own role, a limited view, in teams."""

import hashlib
from collections.abc import Iterable

from sqlmodel import select

from casso import clock, db
from casso.access import Actor, across_organizations
from casso.enums import Role, Sees
from casso.models import Account, MailboxAccess, Membership, OwnRole, SignIn, Team, TeamMember
from casso.rules.session_limits import ABSOLUTE_LIMIT
from casso.services.sessions import find_session
from tests.desks import Tenant


def member(
    tenant: Tenant,
    email: str,
    role: Role | str = Role.AGENT,
    *,
    sees: Sees = Sees.ALL,
    teams: Iterable[int] = (),
    mailboxes: Iterable[int] = (),
    own: tuple[str, ...] = (),
) -> Actor:
    """A member, signed in; an account that exists joins here too. `own` is the set of their own role."""
    here, moment = tenant.organization_id, clock.now()
    with db.transaction() as session, across_organizations(session, "tests"):
        account = session.exec(select(Account).where(Account.email == email)).first()
        if account is None:
            first, _, last = email.partition("@")[0].title().partition(".")
            account = Account(email=email, first_name=first, last_name=last, created_at=moment)
        session.add(account)
        own_role = OwnRole(organization_id=here, name=f"Of {email}", permissions=own, created_at=moment)
        if own:
            session.add(own_role)
        session.flush()
        joined = Membership(organization_id=here, account_id=account.id or 0, role=role, created_at=moment)
        joined.sees, joined.own_role_id = sees, own_role.id
        session.add(joined)
        for team_id in teams:
            session.add(TeamMember(organization_id=here, team_id=team_id, account_id=account.id or 0))
        for mailbox_id in mailboxes:
            session.add(
                MailboxAccess(organization_id=here, mailbox_id=mailbox_id, account_id=account.id or 0)
            )
    found = find_session(session_of(tenant, account.id or 0))
    assert found is not None
    return found


def session_of(tenant: Tenant, account_id: int) -> str:
    """A fresh session's token, without the cost of a password."""
    token, moment = f"session of {account_id} at {clock.now().isoformat()}", clock.now()
    with db.transaction(tenant.organization_id) as session:
        session.add(
            SignIn(
                token_hash=hashlib.sha256(token.encode()).hexdigest(),
                account_id=account_id,
                organization_id=tenant.organization_id,
                created_at=moment,
                last_seen_at=moment,
                expires_at=moment + ABSOLUTE_LIMIT,
            )
        )
    return token


def team(tenant: Tenant, name: str) -> int:
    """A team's id."""
    made = Team(organization_id=tenant.organization_id, name=name, created_at=clock.now())
    with db.transaction(tenant.organization_id) as session:
        session.add(made)
    return made.id or 0
