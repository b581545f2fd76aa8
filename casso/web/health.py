"""Two questions of whoever watches the desk: is the process alive, and does the desk as a whole work."""

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from casso.queries.health import get_health
from casso.web.router import Who, route

logger = logging.getLogger(__name__)


@route("/healthz", who=Who.ANYONE)
async def healthz(request: Request) -> Response:
    """200 as long as the event loop turns."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


@route("/readyz", who=Who.ANYONE)
async def readyz(request: Request) -> Response:
    """200 when database, worker and mail jobs are well, else 503 with the names of what is not."""
    try:
        found = await asyncio.to_thread(get_health)
    except SQLAlchemyError:
        logger.warning("database does not answer", extra={"event": "health.database"})
        return JSONResponse({"ready": False, "late": ["database"]}, status_code=503)
    return JSONResponse(
        {"ready": found.is_ready, "late": list(found.late), "failing_mailboxes": found.failing_mailboxes},
        status_code=200 if found.is_ready else 503,
    )
