"""A tree that is another session's is forgotten whole, also where a store hands out only parts of it."""

import secrets
from collections.abc import Iterator

import httpx
import pytest

from tests.servers.redis_server import available
from tests.servers.socket_client import ROOT, SocketClient
from tests.ui.test_two_processes import PANEL, PASSWORD, Pair, running, shows_list

# Events that need little of the tree: Redis gives them that and no more.
NARROW = {
    "framework": (f"{ROOT}.reflex___state____on_load_internal_state.set_is_hydrated", {"value": True}),
    "handler": (f"{PANEL}.arm", {"token": ""}),
}
SIGN_IN = (
    "import sys\nfrom casso.services import login\n"
    "print(login.sign_in('ana@example.com', sys.argv[1], ip='127.0.0.1', browser='test'))"
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    if available() is None:
        pytest.skip("REDIS IS NOT INSTALLED: trees outside the process are not tried")
    with running(tmp_path_factory.mktemp("trees"), {}) as found:
        yield found


async def told(tab: SocketClient) -> str:
    """Bring a mail into the list on this tab; its subject."""
    await shows_list(tab)
    subject = f"canary{secrets.token_hex(6)}"
    await tab.send(f"{PANEL}.mail", {"subject": subject})
    await tab.until(lambda: subject in tab.seen())
    return subject


@pytest.mark.parametrize("first", NARROW)
async def test_a_stolen_tab_tells_nothing_after_a_narrow_event(pair: Pair, first: str) -> None:
    async with SocketClient(pair.one.url, cookie=pair.ana) as tab:
        subject, token = await told(tab), tab.token
    async with SocketClient(pair.two.url, cookie=pair.eve, token=token) as thief:
        await thief.send(*NARROW[first])
        await thief.hydrate()
        await shows_list(thief)
        assert subject not in thief.seen()


@pytest.mark.parametrize("first", NARROW)
async def test_an_ended_session_tells_nothing_after_a_narrow_event(pair: Pair, first: str) -> None:
    cookie = "casso=" + pair.one.python("-c", SIGN_IN, PASSWORD).strip()
    async with SocketClient(pair.one.url, cookie=cookie) as tab:
        subject = await told(tab)
        async with httpx.AsyncClient(base_url=pair.two.url, headers={"Origin": pair.two.url}) as browser:
            await browser.post("/sign-out", headers={"Cookie": cookie})
        before = len(tab.frames)
        await tab.send(*NARROW[first])
        for _ in range(3):  # what the narrow event still tells may look like the first answer
            await tab.hydrate()
        assert subject not in repr(tab.frames[before:])
