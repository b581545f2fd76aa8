"""Open sign-up in two plain pages: what is needed, then the code from the mail. Closed, it is not there."""

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casso.config import settings
from casso.errors import CassoError, NotFound
from casso.rules.passwords import PASSWORD_MAX, PASSWORD_MIN
from casso.rules.sign_in_address import TYPED_LIMIT
from casso.services import passwords, setup, sign_up
from casso.services.links import LIVES, LinkPurpose
from casso.web import pages
from casso.web.agreement import agreement_of, agreement_part
from casso.web.entry import enter
from casso.web.forms import text_fields
from casso.web.router import Who, caller_of, find_actor, route
from casso.web.setup_page import ZONES
from casso.web.threads import password_work
from casso.words import word


@route("/sign-up", who=Who.ANYONE)
async def show(request: Request) -> Response:
    """The form, while sign-up is open; a desk without an owner is set up first."""
    if not sign_up.is_open():
        return _closed(request)
    if not await asyncio.to_thread(setup.is_set_up):
        return RedirectResponse("/set-up", status_code=303)
    if await find_actor(request) is not None:
        return RedirectResponse("/", status_code=303)
    return _page(request, {})


@route("/sign-up", who=Who.ANYONE, methods=("POST",))
async def begin(request: Request) -> Response:
    """Mail the code; the answer is the same whether the address has an account or not."""
    sent = await text_fields(request)
    form = _form_of(request, sent)
    try:
        token = await password_work(sign_up.begin, form, agreement_of(sent), caller_of(request))
    except NotFound:
        return _closed(request)
    except CassoError as error:
        about = (form.email, form.first_name, form.last_name, form.organization)
        score = await password_work(passwords.score_of, form.password, about=about)
        return _page(request, sent, error, score)
    response = pages.go_to("/sign-up/code")
    pages.set_cookie(response, settings().sign_up_cookie, token, life=LIVES[LinkPurpose.SIGN_UP])
    return response


@route("/sign-up/code", who=Who.ANYONE)
async def ask(request: Request) -> Response:
    """Ask for the code; without a sign-up in this browser go back to the beginning."""
    return await _code_page(request)


@route("/sign-up/code", who=Who.ANYONE, methods=("POST",))
async def check(request: Request) -> Response:
    """Check the code, and go in as the owner of the organization that it makes."""
    code = (await text_fields(request)).get("code", "")[:40]
    token = request.cookies.get(settings().sign_up_cookie, "")
    try:
        proved = await asyncio.to_thread(sign_up.finish, token, code, caller_of(request))
    except CassoError as error:
        return await _code_page(request, error)
    response = await enter(request, proved, target="/")
    pages.drop_cookie(response, settings().sign_up_cookie)
    return response


def _form_of(request: Request, sent: dict[str, str]) -> setup.SetupForm:
    first_name, _, last_name = " ".join(sent.get("name", "")[:TYPED_LIMIT].split()).rpartition(" ")
    return setup.SetupForm(
        organization=sent.get("organization", "")[:TYPED_LIMIT],
        email=sent.get("email", "")[:TYPED_LIMIT],
        password=sent.get("password", ""),
        first_name=first_name or last_name,
        last_name=last_name if first_name else "",
        time_zone=sent["zone"] if sent.get("zone") in ZONES else ZONES[0],
        locale=pages.locale_of(request),
    )


def _page(
    request: Request, sent: dict[str, str], error: CassoError | None = None, score: int = 0
) -> Response:
    locale = pages.locale_of(request)

    def say(key: str, **gaps: str | int) -> str:
        return word(locale, f"web.{key}", **gaps)

    def value(name: str) -> str:
        return sent.get(name, "")[:TYPED_LIMIT]

    zone = value("zone") if value("zone") in ZONES else ZONES[0]
    body = pages.form(
        pages.problem(locale, error),
        pages.field("organization", say("organization"), value=value("organization"), fill="organization"),
        pages.field("name", say("name"), value=value("name"), fill="name"),
        pages.field("email", say("email"), kind="email", value=value("email"), fill="username"),
        pages.field(
            "password",
            say("password"),
            kind="password",
            fill="new-password",
            longest=PASSWORD_MAX,
            hint=say("password_hint", low=PASSWORD_MIN),
        ),
        pages.strength(locale, score) if error is not None else "",
        pages.choice("zone", say("zone"), ZONES, value=zone, hint=say("zone_hint")),
        agreement_part(locale, sent),
        action="/sign-up",
        button=say("sign_up_button"),
    ) + pages.link("/sign-in", say("sign_up_known"))
    return pages.page(
        locale,
        title=say("sign_up"),
        lead=say("sign_up_lead"),
        body=body,
        status=pages.status_of(error),
    )


async def _code_page(request: Request, error: CassoError | None = None) -> Response:
    token = request.cookies.get(settings().sign_up_cookie, "")
    try:
        email = await asyncio.to_thread(sign_up.find_waiting, token)
    except NotFound:
        return _closed(request)
    except CassoError as over:
        return _over(request, error or over) if token else pages.go_to("/sign-up")
    locale = pages.locale_of(request)
    body = pages.form(
        pages.problem(locale, error),
        pages.field(
            "code",
            word(locale, "web.factor_code"),
            fill="one-time-code",
            hint=word(locale, "web.sign_up_code_hint"),
            longest=20,
            is_first=True,
            look="code",
        ),
        action="/sign-up/code",
        button=word(locale, "web.sign_up_finish"),
    ) + pages.link("/sign-up", word(locale, "web.sign_up_again"))
    return pages.page(
        locale,
        title=word(locale, "web.reset_sent"),
        lead=word(locale, "web.sign_up_code_lead", email=email),
        body=body,
        status=pages.status_of(error),
    )


def _over(request: Request, error: CassoError) -> Response:
    locale = pages.locale_of(request)
    lead = word(locale, error.key, **error.values)
    again = pages.link("/sign-up", word(locale, "web.sign_up_again"))
    return pages.page(locale, title=word(locale, "web.sign_up"), lead=lead, body=again, status=410)


def _closed(request: Request) -> Response:
    locale = pages.locale_of(request)
    lead = word(locale, "web.sign_up_closed_lead")
    way = pages.link("/sign-in", word(locale, "web.to_sign_in"))
    return pages.page(locale, title=word(locale, "web.sign_up_closed"), lead=lead, body=way, status=404)
