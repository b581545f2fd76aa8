"""The link of an invitation over HTTP: who sees which way in, one use, and nothing by GET."""

import asyncio

import httpx
import pytest
from sqlmodel import col, select

from casso.access import across_organizations
from casso.db import reading, transaction
from casso.enums import Role
from casso.models import Account, Membership, Organization
from casso.services import members
from casso.services.agreements import versions_today
from casso.services.sessions import find_session
from tests.desks import Desk, Tenant
from tests.services.agreed import boxes
from tests.services.members import member, session_of
from tests.services.people import HOME, open_session
from tests.services.test_invitations import NEW, invite, links, token_of
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}
GOOD = {"name": "Nora Berg", "password": "violet anchor thirteen boats"}


@pytest.fixture
def path(sqlite_desk: Desk) -> str:
    """Of an invitation as agent."""
    invite(sqlite_desk.owner)
    return "/invitation/" + token_of(links(sqlite_desk)[-1])


def members_of(tenant: Tenant) -> dict[str, str]:
    with reading() as session, across_organizations(session, "tests"):
        found = session.exec(
            select(Account.email, Membership.role)
            .join(Membership, col(Membership.account_id) == col(Account.id))
            .where(Membership.organization_id == tenant.organization_id)
        ).all()
    return dict(found)


def cookie(tenant: Tenant, account_id: int | None) -> dict[str, str]:
    return {"Cookie": f"casso={session_of(tenant, account_id or 0)}"}


def session_in(answer: httpx.Response) -> str:
    return answer.cookies["casso"]


async def test_somebody_new_joins_and_is_in(client: Client, sqlite_desk: Desk, path: str) -> None:
    async with client(headers=OWN) as browser:
        page = await browser.get(path)
        assert page.status_code == 200
        assert "Join Example" in page.text
        assert "Olga Example invites you" in page.text
        done = await browser.post(path, data=GOOD | boxes())
    assert (done.status_code, done.headers["location"]) == (303, "/")
    actor = find_session(session_in(done))
    assert actor is not None
    assert (actor.email, actor.name, actor.role) == (NEW, "Nora Berg", Role.AGENT)
    assert members_of(sqlite_desk.mine)[NEW] == "agent"


@pytest.mark.parametrize(
    ("missing", "words"),
    [("agree", "agree to the privacy policy"), ("adult", "18 years"), ("versions", "texts have changed")],
)
async def test_nobody_joins_without_agreeing_and_the_ticks_come_back(
    client: Client, sqlite_desk: Desk, path: str, missing: str, words: str
) -> None:
    sent = GOOD | boxes()
    del sent[missing]
    async with client(headers=OWN) as browser:
        page = (await browser.get(path)).text
        assert 'href="/privacy"' in page
        assert versions_today() in page
        answer = await browser.post(path, data=sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert answer.text.count(" checked>") == 2 - (missing != "versions")
    assert NEW not in members_of(sqlite_desk.mine)


async def test_opening_a_link_uses_nothing_up(client: Client, sqlite_desk: Desk, path: str) -> None:
    async with client(headers=OWN) as browser:
        for _ in range(3):
            assert (await browser.get(path)).status_code == 200
        await browser.head(path)
        assert NEW not in members_of(sqlite_desk.mine)
        assert (await browser.post(path, data=GOOD | boxes())).status_code == 303
        assert (await browser.get(path)).status_code == 410
        assert (await browser.post(path, data=GOOD | boxes())).status_code == 410


async def test_twenty_at_once_join_once(client: Client, sqlite_desk: Desk, path: str) -> None:
    async with client(headers=OWN) as browser:
        answers = await asyncio.gather(*(browser.post(path, data=GOOD | boxes()) for _ in range(20)))
    assert [one.status_code for one in answers].count(500) == 0
    assert sum("casso" in one.cookies for one in answers) == 1
    assert list(members_of(sqlite_desk.mine)) == [sqlite_desk.owner.email, NEW]


@pytest.mark.parametrize("password", ["", "short", "password123"])
async def test_a_weak_password_says_so_keeps_the_name_and_the_link(
    client: Client, path: str, password: str
) -> None:
    async with client(headers=OWN) as browser:
        answer = await browser.post(path, data={"name": '"><script>x', "password": password} | boxes())
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert "<script>x" not in answer.text
        assert "&quot;&gt;&lt;script&gt;x" in answer.text
        assert (await browser.post(path, data=GOOD | boxes())).status_code == 303


@pytest.mark.parametrize("forged", ["x", "%00", "%ff", "a" * 3000])
async def test_a_link_nobody_made_looks_like_one_that_is_over(client: Client, forged: str, path: str) -> None:
    async with client(headers=OWN) as browser:
        await browser.post(path, data=GOOD | boxes())
        over = await browser.get(path)
        none = await browser.get(f"/invitation/{forged}")
    assert (none.status_code, none.text) == (over.status_code, over.text)


async def test_a_foreign_page_makes_nobody_join(client: Client, sqlite_desk: Desk, path: str) -> None:
    async with client(headers={"Origin": "https://evil.example"}) as browser:
        assert (await browser.post(path, data=GOOD | boxes())).status_code == 403
    assert NEW not in members_of(sqlite_desk.mine)


async def test_a_forged_host_is_in_no_link(client: Client, sqlite_desk: Desk) -> None:
    """Links are made from CASSO_URL alone; an unknown Host does not come in at all."""
    async with client(headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}) as it:
        await it.get("/sign-in")
    invite(sqlite_desk.owner)
    assert links(sqlite_desk)[-1].startswith("http://desk.example:3000/invitation/")


async def test_whoever_has_an_account_signs_in_first(client: Client, sqlite_desk: Desk, path: str) -> None:
    eve = member(sqlite_desk.other, NEW, Role.ADMIN)
    async with client(headers=OWN) as browser:
        page = await browser.get(path)
        assert f'href="/sign-in?next={path}"' in page.text
        assert "password" not in page.text
        sent = await browser.post(path, data=GOOD | boxes())
        assert (sent.status_code, sent.headers["location"]) == (303, f"/sign-in?next={path}")
        assert NEW not in members_of(sqlite_desk.mine)
        mine = cookie(sqlite_desk.other, eve.account_id)
        assert "Join" in (await browser.get(path, headers=mine)).text
        done = await browser.post(path, headers=mine)
    actor, before = find_session(session_in(done)), find_session(mine["Cookie"].removeprefix("casso="))
    assert actor is not None
    assert (actor.organization_id, actor.role) == (sqlite_desk.mine.organization_id, Role.AGENT)
    assert before is None
    assert members_of(sqlite_desk.other)[NEW] == "admin"


async def test_somebody_else_signed_in_does_not_join(client: Client, sqlite_desk: Desk, path: str) -> None:
    member(sqlite_desk.other, NEW)
    async with client(headers=OWN) as browser:
        stranger = cookie(sqlite_desk.other, sqlite_desk.other.owner.account_id)
        page = await browser.get(path, headers=stranger)
        assert 'action="/sign-out"' in page.text
        await browser.post(path, headers=stranger)
    assert NEW not in members_of(sqlite_desk.mine)
    assert sqlite_desk.other.owner.email not in members_of(sqlite_desk.mine)


async def test_an_account_that_belongs_nowhere_joins_without_a_session(
    client: Client, sqlite_desk: Desk, path: str
) -> None:
    ben = member(sqlite_desk.other, NEW)
    members.remove_member(sqlite_desk.other.owner, ben.account_id or 0, caller=HOME)
    async with client(headers=OWN) as browser:
        done = await browser.post(path)
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    assert "casso" not in done.cookies
    assert members_of(sqlite_desk.mine)[NEW] == "agent"


async def test_the_page_speaks_german(client: Client, path: str) -> None:
    async with client(headers=OWN | {"Accept-Language": "de"}) as browser:
        assert "Bei Example mitarbeiten" in (await browser.get(path)).text


async def test_who_joins_where_more_is_demanded_is_told_so_and_goes_on_where_they_were(
    client: Client, sqlite_desk: Desk
) -> None:
    invite(sqlite_desk.owner, sqlite_desk.other.owner.email)
    path = "/invitation/" + token_of(links(sqlite_desk)[-1])
    with transaction(sqlite_desk.mine.organization_id) as session:
        session.get_one(Organization, sqlite_desk.mine.organization_id).requires_second_factor = True
    token = open_session(sqlite_desk.other.owner.account_id)
    async with client(headers=OWN | {"Cookie": f"casso={token}"}) as browser:
        answer = await browser.post(path, data=boxes())
    assert answer.status_code == 403
    assert "/settings/security" in answer.text
    assert sqlite_desk.other.owner.email in members_of(sqlite_desk.mine)
    actor = find_session(token)
    assert actor is not None
    assert actor.organization_id == sqlite_desk.other.organization_id
