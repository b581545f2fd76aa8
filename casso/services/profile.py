"""What a person says about themselves: first and last name, and a phone number if they want to.

Names are seen wherever they work, so every organization of theirs gets a line and refreshed
screens. The phone number is for the person alone: no list and no colleague ever gets it, and
the trail keeps only how it ends.
"""

from sqlmodel import Session, col, select

from casso.access import Actor, across_organizations, require
from casso.clock import now
from casso.db import transaction
from casso.enums import ChangeKind
from casso.errors import Invalid, NotFound
from casso.models import Account, Change, Membership
from casso.rules.differences import differences
from casso.rules.permissions import Action
from casso.rules.person import PHONE_LIMIT, person_name, phone_number, shown_phone
from casso.services.account_trail import record_for_account
from casso.services.trail import once
from casso.values.caller import Caller


def set_profile(
    actor: Actor, *, first_name: str, last_name: str, phone: str, caller: Caller, intent: str = ""
) -> None:
    """Names and phone of the signed-in person. Raises Invalid without a first name or for no phone number."""
    require(actor, Action.OWN_ACCOUNT)
    first, number = person_name(first_name), phone_number(phone)
    if not first:
        raise Invalid("error.name")
    if number is None:
        raise Invalid("error.phone", n=PHONE_LIMIT)
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        account = own_account(session, actor)
        old = _shown(account)
        account.first_name, account.last_name, account.phone = first, person_name(last_name), number
        before, after = differences(old, _shown(account))
        tell_organizations(session, account, "account.profile", caller, before=before, after=after)


def own_account(session: Session, actor: Actor) -> Account:
    """The actor's own account. Raises NotFound when it is gone."""
    found = session.get(Account, actor.account_id) if actor.account_id else None
    if found is None:
        raise NotFound()
    return found


def tell_organizations(
    session: Session,
    account: Account,
    action: str,
    caller: Caller,
    *,
    is_own: bool = True,
    before: str = "",
    after: str = "",
) -> None:
    """A line in the trail of each organization that the person works for, and their screens anew.

    `is_own`: the person did it, else the command line.
    """
    record_for_account(session, account.id or 0, action, caller, is_own=is_own, before=before, after=after)
    with across_organizations(session, "screens of an account's organizations"):
        found = session.exec(
            select(Membership.organization_id).where(col(Membership.account_id) == account.id)
        ).all()
        for organization_id in found:
            kind, moment = ChangeKind.PEOPLE, now()
            session.add(Change(organization_id=organization_id, kind=kind, created_at=moment))
        session.flush()


def _shown(account: Account) -> dict[str, object]:
    name = f"{account.first_name} {account.last_name}".strip()
    return {"name": name, "phone": shown_phone(account.phone)}
