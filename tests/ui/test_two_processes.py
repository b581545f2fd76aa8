"""Two web processes of one desk over one Redis with a password: a push, a moved tab, a shared limit."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.back_end import BackEnd, back_end, beside
from tests.servers.ports import free_port
from tests.servers.postgres import Postgres
from tests.servers.redis_server import available, redis_server
from tests.servers.socket_client import SocketClient, handler_name

APP = "tests.ui.live_app:app"
PANEL = handler_name("tests.ui.live_app", "Panel", "")[:-1]
PASSWORD = "correct horse battery"
PREPARE = """
import sys
from casso.services import login, schema, setup
schema.upgrade()
for name in ("ana", "eve"):
    form = setup.SetupForm(organization=name, email=f"{name}@example.com", password=sys.argv[1])
    setup.set_up(form, another=True)
    print(login.sign_in(f"{name}@example.com", sys.argv[1], ip="127.0.0.1", browser="test"))
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both processes, and cookies of owners of two organizations."""

    one: BackEnd
    two: BackEnd
    ana: str
    eve: str
    redis_url: str


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    if available() is None:
        pytest.skip("REDIS IS NOT INSTALLED: several web processes are not tried")
    folder = tmp_path_factory.mktemp("pair")
    more: dict[str, str] = {}
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        more["CASSO_DATABASE_URL"] = server.create(f"pair_{secrets.token_hex(4)}")
    with running(folder, more) as found:
        yield found


@contextmanager
def running(folder: Path, more: dict[str, str]) -> Iterator[Pair]:
    with redis_server(password=secrets.token_hex(16)) as url:
        settings = {"CASSO_REDIS_URL": url, **more}
        with back_end(folder, app=APP, prepare=("-c", PREPARE, PASSWORD), **settings) as one:
            ana, eve = (folder / "prepared").read_text().split()
            with beside(one, app=APP) as two:
                yield Pair(one, two, f"casso={ana}", f"casso={eve}", url)


async def shows_list(tab: SocketClient) -> None:
    before = len(tab.frames)
    await tab.send("reflex___state____state.hydrate_and_load", path="/?queue=open")
    await tab.until(lambda: "'is_hydrated_rx_state_': True" in repr(tab.frames[before:]))


def value(tab: SocketClient, name: str) -> Any:
    found = [frame.get("delta", {}).get(PANEL, {}).get(f"{name}_rx_state_") for frame in tab.frames]
    return next((one for one in reversed(found) if one is not None), None)


async def test_what_happens_in_one_process_shows_in_the_other(pair: Pair) -> None:
    async with (
        SocketClient(pair.one.url, cookie=pair.ana) as here,
        SocketClient(pair.two.url, cookie=pair.ana) as there,
        SocketClient(pair.two.url, cookie=pair.eve) as stranger,
    ):
        for tab in (here, there, stranger):
            await shows_list(tab)
        for sender in (here, there):
            subject = f"canary{secrets.token_hex(6)}"
            await sender.send(f"{PANEL}.mail", {"subject": subject})
            for tab in (here, there):
                await tab.until(lambda tab=tab, subject=subject: subject in tab.seen())
            assert subject not in stranger.seen()


async def test_a_tab_that_comes_back_at_the_other_process_goes_on(pair: Pair) -> None:
    async with SocketClient(pair.one.url, cookie=pair.ana) as tab:
        await shows_list(tab)
        await tab.send(f"{PANEL}.arm", {"token": "kept"})
        await tab.until(lambda: value(tab, "ends") == "kept")
        token = tab.token
    async with SocketClient(pair.two.url, cookie=pair.ana, token=token) as again:
        await shows_list(again)
        assert value(again, "ends") == "kept"
        subject = f"canary{secrets.token_hex(6)}"
        await again.send(f"{PANEL}.mail", {"subject": subject})
        await again.until(lambda: subject in again.seen())


async def test_a_tab_that_is_brought_to_the_other_process_by_somebody_else_is_empty(pair: Pair) -> None:
    async with SocketClient(pair.one.url, cookie=pair.ana) as tab:
        await shows_list(tab)
        subject = f"canary{secrets.token_hex(6)}"
        await tab.send(f"{PANEL}.mail", {"subject": subject})
        await tab.until(lambda: subject in tab.seen())
        token = tab.token
    async with SocketClient(pair.two.url, cookie=pair.eve, token=token) as thief:
        await shows_list(thief)
        assert subject not in thief.seen()


async def test_a_session_that_ends_in_one_process_is_over_in_the_other(pair: Pair) -> None:
    code = (
        "import sys\nfrom casso.services import login\n"
        "print(login.sign_in('ana@example.com', sys.argv[1], ip='127.0.0.1', browser='test'))"
    )
    cookie = "casso=" + pair.one.python("-c", code, PASSWORD).strip()
    async with SocketClient(pair.two.url, cookie=cookie) as tab:
        await shows_list(tab)
        async with httpx.AsyncClient(base_url=pair.one.url, headers={"Origin": pair.one.url}) as browser:
            await browser.post("/sign-out", headers={"Cookie": cookie})
        before = value(tab, "answered")
        await tab.send(f"{PANEL}.arm", {"token": "after"})
        await tab.until(lambda: "/sign-in" in tab.seen())
        assert value(tab, "ends") != "after"
        assert value(tab, "answered") == before


async def test_a_limit_counts_in_both_together(pair: Pair) -> None:
    spent = (
        "import asyncio, sys\nfrom casso.gateways.limiter import POSTS_OF_NETWORK, take\n"
        "async def main():\n"
        "    for _ in range(POSTS_OF_NETWORK.most - 20): assert await take(POSTS_OF_NETWORK, '127.0.0.1')\n"
        "asyncio.run(main())"
    )
    pair.one.python("-c", spent)
    codes = {}
    for process in (pair.one, pair.two):
        async with httpx.AsyncClient(base_url=process.url, headers={"Origin": process.url}) as browser:
            codes[process.url] = [(await browser.post("/sign-out")).status_code for _ in range(18)]
    assert codes[pair.one.url] == [303] * 18
    assert 429 in codes[pair.two.url]


async def test_a_redis_that_was_away_is_used_again(tmp_path: Path) -> None:
    port = free_port()
    with ExitStack() as first:
        url = first.enter_context(redis_server(port=port))
        with back_end(tmp_path, app=APP, prepare=("-c", PREPARE, PASSWORD), CASSO_REDIS_URL=url) as served:
            cookie = "casso=" + (tmp_path / "prepared").read_text().split()[0]
            async with SocketClient(served.url, cookie=cookie) as tab:
                await shows_list(tab)
            first.close()
            async with httpx.AsyncClient(base_url=served.url) as browser:
                assert (await browser.get("/sign-in")).status_code == 200
            with redis_server(port=port):
                async with SocketClient(served.url, cookie=cookie) as tab:
                    await shows_list(tab)
                    subject = f"canary{secrets.token_hex(6)}"
                    await tab.send(f"{PANEL}.mail", {"subject": subject})
                    await tab.until(lambda: subject in tab.seen())
