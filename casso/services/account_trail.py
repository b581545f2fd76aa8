"""A line about an account, in the trail of every organization that it belongs to."""

from sqlmodel import Session, col, select

from casso.access import across_organizations
from casso.models import Membership
from casso.services.trail import record_access
from casso.values.caller import Caller


def record_for_account(
    session: Session,
    account_id: int,
    action: str,
    caller: Caller,
    *,
    is_own: bool = True,
    by: int | None = None,
    before: str = "",
    after: str = "",
) -> None:
    """Record it; `is_own`: the person did it, else the account `by`, or (None) the command line."""
    with across_organizations(session, "trail of an account's organizations"):
        found = session.exec(
            select(Membership.organization_id)
            .where(col(Membership.account_id) == account_id)
            .order_by(col(Membership.organization_id))
        ).all()
        for organization_id in found:
            record_access(
                session,
                organization_id,
                account_id if is_own else by,
                action,
                ip=caller.ip,
                browser=caller.browser,
                before=before,
                after=after,
            )
