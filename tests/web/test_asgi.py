"""The wrapper around the web process: hosts, origins, closed doors, bodies, sessions, headers."""

import logging

import pytest

from casso.services import login, sessions
from casso.web.asgi import CLOSED, refuse
from tests.desks import PASSWORD, Desk
from tests.web.conftest import Client

OWN = "http://desk.example:3000"


@pytest.mark.parametrize(
    "host", ["evil.example", "desk.example.evil.example", "", "desk.example@evil.example"]
)
async def test_an_unknown_host_is_refused(client: Client, host: str) -> None:
    async with client() as browser:
        answer = await browser.get("/healthz", headers={"Host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize(
    "host", ["desk.example:3000", "desk.example", "localhost:3000", "127.0.0.1:3000", "[::1]:3000"]
)
async def test_the_public_name_and_the_machines_own_names_are_served(client: Client, host: str) -> None:
    async with client() as browser:
        assert (await browser.get("/healthz", headers={"Host": host})).text == "ok\n"


FOREIGN = [
    "https://evil.example",
    "null",
    "http://desk.example:3001",
    "https://desk.example:3000",
    "",
    "file://",
]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_write_from_a_foreign_page_is_refused(client: Client, cookie: str, origin: str) -> None:
    async with client() as browser:
        answer = await browser.post("/t/echo", content=b"x", headers={"Origin": origin, "Cookie": cookie})
    assert answer.status_code == 403


async def test_a_write_with_the_cookie_and_no_origin_is_refused(client: Client, cookie: str) -> None:
    async with client() as browser:
        assert (await browser.post("/t/echo", headers={"Cookie": cookie})).status_code == 403


async def test_a_write_from_our_own_page_is_served(client: Client, cookie: str) -> None:
    async with client() as browser:
        headers = {"Origin": OWN, "Cookie": cookie}
        assert (await browser.post("/t/echo", content=b"abc", headers=headers)).json() == {"bytes": 3}


async def test_a_form_without_origin_that_the_browser_calls_same_origin_is_served(
    client: Client, cookie: str
) -> None:
    async with client() as browser:
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": cookie}
        assert (await browser.post("/t/echo", headers=headers)).status_code == 200
        headers["Sec-Fetch-Site"] = "cross-site"
        assert (await browser.post("/t/echo", headers=headers)).status_code == 403


async def test_a_program_without_cookie_and_origin_is_served(client: Client) -> None:
    async with client() as program:
        assert (await program.post("/t/echo", content=b"signed")).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "POST"])
def test_only_reading_methods_pass_without_an_origin_when_a_cookie_is_there(
    data_dir: object, method: str
) -> None:
    from starlette.datastructures import Headers

    headers = Headers({"host": "localhost:3000", "cookie": "a=b; casso=token"})
    assert bool(refuse("http", method, "/", headers)) is (method not in ("GET", "HEAD"))


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://localhost:9"])
def test_a_socket_with_the_cookie_needs_our_own_origin(data_dir: object, origin: str | None) -> None:
    from starlette.datastructures import Headers

    headers = {"host": "localhost:3000", "cookie": "casso=token"} | ({"origin": origin} if origin else {})
    assert refuse("websocket", "GET", "/_event/", Headers(headers))


@pytest.mark.parametrize("path", [*CLOSED, "/_upload/file.txt"])
async def test_the_frameworks_own_doors_are_closed(client: Client, cookie: str, path: str) -> None:
    async with client() as browser:
        for method in ("GET", "POST"):
            answer = await browser.request(method, path, headers={"Cookie": cookie, "Origin": OWN})
            assert answer.status_code == 404


async def test_a_body_over_the_routes_limit_is_refused_by_its_declared_length(client: Client) -> None:
    async with client() as program:
        assert (await program.post("/t/echo", content=b"x" * 1000)).status_code == 200
        assert (await program.post("/t/echo", content=b"x" * 1001)).status_code == 413


async def test_a_body_over_the_limit_is_refused_while_it_arrives(client: Client) -> None:
    async def drip() -> object:
        for _ in range(30):
            yield b"x" * 100

    async with client() as program:
        assert (await program.post("/t/echo", content=drip())).status_code == 413


async def test_a_route_with_a_gap_in_its_path_keeps_its_own_limit(client: Client) -> None:
    async with client() as program:
        assert (await program.post("/t/big/7", content=b"x" * 4000)).status_code == 200
        assert (await program.post("/t/big/7", content=b"x" * 6000)).status_code == 413


async def test_a_signed_out_browser_gets_sign_in_instead_of_an_empty_screen(client: Client) -> None:
    async with client() as browser:
        answer = await browser.get("/tickets/7")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/tickets/7")
        assert (await browser.get("/")).headers["location"] == "/sign-in"
        assert (await browser.get("//evil.example")).headers["location"].startswith("/sign-in")
        assert (await browser.get("/", headers={"Cookie": "casso=forged"})).status_code == 303


async def test_a_signed_in_browser_gets_the_page_until_it_signs_out(client: Client, cookie: str) -> None:
    async with client() as browser:
        assert (await browser.get("/", headers={"Cookie": cookie})).status_code == 200
        sessions.sign_out(cookie.removeprefix("casso="))
        assert (await browser.get("/", headers={"Cookie": cookie})).status_code == 303


async def test_a_session_route_knows_its_actor_and_refuses_others(
    client: Client, cookie: str, sqlite_desk: Desk
) -> None:
    async with client() as browser:
        answer = await browser.get("/t/whoami", headers={"Cookie": cookie})
        assert answer.text == sqlite_desk.owner.email
        assert (await browser.get("/t/whoami")).status_code == 401
        html = await browser.get("/t/whoami", headers={"Accept": "text/html"})
        assert (html.status_code, html.headers["location"]) == (303, "/sign-in?next=/t/whoami")


async def test_an_operators_route_does_not_exist_for_the_owner_of_an_organization(
    client: Client, cookie: str, sqlite_desk: Desk
) -> None:
    token = login.sign_in(sqlite_desk.other.owner.email, PASSWORD, ip="127.0.0.1", browser="test")
    async with client() as browser:
        answer = await browser.get("/t/instance", headers={"Cookie": cookie})
        assert (answer.status_code, answer.text) == (200, sqlite_desk.owner.email)
        owner_only = await browser.get("/t/instance", headers={"Cookie": f"casso={token}"})
        assert (owner_only.status_code, owner_only.text) == (404, "not found\n")
        assert (await browser.get("/t/instance")).status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/assets/a-1.js", "/t/broken", "/_upload", "/nothing", "/"])
async def test_every_answer_carries_the_security_headers(client: Client, cookie: str, path: str) -> None:
    async with client() as browser:
        answer = await browser.get(path, headers={"Cookie": cookie})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


async def test_only_built_pages_may_run_their_inline_scripts(client: Client, cookie: str) -> None:
    async with client() as browser:
        page = await browser.get("/", headers={"Cookie": cookie})
        own = await browser.get("/t/plain/3")
    assert "sha256-" in page.headers["content-security-policy"]
    assert "sha256-" not in own.headers["content-security-policy"]


async def test_an_answers_own_policy_is_kept(client: Client) -> None:
    async with client() as browser:
        answer = await browser.get("/t/frame/3")
    assert answer.headers["content-security-policy"] == "script-src 'none'"


async def test_hashed_assets_are_kept_for_a_year_and_pages_never(client: Client, cookie: str) -> None:
    async with client() as browser:
        assert "immutable" in (await browser.get("/assets/a-1.js")).headers["cache-control"]
        page = await browser.get("/", headers={"Cookie": cookie})
        assert page.headers["cache-control"] == "no-store"


async def test_a_failure_answers_with_a_number_and_keeps_its_text_to_itself(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "casso"):
        async with client() as browser:
            answer = await browser.get("/t/broken")
    assert answer.status_code == 500
    assert "canary" not in answer.text
    assert caplog.records[-1].error_id in answer.text  # type: ignore[attr-defined]
