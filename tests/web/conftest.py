"""The wrapper around a stand-in for Reflex's app, called in this process."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, Router

from casso.services import login
from casso.web import router
from casso.web.asgi import Protected
from tests.desks import PASSWORD, Desk

Client = Callable[..., httpx.AsyncClient]


async def page(request: Request) -> Response:
    return HTMLResponse("<script>page</script>")


async def asset(request: Request) -> Response:
    return PlainTextResponse("x", media_type="text/javascript")


async def echo(request: Request) -> Response:
    return JSONResponse({"bytes": len(await request.body())})


async def whoami(request: Request) -> Response:
    return PlainTextResponse(router.actor_of(request).email)


async def broken(request: Request) -> Response:
    raise RuntimeError("canary in the message")


async def framed(request: Request) -> Response:
    return HTMLResponse("mail", headers={"Content-Security-Policy": "script-src 'none'"})


async def plain(request: Request) -> Response:
    return HTMLResponse("<script>page</script>")


@pytest.fixture
def client(sqlite_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Makes clients of one wrapped app; `Host` and `base_url` may be chosen."""
    router.all_routes()
    monkeypatch.setattr(router, "_registered", dict(router._registered))
    router.route("/t/echo", who=router.Who.SIGNED, methods=("POST",), max_body=1000)(echo)
    router.route("/t/whoami", who=router.Who.SESSION)(whoami)
    router.route("/t/instance", who=router.Who.OPERATOR)(whoami)
    router.route("/t/broken", who=router.Who.ANYONE)(broken)
    router.route("/t/plain/{id}", who=router.Who.ANYONE)(plain)
    router.route("/t/frame/{id}", who=router.Who.ANYONE)(framed)
    router.route("/t/big/{id}", who=router.Who.ANYONE, methods=("POST",), max_body=5000)(echo)
    build = tmp_path / "build"
    build.mkdir()
    (build / "index.html").write_text("<script>page</script>")
    (build / "404.html").write_text("<script>page</script>")
    inner = Router([Route("/assets/a-1.js", asset), Route("/{rest:path}", page, methods=["GET", "POST"])])
    app = Protected(inner, build=build)

    def make(**options: object) -> httpx.AsyncClient:
        settings: dict[str, object] = {"base_url": "http://desk.example:3000", "trust_env": False, **options}
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), **settings)  # type: ignore[arg-type]

    return make


@pytest.fixture
def cookie(sqlite_desk: Desk) -> str:
    """A session of the first organization's owner, as a Cookie header."""
    token = login.sign_in(sqlite_desk.owner.email, PASSWORD, ip="127.0.0.1", browser="test")
    return f"casso={token}"
