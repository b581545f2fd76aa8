"""The second step of signing in: a code of the app, a spare code, or setting an app up first.

Plain pages without script. The half-done sign-in travels in a cookie of its own that opens
nothing else; a GET writes nothing that counts.
"""

import asyncio
from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casso.config import settings
from casso.errors import CassoError
from casso.services import login, second_step
from casso.services.authenticators import Enrolment
from casso.services.second_step import NextStep
from casso.web import pages
from casso.web.entry import open_for
from casso.web.forms import text_fields
from casso.web.router import Who, caller_of, route
from casso.web.signin import own_path, passkey_part
from casso.words import word


@route("/sign-in/code", who=Who.ANYONE)
async def ask(request: Request) -> Response:
    """Ask for the code, or show what to set up; without a half-done sign-in go back to the beginning."""
    target = own_path(request.query_params.get("next", ""))
    step = await asyncio.to_thread(_step_of, _half(request))
    if step is NextStep.NONE:
        return RedirectResponse("/sign-in", status_code=303)
    if step is NextStep.ENROL:
        return await _enrol_page(request, target)
    if step is NextStep.PASSKEY:
        return _passkey_page(request, target)
    return _code_page(request, target)


@route("/sign-in/code", who=Who.ANYONE, methods=("POST",))
async def check(request: Request) -> Response:
    """Check the code, and go in."""
    sent = await text_fields(request)
    code, target = sent.get("code", "")[:60], own_path(sent.get("next", ""))
    step = await asyncio.to_thread(_step_of, _half(request))
    if step is NextStep.NONE:
        return RedirectResponse("/sign-in", status_code=303)
    if step is NextStep.PASSKEY:
        return _passkey_page(request, target, status=403)
    try:
        if step is NextStep.ENROL:
            return await _enrolled(request, code, target)
        proved = await asyncio.to_thread(second_step.finish, _half(request), code, caller_of(request))
        return await open_for(request, proved, target=target)
    except CassoError as error:
        if step is NextStep.ENROL:
            return await _enrol_page(request, target, error)
        return _code_page(request, target, error)


async def _enrolled(request: Request, code: str, target: str) -> Response:
    """The app counts: show the spare codes once, with the way on; the session is open already."""
    proved, codes = await asyncio.to_thread(
        second_step.finish_in_half, _half(request), code, caller_of(request)
    )
    opened = await open_for(request, proved, target=target)
    locale = pages.locale_of(request)
    shown = "".join(f"<li><code>{escape(one)}</code></li>" for one in codes)
    go_on = pages.way(target, word(locale, "web.factor_go_on"))
    response = pages.page(
        locale,
        title=word(locale, "web.factor_spare"),
        lead=word(locale, "web.factor_spare_lead"),
        body=f'<ul class="codes">{shown}</ul>{go_on}',
    )
    for cookie in opened.headers.getlist("set-cookie"):
        response.headers.append("set-cookie", cookie)
    return response


def _step_of(half: str) -> NextStep:
    """What the half-done sign-in still needs; NONE when there is none."""
    proved = login.find_half(half) if half else None
    return second_step.next_step(proved) if proved else NextStep.NONE


def _half(request: Request) -> str:
    return request.cookies.get(settings().step_cookie, "")


def _code_page(request: Request, target: str, error: CassoError | None = None) -> Response:
    locale = pages.locale_of(request)
    body = pages.form(
        pages.problem(locale, error),
        _code_field(locale, word(locale, "web.factor_code_hint")),
        pages.hidden("next", target),
        action="/sign-in/code",
        button=word(locale, "web.sign_in"),
    )
    return pages.page(
        locale,
        title=word(locale, "web.factor"),
        lead=word(locale, "web.factor_lead"),
        body=body + _back(locale),
        status=pages.status_of(error, refused=403),
    )


def _passkey_page(request: Request, target: str, *, status: int = 200) -> Response:
    """Their passkey is the second factor: sign in with it, or ask for a reset when it is lost."""
    locale = pages.locale_of(request)
    lost = f'<p class="hint">{escape(word(locale, "web.factor_passkey_lost"))}</p>'
    return pages.page(
        locale,
        title=word(locale, "web.factor"),
        lead=word(locale, "web.factor_passkey_lead"),
        body=passkey_part(locale, target) + lost + _back(locale),
        script="/passkeys.js",
        status=status,
    )


async def _enrol_page(request: Request, target: str, error: CassoError | None = None) -> Response:
    locale = pages.locale_of(request)
    enrolment = await asyncio.to_thread(second_step.begin_in_half, _half(request))
    body = pages.form(
        pages.problem(locale, error),
        _app_part(locale, enrolment),
        _code_field(locale, word(locale, "web.factor_app_hint")),
        pages.hidden("next", target),
        action="/sign-in/code",
        button=word(locale, "web.factor_confirm"),
    )
    return pages.page(
        locale,
        title=word(locale, "web.factor_enrol"),
        lead=word(locale, "web.factor_enrol_lead"),
        body=body + _back(locale),
        status=pages.status_of(error, refused=403),
    )


def _app_part(locale: str, enrolment: Enrolment) -> str:
    """The QR code, and the same to type."""
    grouped = " ".join(enrolment.secret[start : start + 4] for start in range(0, len(enrolment.secret), 4))
    return (
        f'<img class="qr" src="{escape(enrolment.qr)}" alt="{escape(word(locale, "web.factor_qr"))}">'
        f'<p class="hint">{escape(word(locale, "web.factor_typed"))} <code>{escape(grouped)}</code></p>'
    )


def _code_field(locale: str, hint: str) -> str:
    return pages.field(
        "code",
        word(locale, "web.factor_code"),
        fill="one-time-code",
        hint=hint,
        longest=30,
        is_first=True,
    )


def _back(locale: str) -> str:
    return f'<p><a class="link" href="/sign-in">{escape(word(locale, "web.back_to_sign_in"))}</a></p>'
