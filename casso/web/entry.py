"""Where every way in ends: somebody was proved, now their browser gets a session and a full page load.

Password, provider, passkey and invitation all call enter(). A second step belongs in front of it:
keep the proof with login.keep_half(), its token in the step cookie, and come here when it is done.
"""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from casso.config import settings
from casso.services import devices, sessions
from casso.values.proved import Proved
from casso.web import pages
from casso.web.router import caller_of


async def enter(request: Request, proved: Proved, *, target: str) -> Response:
    """Open a session and go on to our own path. Raises NotAllowed when the account may not come in.

    Whatever session the browser had ends: a cookie from before is never taken over.
    """
    caller = caller_of(request)
    token = await asyncio.to_thread(sessions.open_session, proved, caller)
    before = request.cookies.get(settings().session_cookie, "")
    if before:
        await asyncio.to_thread(sessions.sign_out, before, caller)
    response = pages.with_session(target, token)
    device = devices.device_cookie(proved.account_id)
    pages.set_cookie(response, settings().device_cookie, device, life=devices.KEEP)
    if settings().step_cookie in request.cookies:
        pages.drop_cookie(response, settings().step_cookie)
    return response
