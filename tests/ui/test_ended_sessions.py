"""However a session ends, the next event of its open sockets is refused and their state is emptied."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from sqlmodel import select

from casso.access import Actor, across_organizations
from casso.db import reading, transaction
from casso.errors import Invalid
from casso.models import Account, Membership
from casso.services import accounts, password_changes, session_ending, sessions
from casso.services.accounts import NewAccount
from casso.values.caller import Caller
from tests import desks
from tests.servers.socket_client import SocketClient
from tests.services.people import actor_of, open_session
from tests.ui.conftest import Served
from tests.ui.test_guard import LEAVE, STATE, settle, value

ZOE = "zoe@example.com"
OLD, NEW = "seven grey herons wading", "eight brown otters diving"
HERE = Caller(ip="127.0.0.1", browser="test")


@pytest.fixture
def zoe(served: Served) -> Iterator[int]:
    """A member of Ana's organization, acted on from this process; both share the database."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("CASSO_")]:
            patch.delenv(name)
        for name, text in served.environment.items():
            if name.startswith("CASSO_"):
                patch.setenv(name, text)
        desks.forget()
        try:
            yield _fresh()
        finally:
            desks.forget()


def _fresh() -> int:
    with reading() as session:
        known = session.exec(select(Account.id).where(Account.email == ZOE)).first()
    if known is None:
        return accounts.add_account(NewAccount(ZOE, organization="ana", password=OLD)).account_id
    accounts.enable_account(ZOE)
    accounts.set_password(ZOE, OLD)
    with suppress(Invalid):  # still a member
        accounts.add_account(NewAccount(ZOE, organization="ana"))
    return known


def owner() -> Actor:
    with reading() as session:
        account_id = session.exec(select(Account.id).where(Account.email == "ana@example.com")).one()
    return actor_of(open_session(account_id))


def by_herself(zoe: int, token: str) -> None:
    session_ending.end_session(actor_of(open_session(zoe)), actor_of(token).sign_in_id or 0, HERE)


def by_herself_all(zoe: int, token: str) -> None:
    session_ending.end_other_sessions(actor_of(open_session(zoe)), HERE)


def by_an_admin(zoe: int, token: str) -> None:
    session_ending.end_sessions_of(owner(), zoe, HERE)


def by_a_changed_password(zoe: int, token: str) -> None:
    password_changes.change_password(actor_of(open_session(zoe)), OLD, NEW, HERE)


def by_a_reset(zoe: int, token: str) -> None:
    link = accounts.give_reset_link(ZOE).link
    password_changes.reset_password(link.rpartition("/")[2], NEW, HERE)


def by_disabling(zoe: int, token: str) -> None:
    accounts.disable_account(ZOE)


def by_removal(zoe: int, token: str) -> None:
    with transaction() as session, across_organizations(session, "tests"):
        session.delete(session.exec(select(Membership).where(Membership.account_id == zoe)).one())


def by_a_new_id(zoe: int, token: str) -> None:
    actor = actor_of(token)
    with transaction(actor.organization_id) as session:
        sessions.renew(session, actor)


WAYS = [
    by_herself, by_herself_all, by_an_admin, by_a_changed_password, by_a_reset, by_disabling, by_removal,
    by_a_new_id,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
async def test_an_open_socket_is_turned_away_at_its_next_event(
    served: Served, zoe: int, way: Callable[[int, str], None]
) -> None:
    token = open_session(zoe)
    async with SocketClient(served.url, cookie=f"casso={token}") as tab:
        await tab.send(f"{STATE}.load")
        await tab.until(lambda: value(tab, "secret_rx_state_") == f"canary of {ZOE}")
        way(zoe, token)
        before = len(tab.frames)
        await tab.send(f"{STATE}.write", {"number": 1, "text": "too late"})
        await tab.until(lambda: value(tab, "to_rx_state_", LEAVE) == "/sign-in")
        assert value(tab, "secret_rx_state_") == ""
        await tab.send(f"{STATE}.load")
        await settle(tab)
        assert "canary" not in repr(tab.frames[before:])
        assert "too late" not in tab.seen()


IDENTITY = {"Remote-User": "ana@example.com", "X-Forwarded-User": "ana@example.com", "X-WebAuth-User": "ana"}


async def test_headers_that_claim_to_be_somebody_open_nothing_on_the_socket(served: Served) -> None:
    stranger = SocketClient(served.url)
    stranger._headers |= IDENTITY | {"X-Forwarded-For": "127.0.0.1", "Authorization": "Basic YW5hOng="}
    async with stranger:
        await stranger.send(f"{STATE}.load")
        await stranger.until(lambda: value(stranger, "to_rx_state_", LEAVE) == "/sign-in")
        await settle(stranger)
        assert "canary" not in stranger.seen()


async def test_neither_the_cookie_nor_the_device_cookie_travels_in_any_frame(
    served: Served, zoe: int
) -> None:
    token = open_session(zoe)
    device = "casso-device=canary-device-cookie"
    async with SocketClient(served.url, cookie=f"casso={token}; {device}") as tab:
        await tab.hydrate()
        await tab.send(f"{STATE}.load")
        await settle(tab)
        assert token not in tab.seen()
        assert "canary-device-cookie" not in tab.seen()
    assert token not in served.log.read_text()
