"""Settings that leave a door open: https, proxies, sign-up, and every way that is taken without TLS."""

from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, select
from sqlmodel import col

from casso.access import across_organizations
from casso.config import Settings
from casso.db import reading
from casso.models import ImapAccount
from casso.services.checks.findings import Found, fine, notice, wrong

LOOPBACK = ("127.0.0.1", "::1", "localhost", "")
# Fewer different letters than this are no random key.
LEAST_VARIETY = 8


def check_settings(chosen: Settings) -> list[Found]:
    """Everything that can be read off the settings alone."""
    found = [_address(chosen), _proxy(chosen), _sign_up(chosen), _key(chosen)]
    return found + [one for one in (*_ways_out(chosen), _mail_door(chosen)) if one is not None]


def check_mailboxes() -> list[Found]:
    """Mailboxes that are fetched without TLS from another machine."""
    with reading() as session, across_organizations(session, "checks: mailboxes without TLS"):
        count = session.execute(
            select(func.count()).where(
                col(ImapAccount.security) == "none",
                col(ImapAccount.is_enabled).is_(True),
                col(ImapAccount.host).not_in(LOOPBACK),
            )
        ).scalar_one()
    return [wrong("mailboxes_plain", count=count)] if count else [fine("mailboxes_fine")]


def _address(chosen: Settings) -> Found:
    is_local = chosen.host in LOOPBACK
    if chosen.is_https:
        return fine("https_on")
    return fine("https_local") if is_local else wrong("https_off")


def _proxy(chosen: Settings) -> Found:
    """Whose address stands in the trail, and whether somebody can walk round the proxy and say another."""
    if chosen.proxy_hops and chosen.host not in LOOPBACK:
        return wrong("proxy_bypassed", host=chosen.host, port=chosen.port)
    if chosen.is_https and not chosen.tls_cert and not chosen.proxy_hops:
        return wrong("proxy_hops")
    return fine("proxy_fine")


def _sign_up(chosen: Settings) -> Found:
    return notice("signup_open") if chosen.signup_open else fine("signup_closed")


def _key(chosen: Settings) -> Found:
    is_weak = any(len(set(key)) < LEAST_VARIETY for key in chosen.secret_keys)
    return wrong("key_weak") if is_weak else fine("key_fine")


def _ways_out(chosen: Settings) -> list[Found | None]:
    """Connections to other machines."""
    mail, files = urlsplit(chosen.mail_out), urlsplit(chosen.s3_endpoint)
    redis, database = urlsplit(chosen.redis_url), urlsplit(chosen.database_url)
    starttls = parse_qs(mail.query).get("starttls", ["auto"])[0]
    mode = parse_qs(database.query).get("sslmode", ["prefer"])[0]
    is_away = {name: (one.hostname or "") not in LOOPBACK for name, one in
               (("mail", mail), ("files", files), ("redis", redis), ("database", database))}  # fmt: skip
    return [
        wrong("mail_out_plain") if mail.scheme == "smtp" and is_away["mail"] and starttls == "off" else None,
        notice("mail_out_auto") if mail.scheme == "smtp" and is_away["mail"] and starttls == "auto" else None,
        wrong("files_plain") if files.scheme == "http" and is_away["files"] else None,
        wrong("redis_plain") if redis.scheme == "redis" and is_away["redis"] else None,
        notice("redis_open") if chosen.redis_url and not redis.password else None,
        wrong("database_plain") if is_away["database"] and mode in ("disable", "allow", "prefer") else None,
    ]


def _mail_door(chosen: Settings) -> Found | None:
    host = urlsplit(f"//{chosen.smtp_listen}").hostname or ""
    return notice("smtp_open", address=chosen.smtp_listen) if host not in LOOPBACK else None
