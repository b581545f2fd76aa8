"""Files from the composer, one a request: kept until the message is sent, counted while they arrive.

A draft keeps their ids in its browser tab; which of them still wait, only their uploader is told.
"""

import asyncio

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from casso.errors import CassoError, GatewayError, Invalid
from casso.queries.rows import FileRow
from casso.queries.uploads import list_waiting_uploads
from casso.services.attachments import LARGEST_FILE, store_upload
from casso.web.forms import BROKEN_FORM
from casso.web.router import Who, actor_of, route
from casso.words import word

ROOM_FOR_FORM = 100_000
LONGEST_QUESTION = 4_000


@route("/uploads", who=Who.SESSION, methods=("POST",), max_body=LARGEST_FILE + ROOM_FOR_FORM)
async def upload(request: Request) -> Response:
    """Multipart with one part named `file`; answers its public id, or says what is wrong with it."""
    actor = actor_of(request)
    try:
        async with request.form(max_files=1, max_fields=5) as sent:
            given = sent.get("file")
            if not isinstance(given, UploadFile):
                raise Invalid("error.file_empty")
            data = await given.read()
            name, kind = given.filename or "", given.content_type or ""
        row = await asyncio.to_thread(store_upload, actor, name, kind, data)
    except CassoError as error:
        return JSONResponse({"error": word(actor.locale, error.key, **error.values)}, status_code=422)
    except BROKEN_FORM:
        return JSONResponse({"error": word(actor.locale, "error.invalid")}, status_code=400)
    except GatewayError:
        return JSONResponse({"error": word(actor.locale, "error.outside")}, status_code=503)
    return JSONResponse(_shown(row), status_code=201)


@route("/uploads", who=Who.SESSION)
async def list_waiting(request: Request) -> Response:
    """`?ids=a,b`: those of them that the asker uploaded and did not send, as `{"files": […]}`."""
    asked = tuple(request.query_params.get("ids", "")[:LONGEST_QUESTION].split(","))
    try:
        rows = await asyncio.to_thread(list_waiting_uploads, actor_of(request), asked)
    except CassoError as error:
        return JSONResponse({"error": word(actor_of(request).locale, error.key)}, status_code=403)
    return JSONResponse({"files": [_shown(row) for row in rows]})


def _shown(row: FileRow) -> dict[str, str | int | bool]:
    return {"id": row.id, "name": row.name, "size": row.size, "is_image": row.is_image}
