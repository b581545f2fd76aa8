"""Fetches pages of the running desk over loopback, as a browser would, and looks at their headers."""

import http.client
import ssl

from casso.config import Settings
from casso.services.checks.findings import Found, fine, notice, wrong

PAGES = ("/sign-in", "/healthz", "/nothing/here")
SECONDS = 5
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
WANTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "SAMEORIGIN",
}


def check_headers(chosen: Settings) -> list[Found]:
    """A desk that does not run is not looked at."""
    found: list[Found] = []
    for path in PAGES:
        try:
            headers = _fetch(chosen, path)
        except (OSError, http.client.HTTPException):
            return [notice("headers_unseen")]
        missing = [name for name, value in WANTED.items() if headers.get(name) != value]
        missing += _policy(headers.get("content-security-policy", ""))
        if chosen.is_https and "strict-transport-security" not in headers:
            missing.append("strict-transport-security")
        if missing:
            found.append(wrong("headers_missing", path=path, names=", ".join(missing)))
    return found or [fine("headers_fine", count=len(PAGES))]


def _policy(text: str) -> list[str]:
    """Scripts of ours alone, and never eval."""
    parts = [part.split() for part in text.split(";")]
    scripts = next((part for part in parts if part[:1] == ["script-src"]), [])
    is_tight = "default-src 'none'" in text and not {"'unsafe-inline'", "'unsafe-eval'", "*"} & set(scripts)
    return [] if is_tight else ["content-security-policy"]


def _fetch(chosen: Settings, path: str) -> dict[str, str]:
    host = WILDCARDS.get(chosen.host, chosen.host)
    public = chosen.url.partition("://")[2]
    connection: http.client.HTTPConnection
    if chosen.tls_cert:
        # Our own process on this machine: the certificate names the public address, not this one.
        trusting = ssl._create_unverified_context()  # noqa: S323
        connection = http.client.HTTPSConnection(host, chosen.port, timeout=SECONDS, context=trusting)
    else:
        connection = http.client.HTTPConnection(host, chosen.port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Host": public})
        answer = connection.getresponse()
        answer.read()
        return {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()
