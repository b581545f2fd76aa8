"""Browsers that an account has used before: told apart for throttling, and news when one is new.

The device cookie opens nothing. It proves, by our signature over account and nonce, that
this browser once signed in to this account, so its tries are counted apart from an
attacker's (OWASP: device cookies). Of browser and network only a keyed hash is kept.
"""

import secrets
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session, col, select

from casso.access import across_organizations
from casso.clock import now
from casso.config import settings
from casso.gateways.secrets import sign, verify
from casso.models import Account, KnownDevice, Membership, Organization
from casso.rules.browsers import browser_kind, browser_name
from casso.rules.networks import network_of
from casso.services import notices
from casso.services.notices import NoticeKind
from casso.values.caller import Caller
from casso.words import word
from casso.words.formats import format_moment

KEEP = timedelta(days=365)
_PURPOSE = "device cookie"


def device_cookie(account_id: int) -> str:
    """A fresh value of the device cookie for a browser that has just signed in."""
    text = f"{account_id}.{secrets.token_hex(16)}"
    return f"{text}.{sign(_PURPOSE, text)}"


def find_device(cookie: str, account_id: int | None) -> str:
    """The nonce of a device cookie of ours for this account; empty for anything else."""
    text, _, signature = cookie[:200].rpartition(".")
    owner, _, nonce = text.partition(".")
    is_ours = verify(_PURPOSE, text, signature) and account_id is not None and owner == str(account_id)
    return nonce if is_ours else ""


def greet(session: Session, account: Account, caller: Caller) -> None:
    """Remember the browser and network; tell the person by mail when they are new, except the first ones."""
    moment = now()
    fingerprint = _fingerprint(account, caller)
    known = session.exec(select(KnownDevice).where(KnownDevice.account_id == account.id)).all()
    mine = next((one for one in known if one.fingerprint == fingerprint), None)
    if mine is not None:
        mine.last_seen_at = moment
        return
    session.add(
        KnownDevice(
            account_id=account.id or 0, fingerprint=fingerprint, created_at=moment, last_seen_at=moment
        )
    )
    if known:
        tell(session, NoticeKind.NEW_DEVICE, account, caller)


def tell(session: Session, kind: NoticeKind, account: Account, caller: Caller, *, address: str = "") -> None:
    """A notice about something that just happened to the account: when, from where, with what.

    `address`: where it goes, when that is not the account's own address.
    """
    to = notices.recipient_of(session, account)
    if address:
        to = replace(to, email=address)
    notices.send(
        session,
        kind,
        to,
        email=account.email,
        when=format_moment(to.locale, _zone_of(session, account), now()),
        ip=caller.ip or word(to.locale, "mail.somewhere"),
        browser=browser_name(caller.browser) or word(to.locale, "mail.some_browser"),
        link=f"{settings().url}/reset",
    )


def _fingerprint(account: Account, caller: Caller) -> str:
    """Browser and system without versions, which change every month, and the network."""
    kind = browser_kind(caller.browser)
    return sign("known device", "\n".join((str(account.id), kind, network_of(caller.ip))))


def _zone_of(session: Session, account: Account) -> str:
    if account.time_zone:
        return account.time_zone
    with across_organizations(session, "time zone of a notice"):
        found = session.exec(
            select(Organization.time_zone)
            .join(Membership, col(Membership.organization_id) == col(Organization.id))
            .where(Membership.account_id == account.id)
            .order_by(col(Membership.id))
        ).first()
    return found or "UTC"
