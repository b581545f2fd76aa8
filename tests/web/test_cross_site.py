"""Every route of ours, from the route table: no other site writes, no GET changes a row, no cookie leaks."""

import re
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from casso.web.router import WebRoute, Who, all_routes
from tests.bare import bare
from tests.desks import Desk
from tests.web.conftest import Client

FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://desk.example:3000.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {},
]
ROUTES = sorted(all_routes(), key=lambda route: (route.path, route.methods))
WRITING = [(route, method) for route in ROUTES for method in route.methods if method not in ("GET", "HEAD")]
READING = [route for route in ROUTES if "GET" in route.methods]


def path_of(route: WebRoute) -> str:
    return re.sub(r"\{[^}]*\}", "1", route.path)


def rows() -> dict[str, list[tuple[object, ...]]]:
    """Everything in the database, table by table."""
    with bare() as connection:
        names = (
            connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        )
        return {
            name: sorted(
                (tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"'))), key=repr
            )
            for name in names
        }


@pytest.fixture
def unchanged(sqlite_desk: Desk) -> Iterator[None]:
    """The database before and after is the same."""
    before = rows()
    yield
    assert rows() == before


def name_of(route: WebRoute) -> str:
    return "/".join(route.methods) + " " + route.path


async def call(client: Client, method: str, route: WebRoute, **headers: str) -> httpx.Response:
    async with client(headers=headers) as browser:
        return await browser.request(method, path_of(route), content=b"")


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda headers: " ".join(headers.values()) or "nothing")
@pytest.mark.parametrize(
    ("route", "method"), WRITING, ids=lambda one: name_of(one) if isinstance(one, WebRoute) else one
)
async def test_no_other_site_writes_with_somebodys_cookie(
    client: Client, cookie: str, unchanged: None, route: WebRoute, method: str, headers: dict[str, str]
) -> None:
    answer = await call(client, method, route, Cookie=cookie, **headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("route", READING, ids=name_of)
async def test_reading_changes_nothing_and_never_says_the_cookie(
    client: Client, cookie: str, unchanged: None, route: WebRoute
) -> None:
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await call(client, "GET", route, Cookie=cookie, **headers)
        assert answer.status_code < 500 or route.path == "/readyz"
        assert cookie.removeprefix("casso=") not in answer.text + str(answer.headers)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.who is Who.SESSION], ids=name_of)
async def test_whatever_needs_a_session_is_closed_without_one(
    client: Client, unchanged: None, route: WebRoute
) -> None:
    own = {"Origin": "http://desk.example:3000"}
    for cookie in ("", "casso=forged", "casso-device=forged", "casso-step=forged"):
        answer = await call(client, route.methods[0], route, Cookie=cookie, **own)
        assert answer.status_code in (303, 401, 405), name_of(route)


def test_the_table_of_routes_is_whole() -> None:
    paths = {route.path for route in ROUTES}
    assert {"/sign-in", "/sign-out", "/reset", "/reset/{token}", "/account/password", "/set-up"} <= paths
