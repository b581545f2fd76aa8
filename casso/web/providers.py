"""Signing in with Google, GitHub or an OpenID Connect provider, and linking such an account.

The browser leaves with a sealed cookie and comes back to one address; only both together
mean something. Linking starts with a POST of the signed-in person and ends in the same session.
"""

import asyncio
import logging
from html import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from casso.config import settings
from casso.errors import CassoError, GatewayError, NotAllowed
from casso.gateways.identity import Provider, find_provider
from casso.services import identities
from casso.services.identities import Leaving, Return, Returning
from casso.services.proofs import require_recent_proof
from casso.web import pages
from casso.web.entry import enter
from casso.web.router import Who, actor_of, find_actor, route
from casso.web.signin import own_path
from casso.words import word

logger = logging.getLogger(__name__)
AFTER_LINKING = "/settings/security"
_LEAVE = (
    '<p><a class="btn primary" href="{url}">{label}</a></p><meta http-equiv="refresh" content="0;url={url}">'
)


@route("/auth/{provider}", who=Who.ANYONE)
async def leave(request: Request) -> Response:
    """Off to the provider; nothing is written here, the flow travels in the browser's own cookie."""
    provider = _provider(request)
    if provider is None:
        return _no_such_provider()
    target = own_path(request.query_params.get("next", ""))
    try:
        left = await asyncio.to_thread(identities.leave, provider, target=target)
    except GatewayError as error:
        return _failed(request, _said(error))
    response = RedirectResponse(left.url, status_code=303, headers={"Cache-Control": "no-store"})
    return _with_flow(response, left)


@route("/auth/{provider}/link", who=Who.SESSION, methods=("POST",))
async def link(request: Request) -> Response:
    """Begin to link a provider's account to the signed-in person.

    The answer is a page that goes on by itself: a form's own redirect may not leave this site.
    """
    provider = _provider(request)
    if provider is None:
        return _no_such_provider()
    actor = actor_of(request)
    try:
        await asyncio.to_thread(require_recent_proof, actor)
        left = await asyncio.to_thread(
            identities.leave, provider, target=AFTER_LINKING, sign_in_id=actor.sign_in_id
        )
    except GatewayError as error:
        return _failed(request, _said(error))
    except CassoError as error:
        return _failed(request, error)
    name, url = provider.title, escape(left.url)
    locale = actor.locale
    response = pages.page(
        locale,
        title=word(locale, "web.link_title", provider=name),
        lead=word(locale, "web.link_lead", provider=name),
        body=_LEAVE.format(url=url, label=escape(word(locale, "web.link_go", provider=name))),
    )
    return _with_flow(response, left)


@route("/auth/{provider}/callback", who=Who.ANYONE)
async def come_back(request: Request) -> Response:
    """Back from the provider: into a session, or the identity is linked to the one that left."""
    provider = _provider(request)
    if provider is None:
        return _no_such_provider()
    asked = request.query_params
    returning = Returning(
        cookie=request.cookies.get(settings().flow_cookie, ""),
        state=asked.get("state", "")[:200],
        code=asked.get("code", "")[:2000],
        issuer=asked.get("iss", "")[:500],
    )
    try:
        found = await asyncio.to_thread(identities.come_back, provider, returning)
        response = await _go_on(request, found)
    except GatewayError as error:
        logger.warning("sign-in with a provider failed", extra={"event": "login.provider", "why": error.code})
        response = _failed(request, _said(error))
    except CassoError as error:
        response = _failed(request, error)
    pages.drop_cookie(response, settings().flow_cookie)
    return response


async def _go_on(request: Request, found: Return) -> Response:
    if found.sign_in_id is None:
        proved = await asyncio.to_thread(identities.prove, found.identity)
        return await enter(request, proved, target=own_path(found.target))
    actor = await find_actor(request)
    if actor is None or actor.sign_in_id != found.sign_in_id:
        raise NotAllowed("error.identity_flow")
    await asyncio.to_thread(identities.link, actor, found.identity)
    return pages.go_to(AFTER_LINKING)


def _provider(request: Request) -> Provider | None:
    return find_provider(request.path_params["provider"])


def _with_flow(response: Response, left: Leaving) -> Response:
    pages.set_cookie(response, settings().flow_cookie, left.cookie, life=identities.FLOW_LIFE)
    return response


def _said(error: GatewayError) -> CassoError:
    return CassoError("error.identity_refused" if error.permanent else "error.identity_unavailable")


def _failed(request: Request, error: CassoError) -> Response:
    """What went wrong, with the way back to the sign-in page."""
    locale = pages.locale_of(request)
    back = f'<p><a class="btn" href="/sign-in">{escape(word(locale, "web.back_to_sign_in"))}</a></p>'
    return pages.page(
        locale,
        title=word(locale, "web.sign_in_failed"),
        lead=word(locale, error.key, **error.values),
        body=back,
        status=403 if error.key != "error.identity_unavailable" else 503,
    )


def _no_such_provider() -> Response:
    return PlainTextResponse("not found\n", status_code=404)
