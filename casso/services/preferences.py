"""How a person likes the desk, and how the organization presents itself.

Languages are those of the catalogue, zones IANA names; an empty zone means the
organization's. A repeated intent raises AlreadyDone and changes nothing.
"""

from zoneinfo import available_timezones

from sqlmodel import Session

from casso.access import Actor, require
from casso.db import transaction
from casso.enums import ChangeKind
from casso.errors import Invalid, NotFound
from casso.models import Account, Organization
from casso.rules.differences import differences
from casso.rules.permissions import Action
from casso.services.trail import announce, once, record
from casso.words import is_locale

THEMES = ("system", "light", "dark")
NAME_LIMIT = 100


def set_appearance(actor: Actor, *, locale: str, theme: str, zone: str, intent: str = "") -> None:
    """Language, colours and zone of the signed-in person. Raises Invalid naming the wrong one."""
    require(actor, Action.OWN_ACCOUNT)
    if theme not in THEMES:
        raise Invalid("error.theme")
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        account = session.get(Account, actor.account_id) if actor.account_id else None
        if account is None:
            raise NotFound()
        old = _liking(account)
        account.locale, account.time_zone = _checked_locale(locale), _checked_zone(zone)
        account.theme = theme
        session.add(account)
        before, after = differences(old, _liking(account))
        record(session, actor, "account.appearance", before=before, after=after)


def set_general(actor: Actor, *, name: str, zone: str, locale: str, intent: str = "") -> None:
    """Name, zone and language of the organization. Raises NotAllowed, and Invalid naming the wrong one."""
    require(actor, Action.CHANGE_SETTINGS)
    shown = " ".join(name.split())[:NAME_LIMIT]
    if not shown:
        raise Invalid("error.organization_name")
    with transaction(actor.organization_id) as session:
        once(session, actor, intent)
        organization = _organization(session, actor)
        old = _presence(organization)
        organization.name = shown
        organization.time_zone = _checked_zone(zone) or "UTC"
        organization.locale = _checked_locale(locale)
        session.add(organization)
        before, after = differences(old, _presence(organization))
        record(session, actor, "organization.changed", before=before, after=after)
        announce(session, actor, ChangeKind.SETTINGS)


def _liking(account: Account) -> dict[str, object]:
    return {"language": account.locale, "colours": account.theme, "zone": account.time_zone}


def _presence(organization: Organization) -> dict[str, object]:
    return {"name": organization.name, "zone": organization.time_zone, "language": organization.locale}


def _organization(session: Session, actor: Actor) -> Organization:
    found = session.get(Organization, actor.organization_id)
    if found is None:
        raise NotFound()
    return found


def _checked_locale(locale: str) -> str:
    if not is_locale(locale):
        raise Invalid("error.locale")
    return locale


def _checked_zone(zone: str) -> str:
    wanted = zone.strip()
    if wanted and wanted not in available_timezones():
        raise Invalid("error.zone", value=wanted[:60])
    return wanted
