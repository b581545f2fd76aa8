"""The button "send yourself a test mail", as a form that works without script."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from casso.errors import CassoError, GatewayError
from casso.services.test_mail import send_test_mail
from casso.web.router import Who, actor_of, route
from casso.words import word


@route("/test-mail", who=Who.SESSION, methods=("POST",))
async def test_mail(request: Request) -> Response:
    """Back to the inbox, where the mail appears; a refusal says why."""
    actor = actor_of(request)
    try:
        await asyncio.to_thread(send_test_mail, actor)
    except CassoError as error:
        return JSONResponse({"error": word(actor.locale, error.key, **error.values)}, status_code=422)
    except GatewayError:
        return JSONResponse({"error": word(actor.locale, "error.outside")}, status_code=503)
    return RedirectResponse("/", status_code=303)
