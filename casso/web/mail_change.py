"""The links of a change of address: one to the old, one to the new. Opening changes nothing, a button does.

No session is needed: whoever reads the mail decides, and may also say no.
"""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from casso.errors import CassoError
from casso.services import mail_changes
from casso.services.mail_changes import Asked, Side
from casso.web import pages
from casso.web.router import Who, caller_of, route
from casso.words import word

HOME = "/settings/profile"


@route("/mail-change/{token}", who=Who.ANYONE)
async def open_link(request: Request) -> Response:
    """What is asked, while the link is good."""
    token = request.path_params["token"]
    try:
        found = await asyncio.to_thread(mail_changes.find_mail_change, token)
    except CassoError as error:
        return _over(request, error)
    return _ask(request, found)


@route("/mail-change/{token}", who=Who.ANYONE, methods=("POST",))
async def confirm(request: Request) -> Response:
    """Confirm this side; the second one changes the address."""
    token = request.path_params["token"]
    try:
        done = await asyncio.to_thread(mail_changes.confirm_mail_change, token, caller_of(request))
    except CassoError as error:
        return _over(request, error)
    said = "done" if done.is_done else "half"
    return _said(request, said, email=done.new_email)


@route("/mail-change/{token}/refuse", who=Who.ANYONE, methods=("POST",))
async def refuse(request: Request) -> Response:
    """The address stays as it is."""
    token = request.path_params["token"]
    try:
        await asyncio.to_thread(mail_changes.refuse_mail_change, token, caller_of(request))
    except CassoError as error:
        return _over(request, error)
    return _said(request, "refused", email="")


def _ask(request: Request, found: Asked) -> Response:
    locale, path = pages.locale_of(request), request.url.path
    key = "web.mail_change_old" if found.side is Side.OLD else "web.mail_change_new"
    # The new address may be a stranger's: it is told nothing about the account.
    email = found.email if found.side is Side.OLD else ""
    lead = word(locale, key, email=email, new_email=found.new_email)
    yes = pages.form(action=path, button=word(locale, "web.mail_change_confirm"))
    no = pages.form(action=f"{path}/refuse", button=word(locale, "web.mail_change_refuse"), look="")
    return pages.page(locale, title=word(locale, "web.mail_change"), lead=lead, body=yes + no)


def _said(request: Request, said: str, *, email: str) -> Response:
    locale = pages.locale_of(request)
    title, lead = (
        word(locale, f"web.mail_change_{said}"),
        word(locale, f"web.mail_change_{said}_lead", email=email),
    )
    target, text = ("/reset", "web.reset") if said == "refused" else (HOME, "web.mail_change_home")
    return pages.page(locale, title=title, lead=lead, body=pages.link(target, word(locale, text)))


def _over(request: Request, error: CassoError) -> Response:
    locale = pages.locale_of(request)
    lead = word(locale, error.key, **error.values)
    home = pages.link(HOME, word(locale, "web.mail_change_home"))
    return pages.page(locale, title=word(locale, "web.link_over"), lead=lead, body=home, status=410)
