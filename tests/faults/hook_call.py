"""Runs in a process of its own: the web process that answers Mailgun, and Mailgun."""

import asyncio
import json

import httpx
from starlette.applications import Starlette

from casso.web.router import starlette_routes

ROUTES = starlette_routes()


def post_hook(fields: str) -> None:
    """Post the form (as JSON) to the webhook; anything but 200 is an error."""
    status = asyncio.run(_post(json.loads(fields)))
    assert status == 200, status


async def _post(fields: dict[str, str]) -> int:
    transport = httpx.ASGITransport(app=Starlette(routes=ROUTES))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example") as mailgun:
        return (await mailgun.post("/hooks/mailgun", data=fields)).status_code
