"""Which providers the settings switch on; one without a key has no button and no route.

GitHub speaks OAuth 2.0 without OpenID Connect, so its endpoints are written down here;
the others say theirs at their issuer's address.
"""

from dataclasses import dataclass
from enum import StrEnum

from casso.config import settings

GOOGLE_ISSUER = "https://accounts.google.com"
GITHUB_BASE = "https://github.com"
GITHUB_API = "https://api.github.com"


class Kind(StrEnum):
    """The protocol a provider speaks."""

    OPENID = "openid"
    GITHUB = "github"


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider; `base` is the issuer, or for GitHub the site, whose API is at `api_base`."""

    name: str
    title: str
    kind: Kind
    base: str
    client_id: str
    client_secret: str
    api_base: str = ""


def list_providers() -> tuple[Provider, ...]:
    """Those that are switched on, in the order of their buttons."""
    found = settings()
    known = (
        Provider(
            name="google",
            title="Google",
            kind=Kind.OPENID,
            base=found.google_issuer or GOOGLE_ISSUER,
            client_id=found.google_client_id,
            client_secret=found.google_client_secret,
        ),
        Provider(
            name="github",
            title="GitHub",
            kind=Kind.GITHUB,
            base=(found.github_oauth_base or GITHUB_BASE).rstrip("/"),
            client_id=found.github_client_id,
            client_secret=found.github_client_secret,
            api_base=(found.github_api_base or GITHUB_API).rstrip("/"),
        ),
        Provider(
            name="oidc",
            title=found.oidc_name,
            kind=Kind.OPENID,
            base=found.oidc_issuer,
            client_id=found.oidc_client_id,
            client_secret=found.oidc_client_secret,
        ),
    )
    return tuple(one for one in known if one.client_id)


def find_provider(name: str) -> Provider | None:
    """The switched-on provider of that name."""
    return next((one for one in list_providers() if one.name == name), None)
