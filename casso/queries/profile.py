"""A person's own profile, as they alone see it: the phone number is in no other row."""

from dataclasses import dataclass

from casso.access import Actor, require
from casso.db import reading
from casso.errors import NotFound
from casso.models import Account
from casso.rules.permissions import Action


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """What the person wrote about themselves, and the address they sign in with."""

    first_name: str
    last_name: str
    phone: str
    email: str
    has_picture: bool


def get_profile(actor: Actor) -> ProfileRow:
    """The signed-in person's profile. Raises NotFound when the account is gone."""
    require(actor, Action.OWN_ACCOUNT)
    with reading(actor.organization_id) as session:
        found = session.get(Account, actor.account_id) if actor.account_id else None
    if found is None:
        raise NotFound()
    return ProfileRow(
        first_name=found.first_name,
        last_name=found.last_name,
        phone=found.phone,
        email=found.email,
        has_picture=found.picture_key != "",
    )
