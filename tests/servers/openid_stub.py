"""An OpenID Connect provider and a GitHub that answer exactly what a test tells them, lies included.

with identity_stub() as stub:
    stub.base                        # issuer, and GitHub's site and API
    stub.person = {"email": …}       # claims over the usual ones; None leaves a claim out
    stub.key, stub.algorithm         # what the ID token is signed with
    stub.asked                       # what arrived at the token endpoint
The happy flow runs against oidc-provider-mock; this one is for what a good provider never does.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from casso import config
from casso.gateways.identity import openid

CLIENT_ID, CLIENT_SECRET = "desk", "secret-for-tests"
PUBLISHED = RSAKey.generate_key(2048, {"kid": "published", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "published", "use": "sig"})
SHARED = OctKey.import_key(CLIENT_SECRET.ljust(32, "x"), {"kid": "shared"})


@dataclass
class IdentityStub:
    """What to answer, and what was asked."""

    base: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: PUBLISHED)
    algorithm: str = "RS256"
    raw_token: str = ""
    emails: list[dict[str, Any]] = field(default_factory=list)
    github_user: dict[str, Any] = field(default_factory=lambda: {"id": 7, "login": "mia", "name": "Mia"})
    status: int = 200
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def environment(self, name: str = "oidc") -> dict[str, str]:
        """The settings that make the product use this server as Google, GitHub or OpenID Connect."""
        if name == "github":
            return {
                "GITHUB_CLIENT_ID": CLIENT_ID,
                "GITHUB_CLIENT_SECRET": CLIENT_SECRET,
                "GITHUB_OAUTH_BASE": self.base,
                "GITHUB_API_BASE": self.base + "/api",
            }
        start = name.upper()
        issuer = "GOOGLE_ISSUER" if name == "google" else "OIDC_ISSUER"
        return {f"{start}_CLIENT_ID": CLIENT_ID, f"{start}_CLIENT_SECRET": CLIENT_SECRET, issuer: self.base}

    def grant(self, url: str) -> str:
        """What the person's browser does at the provider: agree; returns the address it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def id_token(self, asked: dict[str, str]) -> str:
        """The ID token for a code."""
        moment = int(time.time())
        claims = {
            "iss": self.base,
            "aud": CLIENT_ID,
            "sub": "person-1",
            "iat": moment,
            "exp": moment + 300,
            "nonce": asked.get("nonce"),
            "email": "mia@example.test",
            "email_verified": True,
            "name": "Mia Moor",
        } | self.person
        known = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return self.raw_token or jwt.encode(header, known, self.key, algorithms=[self.algorithm])


def switch_on(stub: IdentityStub, monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let this process's desk use the stub as every provider, its tokens being of that moment."""
    for name in ("oidc", "google", "github"):
        for key, value in stub.environment(name).items():
            monkeypatch.setenv(key, value)
    config.settings.cache_clear()
    openid._known.clear()
    stub.person = {"iat": int(moment.timestamp()), "exp": int(moment.timestamp()) + 300}


@contextmanager
def identity_stub() -> Iterator[IdentityStub]:
    """Run the server on a free port."""
    stub = IdentityStub()

    class Handler(_Handler):
        told = stub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Handler(BaseHTTPRequestHandler):
    told: IdentityStub

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        stub, path = self.told, urlsplit(self.path).path
        answers: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": stub.base,
                "authorization_endpoint": stub.base + "/authorize",
                "token_endpoint": stub.base + "/token",
                "userinfo_endpoint": stub.base + "/userinfo",
                "jwks_uri": stub.base + "/jwks",
            }
            | stub.metadata,
            "/jwks": {"keys": [PUBLISHED.as_dict(private=False)]},
            "/userinfo": {"sub": "person-1"} | stub.userinfo,
            "/api/user": stub.github_user,
            "/api/user/emails": stub.emails,
        }
        if path in ("/userinfo", "/api/user", "/api/user/emails") and not self._has_token():
            return self._reply(401, {})
        return self._reply(stub.status if path in answers else 404, answers.get(path, {}))

    def do_POST(self) -> None:
        stub = self.told
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        sent = {name: values[0] for name, values in body.items()}
        stub.asked.append(sent)
        asked = stub.codes.pop(sent.get("code", ""), None)
        if asked is None or not _fits(sent.get("code_verifier", ""), asked.get("code_challenge", "")):
            return self._reply(400, {"error": "invalid_grant"})
        if (sent.get("client_id"), sent.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return self._reply(401, {"error": "invalid_client"})
        token = {"access_token": "token-of-mia", "token_type": "Bearer", "expires_in": 300}
        if not self.path.startswith("/login/"):
            token["id_token"] = stub.id_token(asked)
        return self._reply(200, token)

    def _has_token(self) -> bool:
        return self.headers.get("Authorization") == "Bearer token-of-mia"

    def _reply(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _fits(verifier: str, challenge: str) -> bool:
    """RFC 7636, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge
