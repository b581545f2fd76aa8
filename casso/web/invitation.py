"""Joining by the link of an invitation. Opening it changes nothing: mail scanners open every link.

Somebody new chooses a name and a password; whoever has an account signs in first and then
joins. A link that is over, taken back or void looks like one that never was.
"""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from casso.access import Actor
from casso.errors import CassoError, Conflict, TooWeak
from casso.rules.passwords import PASSWORD_MAX, PASSWORD_MIN
from casso.services import joining, passwords, sessions
from casso.services.joining import InvitationFound
from casso.web import pages
from casso.web.agreement import agreement_of, agreement_part
from casso.web.entry import enter
from casso.web.forms import text_fields
from casso.web.router import Who, caller_of, find_actor, route
from casso.web.switch import needs_factor
from casso.web.threads import password_work
from casso.words import word


@route("/invitation/{token}", who=Who.ANYONE)
async def show(request: Request) -> Response:
    """Who invites whom to what, and the way in."""
    try:
        found = await asyncio.to_thread(joining.find_invitation, request.path_params["token"])
    except CassoError:
        return _over(request)
    return _page(request, found, await find_actor(request))


@route("/invitation/{token}", who=Who.ANYONE, methods=("POST",))
async def accept(request: Request) -> Response:
    """Join, once."""
    token = request.path_params["token"]
    try:
        found = await asyncio.to_thread(joining.find_invitation, token)
    except CassoError:
        return _over(request)
    actor = await find_actor(request)
    if not found.has_account:
        return await _join_as_new(request, found, token)
    if actor is not None and actor.email == found.email:
        return await _join_signed_in(request, actor, token)
    if found.may_sign_in:
        return pages.go_to(f"/sign-in?next={request.url.path}")
    return await _join_before_sign_in(request, token)


async def _join_as_new(request: Request, found: InvitationFound, token: str) -> Response:
    sent = await text_fields(request)
    name, password = sent.get("name", ""), sent.get("password", "")
    try:
        proved = await password_work(
            joining.join_as_new,
            token,
            name=name,
            password=password,
            agreement=agreement_of(sent),
            caller=caller_of(request),
        )
    except Conflict:
        return pages.go_to(f"/sign-in?next={request.url.path}")
    except CassoError as error:
        score = await password_work(passwords.score_of, password, about=(found.email, found.organization))
        return _new(request, found, sent=sent, error=error, score=score)
    return await enter(request, proved, target="/")


async def _join_signed_in(request: Request, actor: Actor, token: str) -> Response:
    """The session goes on in the organization just joined, under a new token."""
    try:
        organization_id = await asyncio.to_thread(joining.join_signed_in, actor, token)
        fresh = await asyncio.to_thread(
            sessions.switch_organization, actor, organization_id, caller_of(request)
        )
    except TooWeak as error:  # they have joined; only this session is not enough to go there
        return needs_factor(actor.locale, str(error.values["organization"]))
    except CassoError:
        return _over(request)
    return pages.with_session("/", fresh)


async def _join_before_sign_in(request: Request, token: str) -> Response:
    try:
        await asyncio.to_thread(joining.join_before_sign_in, token)
    except CassoError:
        return _over(request)
    return pages.go_to("/sign-in")


def _page(request: Request, found: InvitationFound, actor: Actor | None) -> Response:
    if not found.has_account:
        return _new(request, found)
    locale = pages.locale_of(request)
    if actor is not None and actor.email != found.email:
        lead = word(locale, "web.invitation_other", email=found.email, other=actor.email)
        out = pages.form(action="/sign-out", button=word(locale, "nav.sign_out"))
        return pages.page(locale, title=_title(locale, found), lead=lead, body=out)
    if actor is None and found.may_sign_in:
        lead = word(locale, "web.invitation_sign_in", inviter=found.inviter, email=found.email)
        way = pages.link(f"/sign-in?next={request.url.path}", word(locale, "web.sign_in"))
        return pages.page(locale, title=_title(locale, found), lead=lead, body=way)
    button = word(locale, "web.invitation_join")
    body = pages.form(action=request.url.path, button=button)
    return pages.page(locale, title=_title(locale, found), lead=_lead(locale, found), body=body)


def _new(
    request: Request,
    found: InvitationFound,
    *,
    sent: dict[str, str] | None = None,
    error: CassoError | None = None,
    score: int = 0,
) -> Response:
    locale = pages.locale_of(request)
    body = pages.form(
        pages.problem(locale, error),
        pages.name_for_password_managers(found.email),
        pages.field(
            "name",
            word(locale, "web.name"),
            value=(sent or {}).get("name", "")[:200],
            fill="name",
            is_first=True,
        ),
        pages.field(
            "password",
            word(locale, "web.password"),
            kind="password",
            fill="new-password",
            longest=PASSWORD_MAX,
            hint=word(locale, "web.password_hint", low=PASSWORD_MIN),
        ),
        pages.strength(locale, score) if error is not None else "",
        agreement_part(locale, sent),
        action=request.url.path,
        button=word(locale, "web.invitation_join"),
    )
    return pages.page(
        locale,
        title=_title(locale, found),
        lead=_lead(locale, found),
        body=body,
        status=pages.status_of(error),
    )


def _title(locale: str, found: InvitationFound) -> str:
    return word(locale, "web.invitation", organization=found.organization)


def _lead(locale: str, found: InvitationFound) -> str:
    return word(locale, "web.invitation_lead", inviter=found.inviter, email=found.email)


def _over(request: Request) -> Response:
    locale = pages.locale_of(request)
    lead = word(locale, "web.invitation_over")
    return pages.page(locale, title=word(locale, "web.link_over"), lead=lead, body="", status=410)
