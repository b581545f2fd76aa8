"""Switching organizations over HTTP: a new token, the old one dead, and only where one belongs."""

import pytest

from casso.db import transaction
from casso.enums import Role
from casso.models import Organization
from casso.services.sessions import find_session
from tests.desks import Desk
from tests.services.members import member, session_of
from tests.trails import trail_of
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}


@pytest.fixture
def token(sqlite_desk: Desk) -> str:
    """Of Eve in the first organization, who is an admin in the other."""
    member(sqlite_desk.other, "eve@example.test", Role.ADMIN)
    eve = member(sqlite_desk.mine, "eve@example.test", Role.VIEWER)
    return session_of(sqlite_desk.mine, eve.account_id or 0)


async def test_the_session_goes_on_there_under_a_new_token(
    client: Client, sqlite_desk: Desk, token: str
) -> None:
    headers = OWN | {"Cookie": f"casso={token}"}
    async with client(headers=headers) as browser:
        there = {"organization": str(sqlite_desk.other.organization_id)}
        answer = await browser.post("/switch", data=there)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    fresh = answer.cookies["casso"]
    actor = find_session(fresh)
    assert fresh != token
    assert find_session(token) is None
    assert actor is not None
    assert (actor.organization_id, actor.role) == (sqlite_desk.other.organization_id, Role.ADMIN)
    assert trail_of(sqlite_desk.mine.organization_id, "session.ended")[-1].account_id == actor.account_id
    assert trail_of(sqlite_desk.other.organization_id, "session.started")[-1].account_id == actor.account_id


@pytest.mark.parametrize("wanted", ["", "0", "-1", "9999", "99999999999999", "x", "1 OR 1=1", "٢"])
async def test_where_one_does_not_belong_is_nowhere(client: Client, token: str, wanted: str) -> None:
    async with client(headers=OWN | {"Cookie": f"casso={token}"}) as browser:
        answer = await browser.post("/switch", data={"organization": wanted})
    assert (answer.status_code, answer.text) == (404, "not found\n")
    assert find_session(token) is not None


async def test_another_organization_and_none_are_not_told_apart(client: Client, sqlite_desk: Desk) -> None:
    token = session_of(sqlite_desk.mine, sqlite_desk.owner.account_id or 0)
    async with client(headers=OWN | {"Cookie": f"casso={token}"}) as browser:
        answers = [
            await browser.post("/switch", data={"organization": str(number)})
            for number in (sqlite_desk.other.organization_id, 4711)
        ]
    assert {(one.status_code, one.text) for one in answers} == {(404, "not found\n")}


async def test_a_foreign_page_or_a_signed_out_browser_switches_nothing(
    client: Client, sqlite_desk: Desk, token: str
) -> None:
    there = {"organization": str(sqlite_desk.other.organization_id)}
    async with client(headers={"Origin": "https://evil.example", "Cookie": f"casso={token}"}) as browser:
        assert (await browser.post("/switch", data=there)).status_code == 403
    async with client(headers=OWN) as browser:
        assert (await browser.post("/switch", data=there)).status_code == 401
        assert (await browser.get("/switch", headers={"Cookie": f"casso={token}"})).status_code in (404, 405)
    assert find_session(token) is not None


async def test_whoever_lacks_a_second_factor_reads_why_and_how_and_stays_signed_in(
    client: Client, sqlite_desk: Desk, token: str
) -> None:
    with transaction() as session:
        there = session.get_one(Organization, sqlite_desk.other.organization_id)
        there.requires_second_factor, there.name = True, "<b>Strict & Co</b>"
    async with client(headers=OWN | {"Cookie": f"casso={token}"}) as browser:
        answer = await browser.post("/switch", data={"organization": str(there.id)})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert "&lt;b&gt;Strict &amp; Co&lt;/b&gt; asks everybody for a second factor" in answer.text
        assert "<b>" not in answer.text
        for way in ('href="/settings/security"', 'action="/sign-out"', 'href="/"'):
            assert way in answer.text
        found = find_session(token)
        assert found is not None
        assert found.organization_id == sqlite_desk.mine.organization_id
        left = await browser.post("/sign-out", data={})
        assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
