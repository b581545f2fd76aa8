"""More people for a desk: members of one organization who do nothing but look."""

from dataclasses import replace

from casso import db
from casso.access import Actor
from casso.enums import Role
from casso.models import Account, Membership
from tests.desks import START, Tenant


def colleagues(tenant: Tenant, count: int, role: Role = Role.AGENT) -> list[Actor]:
    """New members of an organization, as the guard would name them."""
    with db.transaction(tenant.organization_id) as session:
        accounts = [
            Account(email=f"{role}{number}@{tenant.organization_id}.test", first_name="A", created_at=START)
            for number in range(count)
        ]
        session.add_all(accounts)
        session.flush()
        session.add_all(
            Membership(
                organization_id=tenant.organization_id, account_id=one.id or 0, role=role, created_at=START
            )
            for one in accounts
        )
        return [replace(tenant.owner, account_id=one.id, email=one.email, role=role) for one in accounts]
