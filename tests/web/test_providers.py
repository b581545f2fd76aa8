"""Signing in through a provider over HTTP: what a browser is sent, and what it may bring back."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from casso import config, db
from casso.access import Actor, across_organizations
from casso.gateways.identity import Identity
from casso.models import LinkedIdentity, SignIn
from casso.services import identities, sessions
from tests.bare import bare
from tests.desks import Desk
from tests.servers.openid_stub import IdentityStub, identity_stub, switch_on
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}
MIA = Identity("oidc", "person-1", "mia@example.test", "Mia Moor")
BAD_TARGETS = [
    "//evil.example", "/\\evil.example", "\\evil.example", "https://evil.example", "javascript:alert(1)",
    "/%2Fevil.example", "///evil.example", "/\t/evil.example", "/\n/evil.example", " //evil.example",
    "http:evil.example", "data:text/html,x", "//evil.example/%2e%2e", "/a b", "/@evil.example:80",
    "https:/evil.example", "/?next=//evil.example", "/#//evil.example", "//", "/\x00", "evil.example",
    "JAVASCRIPT:alert(1)", "vbscript:x", "/..//evil.example\\", "//google.com@evil.example", "\x01/a",
    "/sign-in?next=//evil", "mailto:a@b", "/a//\\evil", "file:///etc/passwd",
]  # fmt: skip


@pytest.fixture
def stub(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityStub]:
    with identity_stub() as found:
        switch_on(found, monkeypatch, sqlite_desk.clock.moment)
        yield found


async def go(browser: httpx.AsyncClient, stub: IdentityStub, path: str = "/auth/oidc") -> httpx.Response:
    """The whole way: leave, agree, come back."""
    left = await browser.get(path)
    assert left.status_code == 303, left.text
    back = urlsplit(stub.grant(left.headers["location"]))
    return await browser.get(f"{back.path}?{back.query}")


def count(table: type) -> int:
    with db.reading() as session, across_organizations(session, "tests"):
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def actor_behind(browser: httpx.AsyncClient) -> Actor | None:
    return sessions.find_session(browser.cookies.get(config.settings().session_cookie, ""))


async def test_the_sign_in_page_shows_only_what_is_switched_on(
    client: Client, stub: IdentityStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client() as browser:
        page = (await browser.get("/sign-in?next=/tickets/4")).text
        assert 'href="/auth/google?next=/tickets/4"' in page
        for name in ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"):
            monkeypatch.delenv(name)
        config.settings.cache_clear()
        assert "/auth/google" not in (await browser.get("/sign-in")).text
        assert (await browser.get("/auth/google")).status_code == 404
        assert (await browser.get("/auth/google/callback")).status_code == 404


@pytest.mark.parametrize("name", ["oidc", "google", "github"])
async def test_a_linked_person_comes_in(
    client: Client, sqlite_desk: Desk, stub: IdentityStub, name: str
) -> None:
    subject = "7" if name == "github" else MIA.subject
    identities.link(sqlite_desk.owner, Identity(name, subject, "", ""))
    async with client() as browser:
        answer = await go(browser, stub, f"/auth/{name}?next=/tickets/3")
        assert (answer.status_code, answer.headers["location"]) == (303, "/tickets/3")
        actor = actor_behind(browser)
    assert actor
    assert actor.account_id == sqlite_desk.owner.account_id


async def test_a_stranger_stays_out_and_an_owners_address_does_not_help(
    client: Client, sqlite_desk: Desk, stub: IdentityStub
) -> None:
    async with client() as browser:
        texts = []
        for email in (sqlite_desk.owner.email, "nobody@example.test"):
            stub.person = stub.person | {"email": email, "email_verified": True}
            answer = await go(browser, stub)
            assert answer.status_code == 403
            texts.append(answer.text)
        assert texts[0] == texts[1]
        assert actor_behind(browser) is None
    assert count(SignIn) == 0


async def test_the_address_it_comes_back_to_is_the_desks_own_whatever_the_host(
    client: Client, stub: IdentityStub
) -> None:
    async with client(headers={"Host": "localhost", "X-Forwarded-Host": "evil.example"}) as browser:
        left = await browser.get("/auth/oidc")
    asked = parse_qs(urlsplit(left.headers["location"]).query)
    assert asked["redirect_uri"] == ["http://desk.example:3000/auth/oidc/callback"]


async def test_leaving_writes_nothing(client: Client, stub: IdentityStub) -> None:
    async with client() as browser:
        before = _all_rows()
        await browser.get("/auth/oidc")
        assert _all_rows() == before


def _all_rows() -> dict[str, int]:
    with bare() as connection:
        names = connection.exec_driver_sql("select name from sqlite_master where type = 'table'").scalars()
        return {
            name: connection.exec_driver_sql(f'select count(*) from "{name}"').scalar_one() for name in names
        }


async def test_the_flow_cookie_is_sealed_and_goes_when_the_flow_is_over(
    client: Client, stub: IdentityStub
) -> None:
    async with client() as browser:
        left = await browser.get("/auth/oidc")
        (cookie,) = left.headers.get_list("set-cookie")
        parts = {part.strip().lower() for part in cookie.split(";")}
        assert {"httponly", "samesite=lax", "path=/"} <= parts
        await go(browser, stub)
        assert config.settings().flow_cookie not in browser.cookies


async def test_an_answer_without_this_browsers_cookie_opens_nothing(
    client: Client, sqlite_desk: Desk, stub: IdentityStub
) -> None:
    identities.link(sqlite_desk.owner, MIA)
    async with client() as attacker, client() as victim:
        left = await attacker.get("/auth/oidc")
        back = urlsplit(stub.grant(left.headers["location"]))
        assert (await victim.get(f"{back.path}?{back.query}")).status_code == 403
        assert actor_behind(victim) is None
        await victim.get("/auth/oidc")
        assert (await victim.get(f"{back.path}?{back.query}")).status_code == 403
        assert actor_behind(victim) is None
    assert stub.asked == []


async def test_an_answer_counts_once(client: Client, sqlite_desk: Desk, stub: IdentityStub) -> None:
    identities.link(sqlite_desk.owner, MIA)
    async with client() as browser:
        left = await browser.get("/auth/oidc")
        flow = dict(browser.cookies)
        back = urlsplit(stub.grant(left.headers["location"]))
        assert (await browser.get(f"{back.path}?{back.query}")).status_code == 303
        browser.cookies.clear()
        browser.cookies.update(flow)
        again = await browser.get(f"{back.path}?{back.query}")
        assert again.status_code == 403
        assert actor_behind(browser) is None


@pytest.mark.parametrize("query", ["", "?state=x", "?code=x", "?error=denied&state=x", "?state=&code="])
async def test_a_broken_answer_says_what_to_do(client: Client, stub: IdentityStub, query: str) -> None:
    async with client() as browser:
        await browser.get("/auth/oidc")
        answer = await browser.get(f"/auth/oidc/callback{query}")
    assert answer.status_code == 403
    assert 'href="/sign-in"' in answer.text


@pytest.mark.parametrize("target", BAD_TARGETS, ids=range(len(BAD_TARGETS)))
async def test_the_way_on_is_always_one_of_ours(
    client: Client, sqlite_desk: Desk, stub: IdentityStub, target: str
) -> None:
    identities.link(sqlite_desk.owner, MIA)
    async with client() as browser:
        left = await browser.get("/auth/oidc", params={"next": target})
        back = urlsplit(stub.grant(left.headers["location"]))
        answer = await browser.get(f"{back.path}?{back.query}")
    assert answer.status_code == 303
    place = urlsplit(answer.headers["location"])
    assert (place.scheme, place.netloc) == ("", "")
    assert not answer.headers["location"].startswith(("//", "/\\"))


async def test_a_provider_that_is_down_is_said_calmly(
    client: Client, stub: IdentityStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.status = 500
    async with client() as browser:
        answer = await browser.get("/auth/oidc")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def way_to(stub: IdentityStub, page: str) -> str:
    """The link to the provider on a page."""
    return next(one for one in re.findall('href="([^"]+)"', page) if one.startswith(stub.base)).replace(
        "&amp;", "&"
    )


async def test_the_signed_in_person_links_an_identity(
    client: Client, sqlite_desk: Desk, stub: IdentityStub, cookie: str
) -> None:
    async with client(headers=OWN | {"Cookie": cookie}) as browser:
        page = await browser.post("/auth/oidc/link")
        assert page.status_code == 200
        flow = page.cookies[config.settings().flow_cookie]
        url = way_to(stub, page.text)
        back = urlsplit(stub.grant(url))
        browser.headers["Cookie"] = f"{cookie}; {config.settings().flow_cookie}={flow}"
        answer = await browser.get(f"{back.path}?{back.query}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/security")
    assert identities.prove(MIA).account_id == sqlite_desk.owner.account_id


async def test_a_linking_ends_only_in_the_session_that_began_it(
    client: Client, sqlite_desk: Desk, stub: IdentityStub, cookie: str
) -> None:
    async with client(headers=OWN) as browser:
        page = await browser.post("/auth/oidc/link", headers={"Cookie": cookie})
        url = way_to(stub, page.text)
        back = urlsplit(stub.grant(url))
        sessions.sign_out(cookie.removeprefix("casso="))
        assert (await browser.get(f"{back.path}?{back.query}")).status_code == 403
    assert count(LinkedIdentity) == 0


async def test_linking_needs_a_session_this_site_and_a_fresh_proof(
    client: Client, sqlite_desk: Desk, stub: IdentityStub, cookie: str
) -> None:
    async with client(headers=OWN) as browser:
        assert (await browser.post("/auth/oidc/link")).status_code == 401
        foreign = {"Cookie": cookie, "Origin": "https://evil.example"}
        assert (await browser.post("/auth/oidc/link", headers=foreign)).status_code == 403
        assert (await browser.get("/auth/oidc/link", headers={"Cookie": cookie})).status_code == 405
        sqlite_desk.clock.tick(minutes=11)
        late = await browser.post("/auth/oidc/link", headers={"Cookie": cookie})
        assert late.status_code == 403
        assert config.settings().flow_cookie not in late.cookies
