"""The desk behind a real Caddy, set up as docs/hosting.md says; what visitors claim counts for nothing."""

import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from socketio.exceptions import ConnectionError as Refused

from tests.servers.back_end import BackEnd, back_end, beside
from tests.servers.caddy import available, caddy
from tests.servers.certificates import make_certificate
from tests.servers.ports import free_port
from tests.servers.redis_server import redis_server
from tests.servers.socket_client import SocketClient

PASSWORD = "correct horse battery"
PREPARE = """
import sys
from casso.services import schema, setup
schema.upgrade()
setup.set_up(setup.SetupForm(organization="Northwind", email="ana@northwind.example", password=sys.argv[1]))
"""
# Addresses of this machine: one for each visitor, as every client on the net has its own.
ANA, BEN = "127.0.0.9", "127.0.0.10"
FORGED = {
    "X-Forwarded-For": "203.0.113.5",
    "X-Real-IP": "203.0.113.6",
    "Forwarded": "for=203.0.113.7;host=evil.example;proto=http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "Remote-User": "ana@northwind.example",
}


@dataclass(frozen=True, slots=True)
class Site:
    """The desk as people reach it."""

    url: str
    trusted: ssl.SSLContext
    served: BackEnd

    def visitor(self, address: str, **headers: str) -> httpx.Client:
        """A browser at that address; it checks the certificate."""
        way = httpx.HTTPTransport(verify=self.trusted, local_address=address)
        return httpx.Client(base_url=self.url, transport=way, headers={"Origin": self.url} | headers)

    def addresses(self, action: str) -> list[str]:
        """What the trail says about where that was done from, the newest first."""
        query = (
            "select ip from trail_detail join trail_entry using (organization_id, number) "
            "where action = ? order by number desc"
        )
        with closing(sqlite3.connect(self.served.data_dir / "casso.db")) as connection:
            return [ip for (ip,) in connection.execute(query, (action,))]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if available() is None:
        pytest.skip("CADDY IS NOT INSTALLED: the desk behind a proxy is not tried (tests/servers/install.py)")
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    url, certificate = f"https://localhost:{port}", make_certificate(folder)
    settings = {"CASSO_URL": url, "CASSO_PROXY_HOPS": "1"}
    with back_end(folder, prepare=("-c", PREPARE, PASSWORD), **settings) as served:
        upstream = int(served.environment["CASSO_PORT"])
        with caddy(folder, certificate, port=port, upstreams=(upstream,)):
            yield Site(url, ssl.create_default_context(cafile=certificate.certificate), served)


def enter(browser: httpx.Client, password: str = PASSWORD) -> httpx.Response:
    return browser.post("/sign-in", data={"email": "ana@northwind.example", "password": password})


def test_the_trail_has_the_visitors_own_address(site: Site) -> None:
    for address in (ANA, BEN):
        with site.visitor(address) as browser:
            assert enter(browser).status_code == 303
        assert site.addresses("session.started")[0] == address


def test_what_a_visitor_claims_about_the_way_counts_for_nothing(site: Site) -> None:
    with site.visitor(ANA, **FORGED) as browser:
        assert browser.get("/", headers={"Accept": "text/html"}).headers["location"] == "/sign-in"
        assert enter(browser, "wrong horse battery").status_code == 403
        assert enter(browser).status_code == 303
        assert browser.cookies["__Host-casso"]
    assert site.addresses("session.failed")[0] == ANA
    assert site.addresses("session.started")[0] == ANA


def test_the_cookie_and_the_headers_are_those_of_https(site: Site) -> None:
    with site.visitor(ANA) as browser:
        entered = enter(browser)
    cookie = next(one for one in entered.headers.get_list("set-cookie") if one.startswith("__Host-casso="))
    assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "max-age=" in entered.headers["strict-transport-security"]
    assert entered.headers["location"] == "/"


async def test_events_travel_through_the_proxy(site: Site) -> None:
    with site.visitor(ANA) as browser:
        enter(browser)
        cookie = f"__Host-casso={browser.cookies['__Host-casso']}"
    async with SocketClient(site.url, cookie=cookie, trusted=site.trusted) as tab:
        await tab.hydrate()
        await tab.until(lambda: "ana@northwind.example" in tab.seen())
    async with SocketClient(site.url, trusted=site.trusted) as stranger:
        await stranger.hydrate()
        assert "ana@northwind.example" not in stranger.seen()


async def test_another_sites_socket_is_refused_through_the_proxy_too(site: Site) -> None:
    with pytest.raises(Refused):
        async with SocketClient(site.url, origin="https://evil.example", trusted=site.trusted):
            pass


def test_a_page_under_another_name_is_not_served(site: Site) -> None:
    with site.visitor(ANA, Host="evil.example") as browser:
        assert "/sign-in" not in browser.get("/sign-in").text


def test_without_the_proxys_word_its_own_address_counts(site: Site) -> None:
    own_door = site.served.url
    with httpx.Client(base_url=own_door, headers={"Origin": own_door}) as beside:
        beside.post("/sign-in", data={"email": "ana@northwind.example", "password": "wrong horse battery"})
    assert site.addresses("session.failed")[0] == "127.0.0.1"


async def test_two_web_processes_share_the_visits_without_anybody_noticing(tmp_path: Path) -> None:
    if available() is None:
        pytest.skip("CADDY IS NOT INSTALLED: two web processes behind a proxy are not tried")
    port, certificate = free_port(), make_certificate(tmp_path)
    url, trusted = f"https://localhost:{port}", ssl.create_default_context(cafile=certificate.certificate)
    with redis_server(password="not-for-everybody") as redis_url, ExitStack() as stack:
        settings = {"CASSO_URL": url, "CASSO_PROXY_HOPS": "1", "CASSO_REDIS_URL": redis_url}
        one = stack.enter_context(back_end(tmp_path, prepare=("-c", PREPARE, PASSWORD), **settings))
        two = stack.enter_context(beside(one))
        upstreams = tuple(int(process.environment["CASSO_PORT"]) for process in (one, two))
        stack.enter_context(caddy(tmp_path, certificate, port=port, upstreams=upstreams))
        with Site(url, trusted, one).visitor(ANA) as browser:
            assert enter(browser).status_code == 303
            cookie = f"__Host-casso={browser.cookies['__Host-casso']}"
            for _ in range(20):
                assert browser.get("/sign-in").headers["location"] == "/"
        token = ""
        for _ in range(8):
            async with SocketClient(url, cookie=cookie, trusted=trusted, token=token) as tab:
                token = tab.token
                await tab.hydrate()
                await tab.until(lambda tab=tab: "ana@northwind.example" in tab.seen())
