"""Hostile mails through the real door onto the real screen (checks 52, 53, 64, 65).

A global tripwire waits in the page and in the frame, and every request that leaves
the browser is written down: none may go anywhere but to the desk until the agent
asks for the images of one mail.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, FrameLocator, Page, Route, expect

from tests.flows.browser import signed_in
from tests.rules.xss_vectors import JS, vectors
from tests.servers.inside import inside, wait_until
from tests.servers.product import Product, letter, product

pytestmark = pytest.mark.browser
SUPPORT = "support@northwind.example"
TRACKER = "https://tracker.example/pixel.png?who=ana"
# Two by two opaque pixels.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a730000001049444154789c63f8"
    "cfc000440c100a001fee03fd8b5f14d40000000049454e44ae426082"
)
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{JS}"><script>{JS}</script></svg>'.encode()
PAGE = f"<html><script>{JS}</script></html>".encode()
HOSTILE = f"""<html><head>
<meta http-equiv="refresh" content="0;url=https://evil.example/refresh">
<base href="https://evil.example/"><link rel="stylesheet" href="https://evil.example/a.css">
<link rel="prefetch" href="https://evil.example/b"><link rel="dns-prefetch" href="//evil.example">
<style>@import url(https://evil.example/c.css); @font-face{{font-family:x;src:url(https://evil.example/d)}}
p{{background:url(https://evil.example/e);font-family:x}}</style></head>
<body background="https://evil.example/f" onload="{JS}"><p>Good day,</p>
<script>{JS}</script><img src=x onerror="{JS}"><svg onload="{JS}"></svg>
<form action="https://evil.example/g"><input name=p autofocus onfocus="{JS}"><button>Sign in</button></form>
<iframe srcdoc="<script>{JS}</script>"></iframe><object data="https://evil.example/h"></object>
<video poster="https://evil.example/i" autoplay src="https://evil.example/j"></video>
<p style="background-image:url('https://evil.example/k')">styled</p>
<a href="javascript:{JS}">press here</a>
<img src="{TRACKER}" width="1" height="1"><img id="ours" src="cid:logo@lotus" alt="logo">
<p>the end of the mail</p></body></html>"""
POKE = """() => {
  const inside = document.querySelector('iframe.mailframe').contentDocument;
  for (const found of inside.querySelectorAll('*')) {
    for (const name of ['mouseover', 'focus', 'wheel', 'toggle', 'animationstart', 'error', 'load'])
      found.dispatchEvent(new Event(name, {bubbles: false}));
    if (!found.closest('a')) found.click?.();
  }
  return inside.querySelectorAll('*').length;
}"""
MEASURE = """() => {
  const frame = document.querySelector('iframe.mailframe'), inside = frame.contentDocument.documentElement;
  return [frame.clientHeight, inside.scrollHeight, frame.contentWindow.innerHeight];
}"""


@dataclass
class Watched:
    """Ana's browser: what left it for elsewhere, and what it was made to open."""

    page: Page
    home: str
    left: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.context.route(lambda url: not url.startswith(self.home), self.answer)
        self.page.context.on("page", lambda popup: self.opened.append(popup.url))
        self.page.on("dialog", lambda dialog: self.opened.append(dialog.message))

    def answer(self, route: Route) -> None:
        """Stands in for the whole outside: every address is a small picture."""
        self.left.append(route.request.url)
        route.fulfill(body=PNG, content_type="image/png")

    def open(self, subject: str) -> FrameLocator:
        """Open a ticket; its mail's frame."""
        self.page.goto(self.home)
        self.page.locator("[data-ticket]", has_text=subject).first.click()
        expect(self.page.get_by_role("heading", name=subject)).to_be_visible()
        frame = self.page.frame_locator("iframe.mailframe")
        expect(frame.locator("body")).to_be_visible()
        return frame

    def tripped(self) -> bool:
        """Whether any code of the mail ran, in the page or in the frame."""
        script = "window.tripped || document.querySelector('iframe.mailframe').contentWindow.tripped"
        return bool(self.page.evaluate(script))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running desk with three mails."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    with product(folder) as found:
        found.set_up()
        found.start()
        for mail in (hostile_mail(), html_mail("Every vector", "\n".join(vectors())), long_mail()):
            found.mail(mail)
        with inside(found) as look:
            wait_until("three tickets", lambda: look.count_tickets() == 3)
        yield found


@pytest.fixture
def watched(browser: Browser, desk: Product) -> Watched:
    """Ana's page on the inbox."""
    return Watched(signed_in(browser, desk), desk.url)


def html_mail(subject: str, html: str) -> EmailMessage:
    mail = letter("eve@lotus.example", SUPPORT, subject, "the plain text")
    mail.add_alternative(html, subtype="html")
    return mail


def hostile_mail() -> EmailMessage:
    mail = html_mail("Hostile", HOSTILE)
    parts = mail.get_payload()
    assert isinstance(parts, list)
    parts[1].add_related(PNG, "image", "png", cid="<logo@lotus>")
    mail.add_attachment(SVG, maintype="image", subtype="svg+xml", filename="drawing.svg")
    mail.add_attachment(PAGE, maintype="text", subtype="html", filename="page.html")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="photo.png")
    return mail


def long_mail() -> EmailMessage:
    return html_mail("Long", "".join(f"<p>Paragraph {number}</p>" for number in range(150)))


@pytest.mark.parametrize("subject", ["Hostile", "Every vector"])
def test_nothing_in_a_mail_acts_and_nothing_leaves_the_desk(watched: Watched, subject: str) -> None:
    watched.open(subject)
    address = watched.page.url
    inner = watched.page.frames[-1].url
    assert watched.page.evaluate(POKE) > (200 if subject == "Every vector" else 10)
    watched.page.wait_for_timeout(700)
    assert not watched.tripped()
    assert (watched.left, watched.opened) == ([], [])
    assert watched.page.url == address
    assert [frame.url for frame in watched.page.frames][-1] == inner


def test_the_tripwire_and_the_log_work(watched: Watched) -> None:
    """The check can fail: the same code in an unprotected place trips, and its request is seen."""
    watched.open("Hostile")
    watched.page.evaluate(f"() => {{ {JS} }}")
    assert watched.tripped()
    outside = watched.page.context.new_page()
    outside.set_content(f'<img src="{TRACKER}">')
    wait_until("the request", lambda: outside.wait_for_timeout(50) or watched.left)
    assert watched.left == [TRACKER]


def test_remote_images_come_only_when_asked_for(watched: Watched) -> None:
    frame = watched.open("Hostile")
    expect(frame.get_by_text("the end of the mail")).to_be_visible()
    watched.page.wait_for_timeout(500)
    assert watched.left == []
    watched.page.get_by_role("button", name="Show images").click()
    wait_until("the image", lambda: watched.page.wait_for_timeout(50) or watched.left)
    watched.page.wait_for_timeout(300)
    assert set(watched.left) == {TRACKER}
    assert not watched.tripped()


def test_an_inline_image_is_shown_and_the_frame_fits_its_content(watched: Watched) -> None:
    frame = watched.open("Hostile")
    image = frame.locator("img[alt=logo]")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.complete && image.naturalWidth") == 2
    watched.open("Long")
    wait_until("it grew", lambda: watched.page.evaluate(MEASURE)[0] > 2000)
    outer, content, inner = watched.page.evaluate(MEASURE)
    assert content <= inner <= outer


@pytest.mark.parametrize("name", ["drawing.svg", "page.html"])
def test_an_active_file_is_a_download_and_never_a_page(watched: Watched, name: str) -> None:
    watched.open("Hostile")
    watched.page.locator("a.file", has_text=name).wait_for()
    href = watched.page.locator("a.file", has_text=name).get_attribute("href") or ""
    answer = watched.page.request.get(watched.home + href)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    tab = watched.page.context.new_page()
    with tab.expect_download() as download, pytest.raises(Error, match="Download is starting"):
        tab.goto(watched.home + href)
    assert download.value.suggested_filename.startswith(name.partition(".")[0])
    assert not watched.tripped()


def test_files_and_mails_are_gone_after_sign_out(watched: Watched) -> None:
    frame = watched.open("Hostile")
    picture = str(frame.locator("img[alt=logo]").get_attribute("src"))
    files = [str(one.get_attribute("href")) for one in watched.page.locator("a.file").all()]
    mail = watched.page.locator("iframe.mailframe").get_attribute("src")
    assert len(files) == 3
    wanted = [watched.home + path for path in (*files, picture, str(mail))]
    ask = watched.page.request.get
    assert [ask(address).status for address in wanted] == [200] * 5
    cookies = watched.page.context.cookies()
    sign_out = watched.page.locator("form[action='/sign-out']")
    watched.page.locator("details.menu", has=sign_out).locator("summary").click()
    sign_out.get_by_role("button").click()
    watched.page.wait_for_url("**/sign-in*")
    watched.page.context.add_cookies(cookies)
    refused = [ask(address, max_redirects=0) for address in wanted]
    assert {answer.status for answer in refused} <= {303, 401, 404}
    assert not any(PNG in answer.body() or b"Good day" in answer.body() for answer in refused)
