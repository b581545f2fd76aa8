"""The product as it runs for people: where it listens, what it tells, and that it calls nobody."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Response

from tests.servers.product import PASSWORD, Product, product

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
EGRESS = Path(__file__).parent / "egress"
LOCAL = re.compile(r"127\.0\.0\.1|'localhost'|::1|'/|''|None|b'127\.0\.0\.1'|b'localhost'")
FIRST_LOAD_BYTES, FONT_BYTES = 550_000, 120_000
_TOKEN = """
import sys
from casso.services.login import sign_in
print(sign_in("ana@northwind.example", sys.argv[1], ip="127.0.0.1", browser="test"))
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running product whose processes note every connection they try."""
    folder = tmp_path_factory.mktemp("posture")
    with product(folder, PYTHONPATH=str(EGRESS), EGRESS_FILE=str(folder / "egress")) as found:
        found.set_up()
        found.start()
        yield found


@pytest.fixture(scope="module")
def cookie(desk: Product) -> str:
    """Ana's session."""
    command = [sys.executable, "-c", _TOKEN, PASSWORD]
    return subprocess.run(
        command, cwd=ROOT, env=desk.env, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def page(desk: Product, cookie: str, browser: Browser) -> Iterator[Page]:
    """Ana's browser."""
    context = browser.new_context()
    context.add_cookies([{"name": "casso", "value": cookie, "url": desk.url, "httpOnly": True}])
    yield context.new_page()
    context.close()


def test_nothing_is_connected_to_at_start_or_when_idle(desk: Product, tmp_path: Path) -> None:
    time.sleep(3)
    noted = Path(desk.env["EGRESS_FILE"])
    tried = noted.read_text().splitlines() if noted.exists() else []
    assert [line for line in tried if not LOCAL.search(line)] == []


def test_a_connection_to_the_outside_would_be_noticed(tmp_path: Path) -> None:
    noted = tmp_path / "egress"
    outside = ("192.0.2.1", 443)
    code = f"import socket\nwith socket.socket() as s:\n    s.setblocking(False)\n    s.connect_ex({outside})"
    subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(EGRESS), "EGRESS_FILE": str(noted)}, check=True
    )
    assert not LOCAL.search(noted.read_text())


def test_the_web_process_listens_on_the_chosen_address_only(desk: Product) -> None:
    port = f":{desk.port:04X}"
    listening = [
        line.split()[1]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(port)
    ]
    assert listening == ["0100007F" + port]


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/settings", "/healthz", "/_upload", "/_all_routes", "/nothing"]
)
def test_no_answer_is_without_the_headers(desk: Product, cookie: str, path: str) -> None:
    with httpx.Client(base_url=desk.url, trust_env=False, cookies={"casso": cookie}) as browser:
        answer = browser.get(path)
    policy = answer.headers["content-security-policy"]
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.partition("style-src")[0]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_inbox_runs_under_its_policy_and_within_its_budget(desk: Product, page: Page) -> None:
    told: list[str] = []
    loaded: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if response.url.startswith(desk.url):
            loaded[response.url] = int(response.headers.get("content-length", "0"))

    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("response", weigh)
    frames: list[object] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    page.goto(desk.url)
    page.wait_for_function("document.querySelector('main') !== null")
    page.wait_for_timeout(1500)
    assert [text for text in told if "favicon" not in text] == []
    assert frames, "the socket never answered"
    code = sum(size for url, size in loaded.items() if re.search(r"\.(js|css)(\?|$)", url))
    fonts = sum(size for url, size in loaded.items() if ".woff2" in url)
    assert 0 < code <= FIRST_LOAD_BYTES
    assert fonts <= FONT_BYTES


def test_a_page_open_when_its_session_ends_goes_to_sign_in(desk: Product, page: Page) -> None:
    token = subprocess.run(
        [sys.executable, "-c", _TOKEN, PASSWORD],
        cwd=ROOT,
        env=desk.env,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    page.context.add_cookies([{"name": "casso", "value": token, "url": desk.url, "httpOnly": True}])
    page.goto(desk.url)
    page.wait_for_timeout(1000)
    end = "import sys\nfrom casso.services.sessions import sign_out\nsign_out(sys.argv[1])"
    subprocess.run([sys.executable, "-c", end, token], cwd=ROOT, env=desk.env, check=True)
    page.evaluate(
        "history.pushState({}, '', '/settings'); dispatchEvent(new PopStateEvent('popstate', {state: {}}))"
    )
    page.wait_for_url("**/sign-in*", timeout=5000)
