"""Pictures of people: shown to those who work with them, put up and taken down by oneself.

What leaves was made by us from pixels alone; it is served like any stranger's file all the same.
"""

import asyncio

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from casso.errors import CassoError, GatewayError, Invalid, TooManyTries
from casso.gateways.pictures import CONTENT_TYPE
from casso.services import pictures
from casso.services.pictures import LARGEST_PICTURE
from casso.web import pages
from casso.web.files import POLICY
from casso.web.forms import BROKEN_FORM
from casso.web.router import Who, actor_of, caller_of, route
from casso.web.threads import picture_work

PAGE = "/settings/profile"
ROOM_FOR_FORM = 10_000


@route("/pictures/{account_id:int}/{version}", who=Who.SESSION)
async def show(request: Request) -> Response:
    """One picture. 404 whether there is none or its person works elsewhere only."""
    asked = request.path_params
    try:
        found = await asyncio.to_thread(
            pictures.get_picture, actor_of(request), asked["account_id"], asked["version"]
        )
    except CassoError:
        return PlainTextResponse("not found\n", status_code=404)
    except GatewayError:
        return PlainTextResponse("the file store does not answer\n", status_code=503)
    headers = {
        "Content-Security-Policy": POLICY,
        "Content-Disposition": "inline",
        "Cache-Control": "private, max-age=3600",
    }
    return Response(found, media_type=CONTENT_TYPE, headers=headers)


@route("/account/picture", who=Who.SESSION, methods=("POST",), max_body=LARGEST_PICTURE + ROOM_FOR_FORM)
async def put_up(request: Request) -> Response:
    """Multipart with one part named `picture`; back to the profile, with a known word when it was refused."""
    try:
        data = await _sent(request)
        await picture_work(pictures.set_picture, actor_of(request), data, caller_of(request))
    except TooManyTries as error:
        return pages.go_to(f"{PAGE}?problem={error.key}&minutes={error.values['minutes']}")
    except CassoError as error:
        return pages.go_to(f"{PAGE}?problem={error.key}")
    except GatewayError:
        return pages.go_to(f"{PAGE}?problem=error.outside")
    return pages.go_to(f"{PAGE}?done=picture")


async def _sent(request: Request) -> bytes:
    try:
        async with request.form(max_files=1, max_fields=2) as sent:
            given = sent.get("picture")
            if not isinstance(given, UploadFile):
                raise Invalid("error.file_empty")
            return await given.read()
    except BROKEN_FORM as error:
        raise Invalid("error.picture") from error
