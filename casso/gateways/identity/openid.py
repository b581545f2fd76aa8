"""Who somebody is at an OpenID Connect provider: the ID token, checked before a word of it is believed.

Checked: issuer, audience, signature by a published key with an asymmetric algorithm,
expiry, nonce, and that the UserInfo answer is about the same subject.
Source: OpenID Connect Core 1.0, 3.1.3.7 and 5.3.2; Discovery 1.0, 4.3.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from casso.clock import now
from casso.gateways.identity.person import Person
from casso.gateways.identity.providers import Provider

# A shared secret or no signature at all proves nothing about the provider.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY_SECONDS = 120
KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider publishes of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    read_at: datetime


_known: dict[str, Metadata] = {}
_lock = threading.Lock()


def read_metadata(client: OAuth2Client, provider: Provider) -> Metadata:
    """The published addresses, kept for an hour. Raises ValueError when they are another issuer's."""
    with _lock:
        found = _known.get(provider.base)
    if found is not None and now() - found.read_at < KEPT_FOR:
        return found
    base = provider.base.rstrip("/")
    data = _get(client, f"{base}/.well-known/openid-configuration")
    if str(data["issuer"]).rstrip("/") != base:
        raise ValueError("the configuration is another issuer's")
    userinfo = data.get("userinfo_endpoint")
    found = Metadata(
        issuer=data["issuer"],
        authorization_endpoint=_address(provider, data["authorization_endpoint"]),
        token_endpoint=_address(provider, data["token_endpoint"]),
        userinfo_endpoint=_address(provider, userinfo) if userinfo else "",
        jwks_uri=_address(provider, data["jwks_uri"]),
        read_at=now(),
    )
    with _lock:
        _known[provider.base] = found
    return found


def read_person(client: OAuth2Client, provider: Provider, token: dict[str, Any], nonce: str) -> Person:
    """The subject of the ID token, with name and verified address from it or from UserInfo."""
    metadata = read_metadata(client, provider)
    claims = _checked_claims(client, provider, metadata, token, nonce)
    if "email" not in claims and metadata.userinfo_endpoint:
        more = _get(client, metadata.userinfo_endpoint, is_published=False)
        if more.get("sub") != claims["sub"]:
            raise ValueError("the UserInfo answer is about somebody else")
        claims = {**more, **claims}
    is_verified = claims.get("email_verified") is True
    return Person(
        subject=str(claims["sub"]),
        email=str(claims.get("email") or "") if is_verified else "",
        name=str(claims.get("name") or ""),
    )


def _checked_claims(
    client: OAuth2Client, provider: Provider, metadata: Metadata, token: dict[str, Any], nonce: str
) -> dict[str, Any]:
    """The claims of a valid ID token. Raises JoseError, or KeyError when there is none."""
    decoded = _decoded(client, metadata, str(token["id_token"]))
    wanted = {
        "iss": {"essential": True, "value": metadata.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    known = {"nonce": nonce, "client_id": provider.client_id, "access_token": token.get("access_token")}
    claims = CodeIDToken(decoded.claims, decoded.header, wanted, known)
    claims.validate(now=int(now().timestamp()), leeway=LEEWAY_SECONDS)
    return dict(claims)


def _decoded(client: OAuth2Client, metadata: Metadata, text: str) -> jwt.Token:
    """Signature checked with the keys as they are published now: a new key needs no restart."""
    registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    keys = KeySet.import_key_set(_get(client, metadata.jwks_uri))
    try:
        return jwt.decode(text, key=keys, registry=registry)
    except InvalidKeyIdError as error:
        raise ValueError("the ID token is signed by a key that is not published") from error


def _get(client: OAuth2Client, url: str, *, is_published: bool = True) -> Any:
    """JSON; what is published for all is fetched without the person's token."""
    answer = client.request("GET", url, withhold_token=is_published)
    answer.raise_for_status()
    return answer.json()


def _address(provider: Provider, text: object) -> str:
    """An endpoint may not be less protected than the issuer that names it."""
    address = str(text)
    if provider.base.startswith("https://") and not address.startswith("https://"):
        raise ValueError("an endpoint is not https")
    return address
