"""Signing in and out: plain forms that end in a full page load: each socket opens with the new cookie."""

import asyncio
import re
from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casso.config import settings
from casso.errors import CassoError
from casso.gateways import passkeys
from casso.gateways.identity import list_providers
from casso.rules.passwords import PASSWORD_MAX
from casso.rules.sign_in_address import TYPED_LIMIT
from casso.services import login, sessions, setup, sign_up
from casso.web import pages
from casso.web.entry import enter
from casso.web.forms import text_fields
from casso.web.router import Who, caller_of, find_actor, route
from casso.web.threads import password_work
from casso.words import word

_OWN_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_.~-]{0,200}")


@route("/sign-in", who=Who.ANYONE)
async def show(request: Request) -> Response:
    """The form; whoever is signed in goes on, and a desk without an owner is set up first."""
    if not await asyncio.to_thread(setup.is_set_up):
        return RedirectResponse("/set-up", status_code=303)
    target = own_path(request.query_params.get("next", ""))
    if await find_actor(request) is not None:
        return RedirectResponse(target, status_code=303)
    return _page(request, email="", target=target)


@route("/sign-in", who=Who.ANYONE, methods=("POST",))
async def sign_in(request: Request) -> Response:
    """Check address and password; the answer to a wrong one is the same whatever was wrong."""
    sent = await text_fields(request)
    email, target = sent.get("email", "")[:TYPED_LIMIT], own_path(sent.get("next", ""))
    try:
        proved = await password_work(
            login.check_password, email, sent.get("password", ""), caller_of(request)
        )
        return await enter(request, proved, target=target)
    except CassoError as error:
        return _page(request, email=email, target=target, error=error)


@route("/sign-out", who=Who.ANYONE, methods=("POST",))
async def sign_out(request: Request) -> Response:
    """End the session here and in the database."""
    token = request.cookies.get(settings().session_cookie, "")
    if token:
        await asyncio.to_thread(sessions.sign_out, token, caller_of(request))
    return pages.without_session("/sign-in")


_PASSKEY = """<div class="fields" data-passkey-part hidden>
<button class="btn" type="button" data-passkey="enter" data-next="{target}">{label}</button>
<p class="wrong passkey-said" role="alert" hidden></p>
</div>"""


def passkey_part(locale: str, target: str) -> str:
    """The button that a script shows where the browser knows passkeys and the address allows them."""
    if not passkeys.are_possible():
        return ""
    return _PASSKEY.format(target=escape(target), label=escape(word(locale, "web.passkey")))


def provider_links(locale: str, target: str) -> str:
    """A link a provider; nothing when none is switched on."""
    links = "".join(
        f'<a class="btn" href="/auth/{escape(one.name)}?next={escape(target)}">'
        f"{escape(word(locale, 'web.sign_in_with', provider=one.title))}</a>"
        for one in list_providers()
    )
    return f'<hr><div class="fields">{links}</div>' if links else ""


def own_path(text: str) -> str:
    """The path to go on to: one of ours, or the inbox. Never another site, whatever the spelling."""
    return text if _OWN_PATH.fullmatch(text) else "/"


def _page(request: Request, *, email: str, target: str, error: CassoError | None = None) -> Response:
    locale = pages.locale_of(request)
    is_changed = request.method == "GET" and request.query_params.get("done") == "password"
    body = pages.form(
        pages.note(word(locale, "web.password_changed")) if is_changed else "",
        pages.problem(locale, error),
        pages.field(
            "email", word(locale, "web.email"), kind="email", value=email, fill="username", is_first=not email
        ),
        pages.field(
            "password",
            word(locale, "web.password"),
            kind="password",
            fill="current-password",
            longest=PASSWORD_MAX,
            is_first=bool(email),
        ),
        pages.hidden("next", target),
        action="/sign-in",
        button=word(locale, "web.sign_in"),
    ) + pages.link("/reset", word(locale, "web.forgot"))
    if sign_up.is_open():
        body += pages.link("/sign-up", word(locale, "web.sign_up_offer"))
    return pages.page(
        locale,
        title=word(locale, "web.sign_in"),
        lead=word(locale, "web.sign_in_lead"),
        body=body + passkey_part(locale, target) + provider_links(locale, target),
        script="/passkeys.js" if passkeys.are_possible() else "",
        status=pages.status_of(error, refused=403),
    )
