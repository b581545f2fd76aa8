"""A person's own picture: made small in a child process, kept among the files, shown to colleagues.

Only the result is stored, under a random key; what was uploaded is forgotten. The row names
the new file before the old one goes: whatever stops in between leaves a file that is swept.
"""

import logging

from sqlmodel import col, select

from casso.access import Actor, require
from casso.db import reading, transaction
from casso.errors import GatewayError, Invalid, NotFound
from casso.gateways import pictures, storage
from casso.models import Account, Membership
from casso.queries.shown import is_id, picture
from casso.rules.permissions import Action
from casso.services import throttles
from casso.services.profile import own_account, tell_organizations
from casso.services.throttles import Door
from casso.values.caller import Caller

LARGEST_PICTURE = 5_000_000
log = logging.getLogger(__name__)


def set_picture(actor: Actor, data: bytes, caller: Caller) -> None:
    """Show this picture from now on. Raises Invalid (none, too large), TooManyTries, GatewayError."""
    require(actor, Action.OWN_ACCOUNT)
    if not data:
        raise Invalid("error.file_empty")
    if len(data) > LARGEST_PICTURE:
        raise Invalid("error.file_too_large", n=LARGEST_PICTURE // 1_000_000)
    throttles.take_try(Door.PICTURE, str(actor.account_id), caller.ip)
    key = storage.put(actor.organization_id, _square(data))
    _replace(actor, key, caller)


def remove_picture(actor: Actor, caller: Caller) -> None:
    """Show the initials again; without a picture nothing happens."""
    require(actor, Action.OWN_ACCOUNT)
    _replace(actor, "", caller)


def get_picture(actor: Actor, account_id: int, version: str) -> bytes:
    """A colleague's picture. Raises NotFound: there is none, or they do not work in this organization."""
    require(actor, Action.OWN_ACCOUNT)
    if not is_id(account_id):
        raise NotFound()
    with reading(actor.organization_id) as session:
        key = session.exec(
            select(Account.picture_key)
            .join(Membership, col(Membership.account_id) == col(Account.id))
            .where(Membership.organization_id == actor.organization_id, Account.id == account_id)
        ).first()
    if not key or picture(account_id, key) != f"{account_id}/{version}":
        raise NotFound()
    try:
        return storage.get(key)
    except GatewayError as error:
        if error.permanent:
            raise NotFound() from error
        raise


def _square(data: bytes) -> bytes:
    try:
        return pictures.square(data)
    except GatewayError as error:
        if error.permanent:
            raise Invalid("error.picture") from error
        raise


def _replace(actor: Actor, key: str, caller: Caller) -> None:
    with transaction(actor.organization_id) as session:
        account = own_account(session, actor)
        before, account.picture_key = account.picture_key, key
        if before == key:
            return
        tell_organizations(session, account, "account.picture", caller, after="yes" if key else "")
    if before:
        _forget(before)


def _forget(key: str) -> None:
    """Remove the file before; a store that does not answer now leaves it to the sweep."""
    try:
        storage.delete(key)
    except GatewayError as error:
        log.warning("an old picture stays for the sweep", extra={"event": "picture.kept", "code": error.code})
