"""Limits against floods, in this process and in a real Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from casso.gateways import limiter
from casso.gateways.limiter import Limit, take
from tests.desks import forget, point_settings_at
from tests.servers.redis_server import redis_server

THREE = Limit("three", 3, 3600)
OTHER = Limit("other", 1, 3600)


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Counts start anew, here or there."""
    limiter._strategy.cache_clear()
    if request.param == "memory":
        point_settings_at(tmp_path, monkeypatch)
        yield request.param
    else:
        with redis_server() as url:
            point_settings_at(tmp_path, monkeypatch, CASSO_REDIS_URL=url)
            yield request.param
    limiter._strategy.cache_clear()
    forget()


async def close() -> None:
    """Let go of the connection, which belongs to this test's loop."""
    bridge = getattr(limiter._strategy().storage, "bridge", None)
    if bridge is not None:
        await bridge.storage.aclose()


async def test_one_too_many_is_refused_and_others_are_not(store: str) -> None:
    assert [await take(THREE, "ana") for _ in range(5)] == [True, True, True, False, False]
    assert await take(THREE, "ben")
    assert [await take(OTHER, "ana") for _ in range(2)] == [True, False]
    await close()


async def test_a_lost_redis_lets_people_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    limiter._strategy.cache_clear()
    point_settings_at(tmp_path, monkeypatch, CASSO_REDIS_URL="redis://127.0.0.1:9/0")
    assert [await take(OTHER, "ana") for _ in range(3)] == [True, True, True]
    assert "limit not counted" in caplog.text
    limiter._strategy.cache_clear()
    forget()
