"""Changing one's password from the settings: a plain form, because the session gets a new cookie.

It ends in a full page load; what went wrong travels as one of a few known words.
"""

from starlette.requests import Request
from starlette.responses import Response

from casso.errors import CassoError, TooManyTries
from casso.services import password_changes
from casso.web import pages
from casso.web.forms import text_fields
from casso.web.router import Who, actor_of, caller_of, route
from casso.web.threads import password_work

PAGE = "/settings/security"


@route("/account/password", who=Who.SESSION, methods=("POST",))
async def change(request: Request) -> Response:
    """Change it and go back to the settings with a new cookie."""
    sent = await text_fields(request)
    try:
        token = await password_work(
            password_changes.change_password,
            actor_of(request),
            sent.get("current", ""),
            sent.get("password", ""),
            caller_of(request),
        )
    except TooManyTries as error:
        return pages.go_to(f"{PAGE}?problem={error.key}&minutes={error.values['minutes']}")
    except CassoError as error:
        return pages.go_to(f"{PAGE}?problem={error.key}")
    return pages.with_session(f"{PAGE}?done=password", token)
