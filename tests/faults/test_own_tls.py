"""The desk with a certificate of its own, as `casso serve` starts it: pages, cookie, socket, renewal."""

import asyncio
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.servers.certificates import Certificate, make_certificate
from tests.servers.product import PASSWORD, ROOT, Product, product
from tests.servers.socket_client import SocketClient

pytestmark = pytest.mark.faults
ANA = {"email": "ana@northwind.example", "password": PASSWORD}


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, tls: Certificate) -> Iterator[Product]:
    own = {"CASSO_TLS_CERT": str(tls.certificate), "CASSO_TLS_KEY": str(tls.key)}
    with product(tmp_path_factory.mktemp("tls"), **own) as found:
        found.set_up()
        found.start()
        yield found


@pytest.fixture(scope="module")
def trusted(tls: Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=tls.certificate)


@pytest.fixture
def browser(desk: Product, trusted: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Checks the certificate; no environment of ours tells it to trust something else."""
    with httpx.Client(base_url=desk.url, verify=trusted, headers={"Origin": desk.url}) as client:
        yield client


def shown(desk: Product) -> bytes:
    """The certificate that the desk shows to whoever comes."""
    anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anything.check_hostname, anything.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", desk.port))
    with anything.wrap_socket(plain) as encrypted:
        assert encrypted.version() in ("TLSv1.2", "TLSv1.3")
        return encrypted.getpeercert(binary_form=True) or b""


def test_a_page_over_https_asks_browsers_to_stay_with_https(browser: httpx.Client) -> None:
    page = browser.get("/sign-in")
    assert page.status_code == 200
    assert re.match(r"max-age=\d{8}", page.headers["strict-transport-security"])


def test_the_session_is_a_host_cookie_that_travels_over_https_alone(browser: httpx.Client) -> None:
    entered = browser.post("/sign-in", data=ANA)
    assert entered.status_code == 303
    cookies = entered.headers.get_list("set-cookie")
    session = next(one for one in cookies if one.startswith("__Host-casso="))
    assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in session.split(";")}
    assert "domain" not in session.lower()
    assert all("Secure" in one for one in cookies), cookies
    assert browser.get("/", follow_redirects=False).status_code == 200


def test_events_travel_over_wss(desk: Product, browser: httpx.Client, trusted: ssl.SSLContext) -> None:
    browser.post("/sign-in", data=ANA)
    own = f"__Host-casso={browser.cookies['__Host-casso']}"
    # In a thread: a browser that other tests drive here holds this one's event loop.
    with ThreadPoolExecutor(1) as thread:
        for cookie, is_there in ((own, True), ("", False)):
            assert thread.submit(asyncio.run, is_greeted(desk.url, cookie, trusted)).result() is is_there


async def is_greeted(url: str, cookie: str, trusted: ssl.SSLContext) -> bool:
    """Whether a tab with this cookie is told Ana's name."""
    async with SocketClient(url, cookie=cookie, trusted=trusted) as tab:
        await tab.hydrate()
        if cookie:
            await tab.until(lambda: "Ana Ruiz" in tab.seen())
        return "Ana Ruiz" in tab.seen()


def test_nothing_is_said_without_encryption(desk: Product) -> None:
    with socket.create_connection(("127.0.0.1", desk.port)) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP/1.1 200" not in plain.recv(4096)


def test_a_renewed_certificate_is_loaded_without_a_restart(
    desk: Product, tls: Certificate, tmp_path: Path
) -> None:
    before, renewed = shown(desk), make_certificate(tmp_path)
    processes = (desk.data_dir / "processes.json").read_text()
    wanted = ssl.PEM_cert_to_DER_cert(renewed.certificate.read_text())
    kept = [path.read_bytes() for path in (tls.certificate, tls.key)]
    shutil.copy(renewed.certificate, tls.certificate)
    shutil.copy(renewed.key, tls.key)
    try:
        assert desk.until(lambda: shown(desk) == wanted, seconds=40)
        assert shown(desk) != before
        assert (desk.data_dir / "processes.json").read_text() == processes
    finally:
        tls.certificate.write_bytes(kept[0])
        tls.key.write_bytes(kept[1])


@pytest.mark.parametrize("command", ["serve", "web", "worker", "prepare"])
def test_a_key_of_another_certificate_stops_the_start_in_one_line(
    tmp_path: Path, tls: Certificate, command: str
) -> None:
    other = make_certificate(tmp_path)
    own = {"CASSO_TLS_CERT": str(tls.certificate), "CASSO_TLS_KEY": str(other.key)}
    with product(tmp_path, **own) as found:
        done = _started(found, command)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "CASSO_TLS_KEY is not the key of the certificate in CASSO_TLS_CERT" in line


def test_an_ended_certificate_is_told_in_one_line(tmp_path: Path) -> None:
    ended = make_certificate(tmp_path, begins=timedelta(days=-90), ends=timedelta(days=-1))
    own = {"CASSO_TLS_CERT": str(ended.certificate), "CASSO_TLS_KEY": str(ended.key)}
    with product(tmp_path, **own) as found:
        done = _started(found, "prepare")
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert "the certificate of CASSO_TLS_CERT ended on" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_certificate_that_cannot_be_read_stops_the_start(tmp_path: Path, tls: Certificate) -> None:
    copy = tmp_path / "cert.pem"
    copy.write_bytes(tls.certificate.read_bytes())
    copy.chmod(0)
    with product(tmp_path, CASSO_TLS_CERT=str(copy), CASSO_TLS_KEY=str(tls.key)) as found:
        done = _started(found, "prepare")
    assert done.returncode == 1
    assert "CASSO_TLS_CERT names a file that cannot be read" in done.stderr


def _started(found: Product, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "casso", command], cwd=ROOT, env=found.env, capture_output=True, text=True
    )
