"""The plain HTTP routes: each module of this folder registers its own with `@route`.

A route says who may call it and how large a body it takes; asgi.py and this file
enforce both, so a handler starts with the actor known and the body bounded.
"""

import asyncio
import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

import casso.web
from casso.access import Actor
from casso.config import settings
from casso.services.sessions import find_session
from casso.values.caller import Caller

Handler = Callable[[Request], Awaitable[Response]]
SMALL_BODY = 64 * 1024


class Who(StrEnum):
    """Who may call a route."""

    ANYONE = "anyone"
    SESSION = "a signed-in person"
    OPERATOR = "an operator of the installation"
    SIGNED = "a program that proves itself in the handler (signature or token)"


@dataclass(frozen=True, slots=True)
class WebRoute:
    """One registered route."""

    path: str
    methods: tuple[str, ...]
    handler: Handler
    who: Who
    max_body: int


_registered: dict[tuple[str, tuple[str, ...]], WebRoute] = {}


def route(
    path: str, *, who: Who, methods: tuple[str, ...] = ("GET",), max_body: int = SMALL_BODY
) -> Callable[[Handler], Handler]:
    """Register an async handler. With SESSION or OPERATOR, `actor_of(request)` is set when it runs."""

    def register(handler: Handler) -> Handler:
        key = (path, methods)
        known = _registered.get(key)
        if known is not None and known.handler.__qualname__ != handler.__qualname__:
            raise ValueError(f"two handlers for {methods} {path}")
        _registered[key] = WebRoute(path, methods, handler, who, max_body)
        return handler

    return register


def all_routes() -> tuple[WebRoute, ...]:
    """Every route of every module in this folder."""
    for module in pkgutil.iter_modules(casso.web.__path__):
        importlib.import_module(f"casso.web.{module.name}")
    return tuple(_registered.values())


def starlette_routes() -> list[Route]:
    """The same as Starlette routes, guarded."""
    return [Route(found.path, _guarded(found), methods=list(found.methods)) for found in all_routes()]


def actor_of(request: Request) -> Actor:
    """The person who called a route that needs a session."""
    actor: Actor = request.state.actor
    return actor


async def find_actor(request: Request) -> Actor | None:
    """The person behind the session cookie, if there is one."""
    cookie = request.cookies.get(settings().session_cookie, "")
    return await asyncio.to_thread(find_session, cookie) if cookie else None


def client_ip(request: HTTPConnection) -> str:
    """The caller's address; X-Forwarded-For counts only through the configured number of proxies.

    A proxy may add its address to the line that came or write a line of its own: all lines are one list.
    """
    hops = settings().proxy_hops
    lines = ",".join(request.headers.getlist("x-forwarded-for"))
    forwarded = [part.strip() for part in lines.split(",") if part.strip()]
    if hops and len(forwarded) >= hops:
        return forwarded[-hops]
    return request.client.host if request.client else ""


def browser_of(request: Request) -> str:
    """The User-Agent header: what the caller says of itself, so it is shown and never believed."""
    return request.headers.get("user-agent", "")


def caller_of(request: Request) -> Caller:
    """Who knocks: true address, what the browser says of itself, and its device cookie."""
    device = request.cookies.get(settings().device_cookie, "")
    return Caller(ip=client_ip(request), browser=browser_of(request), device=device)


def to_sign_in(path: str) -> Response:
    """Send a browser to sign-in and back to this path afterwards."""
    target = "/sign-in" if path in ("", "/") else f"/sign-in?next={quote(path, safe='/')}"
    return RedirectResponse(target, status_code=303)


def _guarded(found: WebRoute) -> Handler:
    async def handle(request: Request) -> Response:
        request.state.route = found.path
        if found.who in (Who.SESSION, Who.OPERATOR):
            actor = await find_actor(request)
            if actor is None:
                return _signed_out(request)
            if found.who is Who.OPERATOR and not actor.is_operator:
                # To everybody else it does not exist.
                return PlainTextResponse("not found\n", status_code=404)
            request.state.actor = actor
        return await found.handler(request)

    handle.__name__ = getattr(found.handler, "__name__", "handle")
    return handle


def _signed_out(request: Request) -> Response:
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return to_sign_in(request.url.path)
    return JSONResponse({"error": "signed out"}, status_code=401)
