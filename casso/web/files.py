"""Attachments for the people of their organization: a download, unless the bytes are a raster image."""

import asyncio
from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from casso.errors import CassoError, GatewayError
from casso.rules.filenames import allowed_type
from casso.services.attachments import OpenFile, open_file
from casso.web.router import Who, actor_of, route

# Should a browser show the file as a page after all, it is an empty sandbox that may load nothing.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@route("/files/{public_id}", who=Who.SESSION)
async def download(request: Request) -> Response:
    """One file. 404 whether it does not exist or is another organization's."""
    try:
        found = await asyncio.to_thread(open_file, actor_of(request), request.path_params["public_id"])
        first = await asyncio.to_thread(next, found.pieces, b"")
    except CassoError:
        return PlainTextResponse("not found\n", status_code=404)
    except GatewayError:
        return PlainTextResponse("the file store does not answer\n", status_code=503)
    kind, is_shown = _looked_at(found, first)
    return StreamingResponse(
        _pieces(first, found.pieces),
        media_type=kind,
        headers={
            "Content-Disposition": _disposition(found.name, is_shown=is_shown),
            "Content-Length": str(found.size),
            "Content-Security-Policy": POLICY,
            "Cache-Control": "private, no-store",
        },
    )


def _looked_at(found: OpenFile, first: bytes) -> tuple[str, bool]:
    """Type and whether it may be shown, decided again from the bytes that really leave."""
    kind, is_image = allowed_type(found.content_type, first[:32])
    return kind, is_image and found.may_show


def _pieces(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    return chain((first,), rest)


def _disposition(name: str, *, is_shown: bool) -> str:
    """RFC 6266, with the name in both forms; quotes and backslashes never reach the plain one."""
    kind = "inline" if is_shown else "attachment"
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else "_"
        for letter in name
    )
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
