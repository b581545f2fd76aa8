"""Where every way in ends: somebody was proved, now their browser gets a session and a full page load.

Password, provider, passkey and invitation all call enter(), which asks for the second step.
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from casso.config import settings
from casso.services import devices, login, second_step, sessions
from casso.services.links import LIVES, LinkPurpose
from casso.services.second_step import NextStep
from casso.values.proved import Proved
from casso.web import pages
from casso.web.router import caller_of
from casso.web.threads import entry_work


async def enter(request: Request, proved: Proved, *, target: str) -> Response:
    """Go in, or to the second step where one is asked for. Raises NotAllowed when the account may not."""
    if await entry_work(second_step.next_step, proved) is NextStep.NONE:
        return await open_for(request, proved, target=target)
    half = await entry_work(login.keep_half, proved)
    response = pages.go_to("/sign-in/code" if target == "/" else f"/sign-in/code?next={quote(target)}")
    pages.set_cookie(response, settings().step_cookie, half, life=LIVES[LinkPurpose.SECOND_FACTOR])
    return response


async def open_for(request: Request, proved: Proved, *, target: str) -> Response:
    """Open a session and go on to our own path, every step being done.

    Whatever session the browser had ends: a cookie from before is never taken over.
    """
    caller = caller_of(request)
    token = await entry_work(sessions.open_session, proved, caller)
    before = request.cookies.get(settings().session_cookie, "")
    if before:
        await entry_work(sessions.sign_out, before, caller)
    response = pages.with_session(target, token)
    device = devices.device_cookie(proved.account_id)
    pages.set_cookie(response, settings().device_cookie, device, life=devices.KEEP)
    if settings().step_cookie in request.cookies:
        pages.drop_cookie(response, settings().step_cookie)
    return response
