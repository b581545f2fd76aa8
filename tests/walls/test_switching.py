"""One person in two organizations, over real sockets: nothing of the old one after switching (27, 15).

Its name stays: the menu to switch back says it.
"""

import http.client
import json
from contextlib import closing
from urllib.parse import urlencode, urlsplit

import pytest

from tests.servers.socket_client import SocketClient, handler_name
from tests.walls.conftest import Walls
from tests.walls.prepare import canary

SEARCH = handler_name("casso.ui.inbox.desk_state", "Desk", "arrive")
JOIN = """
import json, sys
from casso.clock import now
from casso.db import transaction
from casso.models import Account, Membership
from tests.walls.prepare import cookie
with transaction() as session:
    kim = Account(email="kim@both.test", first_name="Kim", created_at=now())
    session.add(kim); session.flush(); number = kim.id
for here in json.loads(sys.argv[1]):
    with transaction(here) as session:
        session.add(Membership(organization_id=here, account_id=number, role="admin", created_at=now()))
print(cookie(number))
"""


@pytest.fixture(scope="module")
def kim(walls: Walls) -> str:
    """The cookie of somebody who is an admin in both, now in the first."""
    both = json.dumps([walls.mine["organization_id"], walls.other["organization_id"]])
    return walls.served.python("-c", JOIN, both).strip()


def switched(walls: Walls, cookie: str, organization_id: int) -> str:
    """The cookie after POST /switch."""
    headers = {
        "Cookie": cookie,
        "Origin": walls.served.url,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    netloc = urlsplit(walls.served.url).netloc
    with closing(http.client.HTTPConnection(netloc, timeout=10)) as connection:
        connection.request("POST", "/switch", urlencode({"organization": organization_id}), headers)
        answer = connection.getresponse()
        assert answer.status == 303, answer.read()
        return (answer.getheader("Set-Cookie") or "").partition(";")[0]


async def test_nothing_of_the_old_organization_is_told_after_switching(walls: Walls, kim: str) -> None:
    old, new, number = canary("mine"), canary("other"), walls.mine["number"]
    async with SocketClient(walls.served.url, cookie=kim) as tab:
        for path in (f"/tickets/{number}", f"/?q={old}", "/settings/members", "/settings/mailboxes"):
            await tab.send(SEARCH, {}, path)
            await tab.hydrate()
        await tab.send(f"{tab_root()}.hydrate_and_load", {}, f"/tickets/{number}")
        await tab.hydrate()
        await tab.until(lambda: old in tab.seen())
    fresh = switched(walls, kim, walls.other["organization_id"])
    assert fresh != kim
    async with SocketClient(walls.served.url, cookie=fresh, token=tab.token) as again:
        for path in ("/", f"/tickets/{number}", "/settings/members", "/settings/teams", "/settings/roles"):
            await again.send(f"{tab_root()}.hydrate_and_load", {}, path)
            await again.hydrate()
        await again.until(lambda: new in again.seen())
        assert old not in again.seen().replace(f"{old} Ltd", "")
        assert "@mine.test" not in again.seen()
    async with SocketClient(walls.served.url, cookie=kim, token=tab.token) as stale:
        await stale.hydrate()
        assert old not in stale.seen()
        assert new not in stale.seen()


def tab_root() -> str:
    return handler_name("casso.ui.me", "Me", "x").split(".", 1)[0]
