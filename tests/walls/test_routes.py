"""Route by route, person by person: sessions where asked for, and nothing of another organization."""

import re
from typing import Any

import httpx
import pytest

from casso.web.router import WebRoute, Who, all_routes
from tests.walls import surface
from tests.walls.conftest import Walls

FOUND = [(found, method) for found in all_routes() for method in found.methods]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
REFUSED = {303, 307, 400, 401, 403, 404, 405, 413, 421, 410, 422, 429, 503}


def path_of(found: WebRoute, whose: dict[str, Any], text: str = "") -> str:
    """The route's address with real ids in it."""
    account_id, version = whose["picture"].split("/")
    values = {
        "account_id:int": account_id,
        "version": version,
        "public_id": whose["public_ids"][0],
        "message_id:int": str(whose["ids"][-1]),
        "provider": "google",
    }
    return re.sub(r"{([^}]+)}", lambda gap: text or values.get(gap[1], "x"), found.path)


def browser(walls: Walls, who: str) -> httpx.Client:
    headers = {"Origin": walls.served.url, "Accept": "text/html"}
    if who != "anonymous":
        headers["Cookie"] = walls.cookie(who)
    return httpx.Client(base_url=walls.served.url, headers=headers, trust_env=False, timeout=20)


def named(one: tuple[WebRoute, str]) -> str:
    return f"{one[1]} {one[0].path}"


def test_every_route_stands_in_the_committed_list(capsys: pytest.CaptureFixture[str]) -> None:
    """A new route fails here until somebody has read its line."""
    with capsys.disabled():
        print(f"\nroutes in the matrix: {len(FOUND)} of {len(surface.route_lines())}")
    assert surface.route_lines() == surface.ROUTES.read_text().splitlines()


@pytest.mark.parametrize("one", FOUND, ids=named)
@pytest.mark.parametrize("who", ["anonymous", "disabled"])
def test_without_a_session_a_closed_route_is_closed(
    walls: Walls, unchanged: object, secret: str, one: tuple[WebRoute, str], who: str
) -> None:
    found, method = one
    if (found.path, who) == ("/sign-out", "disabled"):
        return  # ending one's own session is open to whoever has one
    with browser(walls, who) as client:
        answer = client.request(method, path_of(found, walls.mine))
        assert secret not in answer.text
        if found.who in (Who.SESSION, Who.OPERATOR):
            assert answer.status_code in (303, 401)
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/")
        again = client.request(method, path_of(found, walls.mine))
        assert again.status_code in (answer.status_code, 429)


@pytest.mark.parametrize("one", FOUND, ids=named)
def test_another_organizations_ids_open_nothing(walls: Walls, secret: str, one: tuple[WebRoute, str]) -> None:
    found, method = one
    if found.path == "/sign-out":
        return
    before = walls.rows(of=walls.mine["organization_id"])
    with browser(walls, "other owner") as client:
        foreign = client.request(method, path_of(found, walls.mine))
        unknown = client.request(method, path_of(found, walls.mine, text="88888888"))
        assert secret not in foreign.text
        if "{" in found.path:
            assert (foreign.status_code, foreign.text) == (unknown.status_code, unknown.text)
            assert foreign.status_code in REFUSED
    assert walls.rows(of=walls.mine["organization_id"]) == before


@pytest.mark.parametrize("who", ["viewer", "agent", "admin", "other owner"])
def test_a_route_of_the_installation_is_for_operators(walls: Walls, unchanged: object, who: str) -> None:
    closed = [found for found, _ in FOUND if found.who is Who.OPERATOR]
    with browser(walls, who) as client:
        for found in closed:
            assert client.request(found.methods[0], path_of(found, walls.mine)).status_code in (403, 404)


@pytest.mark.parametrize("one", FOUND, ids=named)
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_foreign_page_posts_nothing(
    walls: Walls, unchanged: object, one: tuple[WebRoute, str], origin: str
) -> None:
    found, method = one
    if method == "GET":
        return
    with browser(walls, "owner") as client:
        answer = client.request(method, path_of(found, walls.mine), headers={"Origin": origin})
        assert answer.status_code == 403


@pytest.mark.parametrize("one", FOUND, ids=named)
def test_a_get_changes_nothing(walls: Walls, unchanged: object, one: tuple[WebRoute, str]) -> None:
    found, method = one
    if method == "GET":
        with browser(walls, "owner") as client:
            client.get(path_of(found, walls.mine), headers={"Sec-Fetch-Site": "cross-site"})


@pytest.mark.parametrize("one", FOUND, ids=named)
def test_other_methods_are_not_there(walls: Walls, unchanged: object, one: tuple[WebRoute, str]) -> None:
    found, _ = one
    known = {method for other, method in FOUND if other.path == found.path} | {"HEAD"}
    with browser(walls, "agent") as client:
        for method in METHODS:
            if method not in known:
                assert client.request(method, path_of(found, walls.mine)).status_code in (404, 405)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/files/x", "/healthz", "/nothing/here", "/tokens.css"])
@pytest.mark.parametrize("who", ["anonymous", "agent"])
def test_every_answer_carries_the_security_headers(walls: Walls, path: str, who: str) -> None:
    with browser(walls, who) as client:
        headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "unsafe-eval" not in policy
    scripts = next(
        (part for part in policy.split("; ") if part.startswith("script-src")), "default-src 'none'"
    )
    assert "unsafe-inline" not in scripts
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    "header", ["Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Auth-Request-Email"]
)
def test_headers_that_claim_an_identity_are_ignored(walls: Walls, unchanged: object, header: str) -> None:
    with browser(walls, "anonymous") as client:
        answer = client.get("/", headers={header: "owner@mine.test"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_the_session_never_stands_in_an_answer_or_the_log(walls: Walls) -> None:
    token = walls.cookie("owner").partition("=")[2]
    with browser(walls, "owner") as client:
        for found, method in FOUND:
            if method == "GET":
                answer = client.get(path_of(found, walls.mine))
                assert token not in answer.text + str(answer.headers)
    assert token not in walls.served.log.read_text()
