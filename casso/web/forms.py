"""Small forms as plain text fields; a broken one has none, so that it fails like an empty one."""

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

BROKEN_FORM = (HTTPException, MultiPartException)
"""What Starlette raises for a form it cannot read, inside and outside of its own application."""


async def text_fields(request: Request) -> dict[str, str]:
    """The fields of a form of either encoding, files left out."""
    try:
        async with request.form(max_files=0, max_fields=20) as sent:
            return {name: value for name, value in sent.items() if isinstance(value, str)}
    except BROKEN_FORM:
        return {}
