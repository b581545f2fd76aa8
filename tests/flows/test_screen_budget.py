"""What the browser really fetches: bytes on the wire as Chromium counts them, socket frames, and hosts.

Once for the inbox, once for the pages before it; no page asks any other host for anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.browser import signed_in
from tests.servers.product import Product, letter, product

pytestmark = pytest.mark.browser
SUPPORT = "support@northwind.example"
CODE_BYTES, FONT_BYTES, PUBLIC_BYTES, FRAME_BYTES = 550_000, 120_000, 60_000, 60_000
CODE = re.compile(r"\.(js|css|svg)$")


@dataclass
class Wire:
    """Everything that a page fetched: address → bytes as they came, compressed; and its socket's frames."""

    page: Page
    loaded: dict[str, int] = field(default_factory=dict)
    frames: list[int] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    _address: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Listen on the wire; with an empty cache, as on a first visit."""
        session = self.page.context.new_cdp_session(self.page)
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._came)
        session.on("Network.webSocketCreated", lambda one: self.hosts.add(urlsplit(one["url"]).netloc))
        session.on(
            "Network.webSocketFrameReceived",
            lambda one: self.frames.append(len(one["response"]["payloadData"])),
        )
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def weight(self, kind: re.Pattern[str]) -> int:
        """Bytes of everything whose path matches."""
        return sum(size for url, size in self.loaded.items() if kind.search(urlsplit(url).path))

    def _asked(self, event: dict[str, dict[str, str]]) -> None:
        url = event["request"]["url"]
        self._address[str(event["requestId"])] = url
        if not url.startswith(("data:", "blob:")):
            self.hosts.add(urlsplit(url).netloc)

    def _came(self, event: dict[str, str]) -> None:
        url = self._address.get(event["requestId"], "")
        self.loaded[url] = self.loaded.get(url, 0) + int(event["encodedDataLength"])


@pytest.fixture
def page(browser: Browser, filled: Product) -> Iterator[Page]:
    """Ana's own browser."""
    found = signed_in(browser, filled)
    yield found
    found.context.close()


def test_the_first_load_of_the_inbox_is_within_its_budget(page: Page, filled: Product) -> None:
    wire = Wire(page)
    page.goto(f"{filled.url}/?queue=open")
    expect(page.locator("a.row").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    code, fonts = wire.weight(CODE), wire.weight(re.compile(r"\.woff2$"))
    print(f"inbox: {code:,} bytes of script and style, {fonts:,} of fonts, frames {sorted(wire.frames)[-3:]}")
    assert 50_000 < code <= CODE_BYTES
    assert 5_000 < fonts <= FONT_BYTES
    assert wire.hosts == {urlsplit(filled.url).netloc}


def test_walking_the_list_sends_small_frames(page: Page, filled: Product) -> None:
    page.goto(f"{filled.url}/?queue=open")
    wire = Wire(page)
    page.reload()
    expect(page.locator("a.row").first).to_be_visible()
    for _ in range(8):
        before = page.url
        page.keyboard.press("j")
        page.wait_for_function("before => location.href !== before", arg=before)
        expect(page.locator("article").first).to_be_visible()
    assert 0 < max(wire.frames) <= FRAME_BYTES
    assert wire.hosts == {urlsplit(filled.url).netloc}


def test_a_ticket_full_of_text_comes_in_a_small_frame(page: Page, filled: Product) -> None:
    """Twelve messages of what one may show at most: together more than a screen is given at once."""
    key, subject = "<long-0@lotus.example>", "A very long story"
    for part in range(12):
        text = " ".join(f"Chapter {part}, sentence {line}: nothing happened." for line in range(95))
        mail = letter("Lea <lea@lotus.example>", SUPPORT, subject, text)
        mail["Message-ID"] = f"<long-{part}@lotus.example>"
        if part:
            mail["In-Reply-To"] = mail["References"] = key
        filled.mail(mail)
    page.goto(f"{filled.url}/?queue=open&status=new")
    row = page.locator("a.row", has_text=subject)
    expect(row).to_contain_text("Chapter 11", timeout=15_000)
    wire = Wire(page)
    page.reload()
    expect(row).to_be_visible()
    wire.frames.clear()
    row.click()
    expect(page.locator("article", has_text="Chapter 11,")).to_be_visible()
    page.wait_for_timeout(300)
    print(f"a long ticket: largest frame {max(wire.frames):,} bytes")
    assert 20_000 < max(wire.frames) <= FRAME_BYTES


def test_public_pages_are_light_and_ask_nobody_else(
    browser: Browser, filled: Product, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with product(tmp_path_factory.mktemp("public")) as unset:
        unset.start()
        for address in (f"{filled.url}/sign-in", f"{unset.url}/set-up"):
            page = browser.new_page()
            wire = Wire(page)
            page.goto(address)
            page.wait_for_load_state("networkidle")
            print(f"{address}: {sum(wire.loaded.values()):,} bytes")
            assert 1_000 < sum(wire.loaded.values()) <= PUBLIC_BYTES
            assert wire.hosts == {urlsplit(address).netloc}
            scripts = {urlsplit(url).path for url in wire.loaded if url.endswith(".js")}
            assert scripts <= {"/passkeys.js"}
            page.close()
