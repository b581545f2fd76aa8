"""The security headers, and the policy that says which scripts a page may run.

Reflex's shell carries inline scripts and cannot carry nonces, so the policy
names their SHA-256, computed from the built files once at start. Nothing may
use eval. A response that brings its own policy (the mail frame) keeps it.
"""

import base64
import hashlib
import re
from pathlib import Path

_INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.IGNORECASE)
_BASE = (
    "default-src 'none'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "media-src 'self' blob:",
    "frame-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
FIXED = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000")


def content_policy(script_hashes: tuple[str, ...] = ()) -> bytes:
    """The Content-Security-Policy with these inline scripts allowed."""
    scripts = " ".join(["script-src 'self'", *(f"'sha256-{found}'" for found in script_hashes)])
    return "; ".join([scripts, *_BASE]).encode()


def inline_script_hashes(html: str) -> tuple[str, ...]:
    """Base64 SHA-256 of every inline script in a page, in order, each once."""
    bodies = [
        match["body"] for match in _INLINE.finditer(html) if not re.search(r"\bsrc\s*=", match["attributes"])
    ]
    made = (base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in bodies)
    return tuple(dict.fromkeys(made))


class PagePolicies:
    """The policy of each built page by its path; an unknown path gets the fallback page's."""

    def __init__(self, build: Path) -> None:
        self._policies: dict[str, bytes] = {}
        for path in sorted(build.rglob("*.html")) if build.is_dir() else ():
            policy = content_policy(inline_script_hashes(path.read_text()))
            name = str(path.relative_to(build)).removesuffix(".html")
            self._policies[name.removesuffix("index").strip("/")] = policy
        self._fallback = self._policies.get("404", content_policy())

    def of(self, path: str) -> bytes:
        """The policy for the page served at this path."""
        return self._policies.get(path.strip("/"), self._fallback)
