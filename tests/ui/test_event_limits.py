"""How many events a session and a network of strangers may send, however many tabs there are."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import reflex as rx
from reflex_base.event import Event

from casso.gateways import limiter
from casso.gateways.limiter import EVENTS_OF_SESSION, EVENTS_OF_STRANGER
from casso.services.sessions import digest
from casso.ui import guard
from casso.ui.me import Me
from tests.desks import Desk
from tests.services.people import open_session


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


async def test_the_event_that_is_one_too_many_does_not_run(sqlite_desk: Desk) -> None:
    account_id = sqlite_desk.owner.account_id
    busy = open_session(account_id)
    for _ in range(EVENTS_OF_SESSION.most - 1):
        await limiter.take(EVENTS_OF_SESSION, digest(busy))
    assert await runs(busy)
    assert not await runs(busy)
    assert await runs(open_session(account_id))


async def test_a_strangers_event_that_is_one_too_many_does_not_run(sqlite_desk: Desk) -> None:
    for _ in range(EVENTS_OF_STRANGER.most - 1):
        await limiter.take(EVENTS_OF_STRANGER, "192.0.2.7")
    assert await runs("", f"{rx.State.get_full_name()}.hydrate")
    assert not await runs("", f"{rx.State.get_full_name()}.hydrate")


async def runs(token: str, name: str = f"{Me.get_full_name()}.arrive") -> bool:
    """Whether the guard lets an event of this session through."""
    root = rx.State(_reflex_internal_init=True)
    cookie = f"casso={token}" if token else ""
    root.router_data = {"headers": {"cookie": cookie}, "ip": "192.0.2.7"}
    event = Event(name=name, payload={})
    return await guard.Guard().preprocess(None, root, event) is None  # type: ignore[arg-type]


def test_a_person_holding_a_key_down_stays_within(sqlite_desk: Desk) -> None:
    assert 30 * EVENTS_OF_SESSION.seconds < EVENTS_OF_SESSION.most
