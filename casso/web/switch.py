"""Going on in another organization: a new session token and a full page load, so nothing is carried along.

Where a second factor is demanded that this session lacks, a page says so and shows two ways to it.
"""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from casso.errors import CassoError, TooWeak
from casso.services import sessions
from casso.web import pages
from casso.web.forms import text_fields
from casso.web.router import Who, actor_of, caller_of, route
from casso.words import word


@route("/switch", who=Who.SESSION, methods=("POST",))
async def switch(request: Request) -> Response:
    """Go to the inbox of the organization named; 404 for one that the person does not belong to."""
    wanted = (await text_fields(request)).get("organization", "")
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 11 else 0
    actor = actor_of(request)
    try:
        fresh = await asyncio.to_thread(sessions.switch_organization, actor, number, caller_of(request))
    except TooWeak as error:
        return needs_factor(actor.locale, str(error.values["organization"]))
    except CassoError:
        return PlainTextResponse("not found\n", status_code=404)
    return pages.with_session("/", fresh)


def needs_factor(locale: str, organization: str) -> Response:
    """Says so: the session goes on where it was."""
    return pages.page(
        locale,
        title=word(locale, "web.switch_factor"),
        lead=word(locale, "web.switch_factor_lead", organization=organization),
        body=pages.way("/settings/security", word(locale, "web.switch_set_up"))
        + pages.form(action="/sign-out", button=word(locale, "web.switch_sign_in"), look="")
        + pages.link("/", word(locale, "web.switch_back")),
        status=403,
    )
