"""Going on in another organization: a new session token and a full page load, so nothing is carried along."""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from casso.errors import CassoError
from casso.services import sessions
from casso.web import pages
from casso.web.forms import text_fields
from casso.web.router import Who, actor_of, caller_of, route


@route("/switch", who=Who.SESSION, methods=("POST",))
async def switch(request: Request) -> Response:
    """Go to the inbox of the organization named; 404 for one that the person does not belong to."""
    wanted = (await text_fields(request)).get("organization", "")
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 11 else 0
    try:
        fresh = await asyncio.to_thread(
            sessions.switch_organization, actor_of(request), number, caller_of(request)
        )
    except CassoError:
        return PlainTextResponse("not found\n", status_code=404)
    return pages.with_session("/", fresh)
