"""The doctor's look at what travels unencrypted: pages, mail that leaves, and mail that is fetched."""

from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlmodel import col

from casso.access import across_organizations
from casso.clock import now
from casso.config import settings
from casso.db import reading
from casso.gateways.certificates import read_certificate
from casso.models import ImapAccount
from casso.services.doctor_findings import Finding, fine, wrong
from casso.values.reach import LOOPBACK_NAMES

SOON = timedelta(days=14)


def check_pages() -> list[Finding]:
    """How the pages reach the browsers: own certificate, a proxy's, or in the clear."""
    chosen = settings()
    if chosen.tls_cert:
        return [_own_certificate(chosen.tls_cert, urlsplit(chosen.url).hostname or "")]
    if chosen.is_https and not chosen.proxy_hops:
        advice = "set CASSO_PROXY_HOPS=1, or all people count as one network"
        return [wrong("https", f"a proxy must hold the certificate of {chosen.url}: {advice}")]
    if chosen.is_https:
        return [fine("https", f"a proxy holds the certificate of {chosen.url}")]
    if urlsplit(chosen.url).hostname in LOOPBACK_NAMES:
        return [fine("https", "not needed while only this machine reaches the desk")]
    advice = "set CASSO_URL to an https address, with a proxy or with CASSO_TLS_CERT (docs/hosting.md)"
    return [wrong("https", f"passwords travel in the clear: {advice}")]


def check_fetching() -> list[Finding]:
    """Mailboxes that are fetched without TLS from another machine."""
    with reading() as session, across_organizations(session, "doctor: mailboxes without TLS"):
        count = session.execute(
            select(func.count()).where(
                col(ImapAccount.is_enabled).is_(True),
                col(ImapAccount.security) == "none",
                col(ImapAccount.host).not_in(LOOPBACK_NAMES),
            )
        ).scalar_one()
    if count:
        advice = "choose TLS under Settings, Mailboxes"
        return [wrong("mailboxes", f"{count} are fetched with a password in the clear: {advice}", open=count)]
    return [fine("mailboxes", "none is fetched without TLS from another machine", open=0)]


def _own_certificate(path: str, host: str) -> Finding:
    found = read_certificate(path)
    days = (found.valid_until - now()).days
    if found.valid_until < now():
        return wrong("https", f"the certificate ended on {found.valid_until:%Y-%m-%d}: renew it", days=days)
    if found.valid_from > now():
        return wrong("https", f"the certificate begins on {found.valid_from:%Y-%m-%d}: check the clock")
    if not found.is_for(host):
        return wrong("https", f"the certificate is not for {host}, the host of CASSO_URL: get one that is")
    if found.valid_until - now() < SOON:
        return wrong("https", f"the certificate ends in {days} days: renew it", days=days)
    return fine("https", f"the certificate for {host} is good for {days} days", days=days)
