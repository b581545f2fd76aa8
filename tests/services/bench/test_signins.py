"""The rush at the door is real sign-ins at a served desk; a refused one is no figure."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from casso.clock import now
from casso.services.bench import screens
from casso.services.bench.signins import clicks_in_a_rush
from casso.services.bench.sockets import NoAnswer
from casso.services.heartbeats import beat
from tests.desks import Desk
from tests.servers.back_end import BackEnd, back_end

EMAIL, PASSWORD = "olga@bench.example", "correct horse battery"
PREPARE = f"""
from casso.services import schema, setup
schema.upgrade()
setup.set_up(setup.SetupForm("Bench", "{EMAIL}", "{PASSWORD}", first_name="Olga"))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackEnd]:
    with back_end(tmp_path_factory.mktemp("rush"), prepare=("-c", PREPARE)) as found:
        yield found


def count_sessions(served: BackEnd) -> int:
    with closing(sqlite3.connect(served.data_dir / "casso.db")) as connection:
        return int(connection.execute("select count(*) from sign_in").fetchone()[0])


async def click(turn: int) -> float:
    return float(turn)


async def test_everybody_gets_in_and_clicks_are_counted_meanwhile(served: BackEnd) -> None:
    before = count_sessions(served)
    times = await clicks_in_a_rush(served.url, (EMAIL,) * 3, PASSWORD, click)
    assert times == [float(turn) for turn in range(len(times))]
    assert len(times) >= 1
    assert count_sessions(served) == before + 3


async def test_a_refused_sign_in_is_no_answer(served: BackEnd) -> None:
    with pytest.raises(NoAnswer, match="refused"):
        await clicks_in_a_rush(served.url, (EMAIL, "nobody@bench.example"), "wrong " + PASSWORD, click)


async def test_a_desk_that_is_away_is_no_answer(served: BackEnd) -> None:
    with pytest.raises(NoAnswer, match="did not answer"):
        await clicks_in_a_rush("http://localhost:9", (EMAIL,), PASSWORD, click)


async def test_the_guards_figure_is_what_the_web_process_says_of_itself(sqlite_desk: Desk) -> None:
    start = now()
    beat({"guard": (now(), "ms_p50=0.62")})
    assert await screens._guard_ms(since=start) == 0.62
