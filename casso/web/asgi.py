"""The wrapper around everything the web process serves: our routes, Reflex's pages and its socket.

In this order: known Host, same Origin, closed framework doors, our own routes,
a session for every page of the agent's screen; body limits and security headers
on all of it. A failure in here answers 500 with an id and runs nothing.
"""

import asyncio
import logging
import secrets
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casso.access import Actor
from casso.config import SettingError, settings
from casso.gateways.limiter import POSTS_OF_NETWORK, SOCKETS_OF_NETWORK, take
from casso.logs import log_ids, set_up_logging
from casso.services.sealing import require_key
from casso.services.sessions import find_session
from casso.web.headers import FIXED, HSTS, PagePolicies, content_policy
from casso.web.look import look_header
from casso.web.pace import paced
from casso.web.router import SMALL_BODY, all_routes, client_ip, starlette_routes, to_sign_in

logger = logging.getLogger(__name__)
BUILD = Path(".web/build/client")
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
CLOSED = ("/_upload", "/_all_routes", "/_health", "/ping", "/auth-codespace")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
STATIC_SUFFIXES = frozenset(
    {".js", ".css", ".woff2", ".svg", ".png", ".ico", ".webmanifest", ".txt", ".json"}
)


class BodyTooLarge(Exception):
    """More bytes arrived than the route takes."""


def protect(app: ASGIApp) -> ASGIApp:
    """Reflex's app inside ours; given to `rx.App(api_transformer=…)`, so it runs once a web process."""
    set_up_logging("web")
    _require_key()
    return Protected(app, build=BUILD)


def _require_key() -> None:
    """Serve nothing with another desk's key; a database that is away now is asked by whoever needs it."""
    try:
        require_key()
    except SettingError as error:
        logger.critical("not started: %s", error, extra={"event": "web.wrong_key"})
        raise SystemExit(1) from None
    except DBAPIError:
        return


class Protected:
    """The wrapper as an ASGI application."""

    def __init__(self, app: ASGIApp, *, build: Path) -> None:
        self._pages = PagePolicies(build)
        self._limits: dict[str, int] = {}
        for found in all_routes():
            self._limits[found.path] = max(found.max_body, self._limits.get(found.path, 0))
        self._router = Router(routes=starlette_routes(), default=_ReflexPages(app))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self._router(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = refuse(scope["type"], scope.get("method", "GET"), scope["path"], headers)
        with log_ids(request=secrets.token_hex(6)):
            if scope["type"] == "websocket":
                await self._serve_socket(refusal, scope, receive, send)
            else:
                await self._serve_http(refusal, scope, receive, self._with_headers(scope, send))

    async def _serve_socket(self, refusal: str, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal:
            logger.warning("socket refused", extra={"event": "web.refused", "why": refusal})
            await send({"type": "websocket.close", "code": 1008})
            return
        if not await take(SOCKETS_OF_NETWORK, client_ip(HTTPConnection(scope))):
            logger.warning("socket refused", extra={"event": "web.refused", "why": "too many"})
            await send({"type": "websocket.close", "code": 1013})
            return
        await self._router(scope, paced(receive), send)

    async def _serve_http(self, refusal: str, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal:
            logger.warning("request refused", extra={"event": "web.refused", "why": refusal})
            await _refused_response(refusal)(scope, receive, send)
            return
        if scope["method"] not in SAFE_METHODS and not await take(
            POSTS_OF_NETWORK, client_ip(HTTPConnection(scope))
        ):
            logger.warning("request refused", extra={"event": "web.refused", "why": "too many"})
            await _refused_response("too many")(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._router(scope, self._limited(scope, receive), watch)
        except HTTPException as error:
            await _said_response(error)(scope, receive, send)
        except Exception as error:
            if started:
                raise
            await _failed_response(error)(scope, receive, send)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """Counts the body as it arrives; a declared length is refused before the first byte."""
        limit = self._limits.get(scope["path"]) or self._limit_of_pattern(scope)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise BodyTooLarge
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLarge
            return message

        return counted

    def _limit_of_pattern(self, scope: Scope) -> int:
        for found in self._router.routes:
            matched, _ = found.matches(scope)
            if matched.value:
                return self._limits.get(getattr(found, "path", ""), SMALL_BODY)
        return SMALL_BODY

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._headers_for(scope, message.get("headers", []))
            await send(message)

        return add

    def _headers_for(self, scope: Scope, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        path = scope["path"]
        names = {name.lower() for name, _ in given}
        kind = next((value for name, value in given if name.lower() == b"content-type"), b"")
        own = "route" in scope.get("state", {}) or not kind.startswith(b"text/html")
        wanted = [*FIXED, (b"content-security-policy", content_policy() if own else self._pages.of(path))]
        if settings().is_https:
            wanted.append(HSTS)
        if path.startswith("/assets/"):
            wanted.append((b"cache-control", b"public, max-age=31536000, immutable"))
        elif path.startswith("/fonts/"):
            wanted.append((b"cache-control", b"public, max-age=604800"))
        else:
            wanted.append(
                (b"cache-control", b"no-cache" if Path(path).suffix in STATIC_SUFFIXES else b"no-store")
            )
        return [*given, *((name, value) for name, value in wanted if name not in names)]


def refuse(kind: str, method: str, path: str, headers: Headers) -> str:
    """Why a request may not come in; empty when it may."""
    host = headers.get("host", "")
    if not _is_known_host(host):
        return "host"
    if any(path == closed or path.startswith(closed + "/") for closed in CLOSED):
        return "closed"
    if kind == "http" and method in SAFE_METHODS:
        return ""
    origin = headers.get("origin")
    if origin is not None:
        return "" if _is_own_origin(origin, host) else "origin"
    if kind == "http" and headers.get("sec-fetch-site") in ("same-origin", "none"):
        return ""
    return "no origin" if settings().session_cookie in headers.get("cookie", "") else ""


def _is_known_host(host: str) -> bool:
    """The public address's name, or this machine's own names (health checks, an SSH tunnel)."""
    name = urlsplit(f"//{host}").hostname or ""
    return name in LOOPBACK_NAMES or name == urlsplit(settings().url).hostname


def _is_own_origin(origin: str, host: str) -> bool:
    if origin == settings().url:
        return True
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc == host and parts.hostname in LOOPBACK_NAMES


def _refused_response(reason: str) -> Response:
    if reason == "closed":
        return PlainTextResponse("not found\n", status_code=404)
    if reason == "host":
        return PlainTextResponse("this address is not CASSO_URL\n", status_code=421)
    if reason == "too many":
        return PlainTextResponse(
            "too many at once: try again in a minute\n", status_code=429, headers={"Retry-After": "60"}
        )
    return PlainTextResponse("refused: not from this site\n", status_code=403)


def _said_response(error: HTTPException) -> Response:
    """What Starlette answers by itself: a method or an address that is not there."""
    return PlainTextResponse(
        f"{error.detail.lower()}\n", status_code=error.status_code, headers=error.headers
    )


def _failed_response(error: Exception) -> Response:
    if isinstance(error, BodyTooLarge):
        return PlainTextResponse("too large\n", status_code=413)
    number = secrets.token_hex(4)
    logger.error("request failed", extra={"event": "web.failed", "error_id": number}, exc_info=error)
    return PlainTextResponse(f"something went wrong; the number for the log is {number}\n", status_code=500)


class _ReflexPages:
    """Reflex's app behind the session: a page for a signed-out browser is a redirect, not an empty shell."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and Path(scope["path"]).suffix not in STATIC_SUFFIXES
        if is_page and scope["path"] != "/sign-in":
            cookie = _cookie(Headers(scope=scope).get("cookie", ""))
            actor = await asyncio.to_thread(find_session, cookie) if cookie else None
            if actor is None:
                await to_sign_in(scope["path"])(scope, receive, send)
                return
            send = _with_look(actor, send)
        await self._app(scope, receive, send)


def _with_look(actor: Actor, send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), look_header(actor)]
        await send(message)

    return add


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(settings().session_cookie)
    except CookieError:
        return ""
    return found.value if found else ""
