"""Usage through real sockets: nothing is kept before a person agreed, then names alone."""

import sqlite3
from contextlib import closing

from casso.enums import Use
from casso.ui.usage import COUNTED
from tests.servers.socket_client import SocketClient
from tests.walls.conftest import Walls
from tests.walls.test_handlers import FOUND, knock

PLANTED = "planted"
# What would end the session that knocks, or decide about usage itself.
LEFT_OUT = ("Usage.", "Members.", "Sessions.", "SignInRules.", "Factor.", "Password.", "Operators.")


def kept(walls: Walls) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(walls.served.data_dir / "casso.db")) as connection:
        return connection.execute("select * from usage_event").fetchall()


def name_of(short: str) -> str:
    return next(found.name for found in FOUND if found.short == short)


async def test_nothing_is_kept_before_a_person_agrees_and_only_names_afterwards(walls: Walls) -> None:
    tried = [found for found in FOUND if not found.short.startswith(LEFT_OUT)]
    address = f"/tickets/{walls.mine['number']}"
    for is_given in (False, True):
        async with SocketClient(walls.served.url, cookie=walls.fresh_cookies("agent", 1)[0]) as client:
            if is_given:
                await client.send(name_of("Usage.agree"), {"wanted": True}, "/settings/appearance")
            await knock(client, tried, walls.mine["number"], address)
            await client.send(name_of("Usage.arrive"), {}, "/settings/appearance")
            await client.hydrate()
        if not is_given:
            assert kept(walls) == []
    rows = kept(walls)
    assert {row[4] for row in rows} <= {used.value for used in Use}
    assert len(rows) >= len({COUNTED[found.short] for found in tried if found.short in COUNTED}) // 2
    assert {row[2] for row in rows} == {walls.mine["accounts"]["agent"]}
    assert PLANTED not in str(rows)
    async with SocketClient(walls.served.url, cookie=walls.cookie("agent")) as client:
        await client.send(name_of("Usage.agree"), {"wanted": False}, "/settings/appearance")
        await client.hydrate()
    assert kept(walls) == []
