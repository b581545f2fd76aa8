"""The authorization code flow with PKCE: where to send the browser, and who came back.

`state` ties the answer to this browser, `verifier` the code to this flow (RFC 7636),
`nonce` the ID token to this flow (OpenID Connect Core 3.1.2.1). The caller keeps all
three out of reach of others and uses them once.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc.errors import JoseError

from casso.errors import GatewayError
from casso.gateways.identity import github, openid
from casso.gateways.identity.providers import Kind, Provider

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Flow:
    """What must be remembered between leaving for a provider and coming back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a provider says somebody is. `email` in lower case; empty when it gave none that it verified."""

    provider: str
    subject: str
    email: str
    name: str


def new_flow() -> Flow:
    """Fresh random values, 256 bits each."""
    return Flow(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


def authorize_url(provider: Provider, flow: Flow, redirect_uri: str) -> str:
    """Where the browser goes. Raises GatewayError when the provider cannot be asked for its address."""
    with _talking(provider), _client(provider, redirect_uri) as client:
        endpoint = _authorize_endpoint(client, provider)
        nonce = {"nonce": flow.nonce} if provider.kind is Kind.OPENID else {}
        url, _ = client.create_authorization_url(
            endpoint, state=flow.state, code_verifier=flow.verifier, prompt="select_account", **nonce
        )
        return str(url)


def fetch_identity(
    provider: Provider, flow: Flow, *, code: str, redirect_uri: str, issuer: str = ""
) -> Identity:
    """Exchange the code and read who it is. Raises GatewayError; permanent when the answer proves nothing.

    `issuer` is what the answer's address named (RFC 9207); another provider's answer is never mixed in.
    """
    with _talking(provider), _client(provider, redirect_uri) as client:
        if provider.kind is Kind.OPENID and issuer not in ("", openid.read_metadata(client, provider).issuer):
            raise ValueError("the answer is another issuer's")
        endpoint = _token_endpoint(client, provider)
        token = client.fetch_token(
            endpoint, code=code, code_verifier=flow.verifier, grant_type="authorization_code"
        )
        if provider.kind is Kind.GITHUB:
            found = github.read_person(client, provider)
        else:
            found = openid.read_person(client, provider, token, flow.nonce)
    if not found.subject:
        raise GatewayError("The provider names nobody", permanent=True, code="identity_refused")
    return Identity(provider.name, found.subject, found.email.strip().lower(), found.name.strip()[:200])


def _authorize_endpoint(client: OAuth2Client, provider: Provider) -> str:
    if provider.kind is Kind.GITHUB:
        return f"{provider.base}/login/oauth/authorize"
    return openid.read_metadata(client, provider).authorization_endpoint


def _token_endpoint(client: OAuth2Client, provider: Provider) -> str:
    if provider.kind is Kind.GITHUB:
        return f"{provider.base}/login/oauth/access_token"
    return openid.read_metadata(client, provider).token_endpoint


@contextmanager
def _client(provider: Provider, redirect_uri: str) -> Iterator[OAuth2Client]:
    scope = "openid email profile" if provider.kind is Kind.OPENID else "read:user user:email"
    with OAuth2Client(
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        # All three take the secret in the body, and GitHub takes it nowhere else.
        token_endpoint_auth_method="client_secret_post",  # noqa: S106 (a method's name)
        scope=scope,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
        follow_redirects=False,
    ) as client:
        yield client


@contextmanager
def _talking(provider: Provider) -> Iterator[None]:
    """Whatever goes wrong outside becomes a GatewayError that holds no code, token or address."""
    try:
        yield
    except (OAuthError, JoseError) as error:
        text = f"{provider.title} did not confirm the sign-in ({type(error).__name__})"
        raise GatewayError(text, permanent=True, code="identity_refused") from error
    except httpx2.HTTPStatusError as error:
        text = f"{provider.title} answered with {error.response.status_code}"
        raise GatewayError(text, permanent=False, code="identity_unavailable") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        text = f"{provider.title} cannot be reached ({type(error).__name__})"
        raise GatewayError(text, permanent=False, code="identity_unavailable") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        text = f"{provider.title} answered with something else than was asked for ({type(error).__name__})"
        raise GatewayError(text, permanent=True, code="identity_refused") from error
