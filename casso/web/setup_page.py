"""The first visit: organization, owner and mailbox, with the code that the start printed. Gone once done."""

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casso.enums import Strength
from casso.errors import CassoError
from casso.rules.passwords import PASSWORD_MAX, PASSWORD_MIN
from casso.services import setup
from casso.values.proved import Proved
from casso.web import pages
from casso.web.entry import enter
from casso.web.forms import text_fields
from casso.web.router import Who, route
from casso.web.threads import password_work
from casso.words import word

_SHOWN_AGAIN = ("organization", "name", "email", "mailbox", "zone", "code")
# One a region of each offset; the settings know all of them.
ZONES = (
    "UTC",
    *("Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi"),
    *("America/Argentina/Buenos_Aires", "America/Bogota", "America/Chicago", "America/Denver"),
    *("America/Halifax", "America/Los_Angeles", "America/Mexico_City", "America/New_York"),
    *("America/Phoenix", "America/Sao_Paulo", "America/Toronto", "America/Vancouver"),
    *("Asia/Bangkok", "Asia/Dhaka", "Asia/Dubai", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Jerusalem"),
    *("Asia/Karachi", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Manila", "Asia/Riyadh", "Asia/Seoul"),
    *("Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Asia/Tehran", "Asia/Tokyo"),
    *("Australia/Adelaide", "Australia/Brisbane", "Australia/Melbourne", "Australia/Perth"),
    *("Australia/Sydney", "Europe/Amsterdam", "Europe/Athens", "Europe/Berlin", "Europe/Brussels"),
    *("Europe/Dublin", "Europe/Helsinki", "Europe/Istanbul", "Europe/Kyiv", "Europe/Lisbon"),
    *("Europe/London", "Europe/Madrid", "Europe/Moscow", "Europe/Oslo", "Europe/Paris"),
    *("Europe/Prague", "Europe/Rome", "Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw"),
    *("Europe/Zurich", "Pacific/Auckland", "Pacific/Honolulu"),
)


@route("/set-up", who=Who.ANYONE)
async def show(request: Request) -> Response:
    """The form, while there is no owner."""
    if await asyncio.to_thread(setup.is_set_up):
        return RedirectResponse("/sign-in", status_code=303)
    return _page(request, {"code": request.query_params.get("code", "")[:40]})


@route("/set-up", who=Who.ANYONE, methods=("POST",))
async def set_up(request: Request) -> Response:
    """Create everything and sign the owner in; of two people at once, one wins and one is told."""
    sent = await text_fields(request)
    values = {name: value[:320] for name, value in sent.items() if name in _SHOWN_AGAIN}
    if await asyncio.to_thread(setup.is_set_up):
        return RedirectResponse("/sign-in", status_code=303)
    first_name, _, last_name = " ".join(values.get("name", "").split()).rpartition(" ")
    form = setup.SetupForm(
        organization=values.get("organization", ""),
        email=values.get("email", ""),
        password=sent.get("password", ""),
        first_name=first_name or last_name,
        last_name=last_name if first_name else "",
        mailbox=values.get("mailbox", ""),
        time_zone=values["zone"] if values.get("zone") in ZONES else ZONES[0],
        locale=pages.locale_of(request),
    )
    try:
        actor = await password_work(setup.set_up_with_code, form, values.get("code", ""))
        proved = Proved(actor.account_id or 0, Strength.PASSWORD)
        return await enter(request, proved, target="/")
    except CassoError as error:
        return _page(request, values, error)


def _page(request: Request, values: dict[str, str], error: CassoError | None = None) -> Response:
    locale = pages.locale_of(request)

    def say(key: str, **gaps: str | int) -> str:
        return word(locale, f"web.{key}", **gaps)

    def value(name: str) -> str:
        return values.get(name, "")

    body = pages.form(
        pages.problem(locale, error),
        pages.field("code", say("code"), value=value("code"), hint=say("code_hint"), look="code", longest=40),
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
        pages.field(
            "mailbox",
            say("mailbox"),
            kind="email",
            value=value("mailbox"),
            hint=say("mailbox_hint"),
            is_required=False,
        ),
        pages.choice("zone", say("zone"), ZONES, value=value("zone") or ZONES[0], hint=say("zone_hint")),
        action="/set-up",
        button=say("set_up_button"),
    )
    status = 200 if error is None else 422
    return pages.page(locale, title=say("set_up"), lead=say("set_up_lead"), body=body, status=status)
