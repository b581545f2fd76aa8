"""Whether the web process is alive; says nothing about what stands behind it."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from casso.web.router import Who, route


@route("/healthz", who=Who.ANYONE)
async def healthz(request: Request) -> Response:
    """200 as long as the event loop turns."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})
