"""Passkeys over HTTP: two questions and two answers, as JSON for assets/passkeys.js.

The challenge travels sealed in the flow cookie, so asking writes nothing.
"""

import asyncio
import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from casso.config import settings
from casso.errors import CassoError, Invalid
from casso.services import passkeys
from casso.services.passkeys import Question
from casso.services.proofs import require_recent_proof
from casso.web import pages
from casso.web.entry import enter
from casso.web.router import Who, actor_of, caller_of, route
from casso.web.signin import own_path
from casso.words import word


@route("/passkeys/ask", who=Who.ANYONE, methods=("POST",))
async def ask(request: Request) -> Response:
    """What a browser signs to come in."""
    return _asked(await asyncio.to_thread(passkeys.ask_who))


@route("/passkeys/enter", who=Who.ANYONE, methods=("POST",))
async def sign_in(request: Request) -> Response:
    """Come in with the signed answer; says where to go on to."""
    try:
        sent = await _read(request)
        proved = await asyncio.to_thread(passkeys.prove, _answer(sent), _cookie(request))
        opened = await enter(request, proved, target=own_path(str(sent.get("next", ""))))
    except CassoError as error:
        return _wrong(pages.locale_of(request), error)
    response = JSONResponse({"go": opened.headers["location"]})
    for cookie in opened.headers.getlist("set-cookie"):
        response.headers.append("set-cookie", cookie)
    pages.drop_cookie(response, settings().flow_cookie)
    return response


@route("/passkeys/ask-new", who=Who.SESSION, methods=("POST",))
async def ask_new(request: Request) -> Response:
    """What a browser makes a passkey from; needs a fresh proof of who asks."""
    actor = actor_of(request)
    try:
        await asyncio.to_thread(require_recent_proof, actor)
        return _asked(await asyncio.to_thread(passkeys.ask_new, actor))
    except CassoError as error:
        return _wrong(actor.locale, error)


@route("/passkeys/add", who=Who.SESSION, methods=("POST",))
async def add(request: Request) -> Response:
    """Keep the passkey that the browser made."""
    actor = actor_of(request)
    try:
        await asyncio.to_thread(require_recent_proof, actor)
        sent = await _read(request)
        await asyncio.to_thread(
            passkeys.add,
            actor,
            _answer(sent),
            _cookie(request),
            name=str(sent.get("name", "")),
            caller=caller_of(request),
        )
    except CassoError as error:
        return _wrong(actor.locale, error)
    response = JSONResponse({"go": ""})
    pages.drop_cookie(response, settings().flow_cookie)
    return response


async def _read(request: Request) -> Mapping[str, object]:
    try:
        sent = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Invalid() from None
    if not isinstance(sent, dict):
        raise Invalid()
    return sent


def _answer(sent: Mapping[str, object]) -> dict[str, object]:
    found = sent.get("answer")
    if not isinstance(found, dict):
        raise Invalid()
    return found


def _cookie(request: Request) -> str:
    return request.cookies.get(settings().flow_cookie, "")


def _asked(question: Question) -> Response:
    response = JSONResponse(question.options, headers={"Cache-Control": "no-store"})
    pages.set_cookie(response, settings().flow_cookie, question.cookie, life=passkeys.LIFE)
    return response


def _wrong(locale: str, error: CassoError) -> Response:
    return JSONResponse({"error": word(locale, error.key, **error.values)}, status_code=422)
