"""A new password by mail: ask for the link, open it, choose. Opening changes nothing, mail scanners do it.

Whatever address is typed, the answer is the same, and nothing that depends on the address
is done before the answer has gone.
"""

import asyncio

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from casso.config import settings
from casso.errors import CassoError
from casso.rules.passwords import PASSWORD_MAX, PASSWORD_MIN
from casso.rules.sign_in_address import TYPED_LIMIT
from casso.services import password_changes, passwords, sessions
from casso.web import pages
from casso.web.forms import text_fields
from casso.web.router import Who, caller_of, find_actor, route
from casso.web.threads import password_work
from casso.words import word


@route("/reset", who=Who.ANYONE)
async def show(request: Request) -> Response:
    """The form; whoever is signed in finds their own address in it."""
    actor = await find_actor(request)
    return _ask(request, email=actor.email if actor else "")


@route("/reset", who=Who.ANYONE, methods=("POST",))
async def ask(request: Request) -> Response:
    """Say the same for every address; then send the link, if the address is known."""
    sent = await text_fields(request)
    email = sent.get("email", "")[:TYPED_LIMIT]
    try:
        await asyncio.to_thread(password_changes.count_reset, email, caller_of(request))
    except CassoError as error:
        return _ask(request, email=email, error=error)
    locale = pages.locale_of(request)
    lead = word(locale, "web.reset_sent_lead", email=email)
    back = pages.link("/sign-in", word(locale, "web.to_sign_in"))
    answer = pages.page(locale, title=word(locale, "web.reset_sent"), lead=lead, body=back)
    answer.background = BackgroundTask(password_changes.mail_reset, email, caller_of(request))
    return answer


@route("/reset/{token}", who=Who.ANYONE)
async def open_link(request: Request) -> Response:
    """The form for the new password, while the link is good."""
    try:
        email = await asyncio.to_thread(password_changes.find_reset, request.path_params["token"])
    except CassoError as error:
        return _over(request, error)
    return _choose(request, email)


@route("/reset/{token}", who=Who.ANYONE, methods=("POST",))
async def choose(request: Request) -> Response:
    """Set the password; the person signs in with it, in this browser too."""
    token, chosen = request.path_params["token"], (await text_fields(request)).get("password", "")
    try:
        email = await asyncio.to_thread(password_changes.find_reset, token)
    except CassoError as error:
        return _over(request, error)
    try:
        await password_work(password_changes.reset_password, token, chosen, caller_of(request))
    except CassoError as error:
        score = await password_work(passwords.score_of, chosen, about=(email,))
        return _choose(request, email, error, score)
    cookie = request.cookies.get(settings().session_cookie, "")
    if cookie:
        await asyncio.to_thread(sessions.sign_out, cookie, caller_of(request))
    return pages.without_session("/sign-in?done=password")


def _ask(request: Request, *, email: str, error: CassoError | None = None) -> Response:
    locale = pages.locale_of(request)
    form = pages.form(
        pages.problem(locale, error),
        pages.field(
            "email", word(locale, "web.email"), kind="email", value=email, fill="username", is_first=not email
        ),
        action="/reset",
        button=word(locale, "web.reset_button"),
    )
    back = pages.link("/sign-in", word(locale, "web.to_sign_in"))
    title, lead = word(locale, "web.reset"), word(locale, "web.reset_lead")
    return pages.page(locale, title=title, lead=lead, body=form + back, status=pages.status_of(error))


def _choose(request: Request, email: str, error: CassoError | None = None, score: int = 0) -> Response:
    locale = pages.locale_of(request)
    body = pages.form(
        pages.problem(locale, error),
        pages.name_for_password_managers(email),
        pages.field(
            "password",
            word(locale, "web.new_password"),
            kind="password",
            fill="new-password",
            longest=PASSWORD_MAX,
            hint=word(locale, "web.password_hint", low=PASSWORD_MIN),
            is_first=True,
        ),
        pages.strength(locale, score) if error is not None else "",
        action=request.url.path,
        button=word(locale, "web.new_password_button"),
    )
    title, lead = word(locale, "web.reset"), word(locale, "web.new_password_lead", email=email)
    return pages.page(locale, title=title, lead=lead, body=body, status=pages.status_of(error))


def _over(request: Request, error: CassoError) -> Response:
    locale = pages.locale_of(request)
    lead = word(locale, error.key, **error.values)
    again = pages.link("/reset", word(locale, "web.ask_again"))
    return pages.page(locale, title=word(locale, "web.link_over"), lead=lead, body=again, status=410)
