"""Asking for a new password does the same work for every address before the answer has gone."""

from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlmodel import select

from casso import db
from casso.models import Notice
from tests.desks import Desk
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}


class Counting:
    """An app in between: which statements had run when the answer's last byte went, and which in all."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.statements: list[str] = []
        self.before_answer: list[str] = []

    def note(self, _conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements.append(statement)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def passing(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self.before_answer = list(self.statements)
            await send(message)

        await self.app(scope, receive, passing)


async def work_for(client: Client, email: str) -> Counting:
    """What is done for an address, before the answer and in all."""
    async with client(headers=OWN) as browser:
        counting = Counting(browser._transport.app)  # type: ignore[attr-defined]
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=counting), base_url="http://desk.example:3000", headers=OWN
    ) as browser:
        event.listen(db.engine(), "before_cursor_execute", counting.note)
        try:
            assert (await browser.post("/reset", data={"email": email})).status_code == 200
        finally:
            event.remove(db.engine(), "before_cursor_execute", counting.note)
    return counting


@pytest.mark.parametrize("email", ["nobody@example.test", "not an address"])
async def test_a_known_address_takes_as_many_statements_as_an_unknown_one(
    client: Client, sqlite_desk: Desk, email: str
) -> None:
    known = await work_for(client, sqlite_desk.owner.email)
    unknown = await work_for(client, email)
    assert known.before_answer == unknown.before_answer != []
    assert len(known.statements) > len(unknown.statements)
    with db.reading() as session:
        assert session.exec(select(Notice.recipient)).all() == [sqlite_desk.owner.email]
