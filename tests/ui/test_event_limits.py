"""How many events a session and a network of strangers may send, however many tabs there are."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from casso.gateways import limiter
from casso.gateways.limiter import EVENTS_OF_SESSION, EVENTS_OF_STRANGER
from casso.ui import guard
from tests.desks import Desk


@pytest.fixture(autouse=True)
def fresh_counts(sqlite_desk: Desk) -> Iterator[None]:
    limiter._strategy.cache_clear()
    yield
    limiter._strategy.cache_clear()


def tree(ip: str = "192.0.2.7") -> Any:
    return SimpleNamespace(router_data={"ip": ip})


async def test_a_session_has_one_count_for_all_its_tabs(sqlite_desk: Desk) -> None:
    for _ in range(EVENTS_OF_SESSION.most):
        assert await guard._too_many(tree(), sqlite_desk.owner, "cookie-a") == ""
    assert await guard._too_many(tree("198.51.100.1"), sqlite_desk.owner, "cookie-a") == "too many"
    assert await guard._too_many(tree(), sqlite_desk.owner, "cookie-b") == ""


async def test_strangers_are_counted_by_their_network_and_never_hold_up_a_session(sqlite_desk: Desk) -> None:
    for _ in range(EVENTS_OF_STRANGER.most):
        assert await guard._too_many(tree(), None, "") == ""
    assert await guard._too_many(tree(), None, "forged") == "too many"
    assert await guard._too_many(tree("198.51.100.1"), None, "") == ""
    assert await guard._too_many(tree(), sqlite_desk.owner, "cookie-a") == ""


def test_a_person_holding_a_key_down_stays_within(sqlite_desk: Desk) -> None:
    assert 30 * EVENTS_OF_SESSION.seconds < EVENTS_OF_SESSION.most
