"""One network opens so many sockets and posts so often: what is too much is refused before anything runs."""

from collections.abc import Iterator

import pytest
from starlette.types import Message, Receive, Scope, Send

from casso.gateways import limiter
from casso.gateways.limiter import POSTS_OF_NETWORK, SOCKETS_OF_NETWORK
from casso.web.asgi import Protected
from tests.desks import Desk
from tests.web.conftest import Client

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.1"
OWN = {"Origin": "http://desk.example:3000"}


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    limiter._strategy.cache_clear()
    yield
    limiter._strategy.cache_clear()


async def handshake(desk: Desk, ip: str) -> list[Message]:
    """What a browser of that network is answered when it opens its event socket."""
    told: list[Message] = []

    async def inner(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        told.append(message)

    headers = [(b"host", b"desk.example:3000"), (b"origin", b"http://desk.example:3000")]
    scope = {
        "type": "websocket",
        "path": "/_event/",
        "headers": headers,
        "client": (ip, 5),
        "query_string": b"",
    }
    await Protected(inner, build=desk.folder)(scope, receive, send)
    return told


async def test_a_network_with_too_many_sockets_gets_no_more_and_others_do(sqlite_desk: Desk) -> None:
    for _ in range(SOCKETS_OF_NETWORK.most - 1):
        await limiter.take(SOCKETS_OF_NETWORK, HERE)
    assert [one["type"] for one in await handshake(sqlite_desk, HERE)] == ["websocket.accept"]
    assert await handshake(sqlite_desk, HERE) == [{"type": "websocket.close", "code": 1013}]
    assert [one["type"] for one in await handshake(sqlite_desk, ELSEWHERE)] == ["websocket.accept"]


async def test_a_network_that_posts_too_often_waits_and_may_still_read(client: Client) -> None:
    async with client(headers=OWN) as browser:
        assert (await browser.post("/t/echo", content=b"x")).status_code == 200
        for ip in ("127.0.0.1", "testclient", ""):
            for _ in range(POSTS_OF_NETWORK.most):
                await limiter.take(POSTS_OF_NETWORK, ip)
        refused = await browser.post("/t/echo", content=b"x")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert (await browser.get("/t/plain/1")).status_code == 200
