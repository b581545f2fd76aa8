"""What an organization decides about its trail: how long addresses and entries stay; and taking it away."""

from sqlmodel import Session

from casso.access import Actor, require
from casso.db import transaction
from casso.enums import ChangeKind
from casso.errors import Invalid, NotFound
from casso.models import Organization
from casso.rules.differences import differences
from casso.rules.permissions import Action
from casso.services.trail import announce, once, record

ADDRESS_DAYS = (1, 730)
# A month is the least that lets somebody come back from a holiday and look.
TRAIL_DAYS = (30, 3650)


def set_trail_rules(actor: Actor, *, address_days: int, trail_days: int, intent: str = "") -> None:
    """How many days full addresses and entries stay. Raises NotAllowed, and Invalid out of bounds."""
    require(actor, Action.CHANGE_SETTINGS)
    _check(address_days, ADDRESS_DAYS, "error.address_days")
    _check(trail_days, TRAIL_DAYS, "error.trail_days")
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        organization = _organization(session, actor)
        old = _shown(organization)
        organization.address_days, organization.trail_days = address_days, trail_days
        session.add(organization)
        before, after = differences(old, _shown(organization))
        record(session, actor, "organization.trail", before=before, after=after)
        announce(session, actor, ChangeKind.SETTINGS)


def note_export(actor: Actor, *, what: str) -> None:
    """Whoever takes the trail away leaves a line in it. Raises NotAllowed."""
    require(actor, Action.READ_TRAIL)
    with transaction(actor.organization_id) as session:
        record(session, actor, "trail.exported", after=what)


def _check(days: int, bounds: tuple[int, int], key: str) -> None:
    low, high = bounds
    if not low <= days <= high:
        raise Invalid(key, low=low, high=high)


def _shown(organization: Organization) -> dict[str, object]:
    return {"addresses (days)": organization.address_days, "entries (days)": organization.trail_days}


def _organization(session: Session, actor: Actor) -> Organization:
    found = session.get(Organization, actor.organization_id)
    if found is None:
        raise NotFound()
    return found
