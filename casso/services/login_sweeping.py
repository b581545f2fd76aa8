"""Removes what stands around sign-in and is over: sessions, links, tries, notices, browsers long gone."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete
from sqlmodel import SQLModel, col, select

from casso.access import across_organizations
from casso.clock import now
from casso.db import transaction
from casso.models import Invitation, KnownDevice, LinkToken, MailChange, Notice, SignIn, Throttle
from casso.rules.session_limits import IDLE_LIMIT
from casso.services import devices, throttles

KEEP_NOTICES = timedelta(days=7)
# After its end an invitation can be sent again for a while; then the address of a stranger is forgotten.
KEEP_INVITATIONS = timedelta(days=30)
AT_ONCE = 500


def sweep_login() -> int:
    """Remove it, a few hundred rows a transaction; returns how many rows went."""
    moment = now()
    tries, trust = moment - throttles.KEEP_COUNTS, moment - throttles.KEEP_TRUST
    is_distrusted = col(Throttle.trusted_at).is_(None) | (col(Throttle.trusted_at) < trust)
    return sum(
        (
            _delete(SignIn, SignIn.id, _before(SignIn.expires_at, moment)),
            _delete(SignIn, SignIn.id, _before(SignIn.last_seen_at, moment - IDLE_LIMIT)),
            _delete(LinkToken, LinkToken.id, _before(LinkToken.expires_at, moment)),
            _delete(MailChange, MailChange.id, _before(MailChange.expires_at, moment)),
            _delete(Throttle, Throttle.key, _before(Throttle.updated_at, tries) & is_distrusted),
            _delete(Notice, Notice.id, _before(Notice.created_at, moment - KEEP_NOTICES)),
            _delete(Invitation, Invitation.id, _before(Invitation.expires_at, moment - KEEP_INVITATIONS)),
            _delete(KnownDevice, KnownDevice.id, _before(KnownDevice.last_seen_at, moment - devices.KEEP)),
        )
    )


def _before(column: datetime, moment: datetime) -> ColumnElement[bool]:
    return col(column) < moment


def _delete(table: type[SQLModel], key: object, where: ColumnElement[bool]) -> int:
    count = 0
    while True:
        with transaction() as session, across_organizations(session, "sweep"):
            old = select(col(key)).where(where).limit(AT_ONCE)
            gone: int = session.execute(delete(table).where(col(key).in_(old))).rowcount  # type: ignore[attr-defined]
        count += gone
        if gone < AT_ONCE:
            return count
