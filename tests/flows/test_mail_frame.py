"""Hostile mail in a real browser: a global tripwire and a log of every request.

Once as served, under the frame's own policy and sandbox; once without either, so that
the sanitiser is seen to hold alone; and once to see that the wire trips at all.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route
from sqlalchemy import update
from sqlmodel import col
from starlette.responses import PlainTextResponse

from casso import db
from casso.models import Message
from casso.rules.sanitize import clean_html
from casso.services import login
from casso.web.asgi import Protected
from casso.web.frame import SANDBOX
from tests.desks import PASSWORD, URL, Desk
from tests.rules.xss_vectors import vectors
from tests.services.mails import mail, take_in

pytestmark = pytest.mark.browser

SHELL = """<!doctype html><script>window.tripped = 0</script>
<iframe id="mail" {sandbox} src="/mail/1{query}" style="width:800px;height:2000px"></iframe>"""
POKE = """() => {
  const inside = document.getElementById('mail').contentDocument;
  for (const found of inside.querySelectorAll('*')) {
    for (const name of ['mouseover', 'focus', 'wheel', 'toggle', 'animationstart', 'error', 'load'])
      found.dispatchEvent(new Event(name, {bubbles: false}));
    if (!found.closest('a')) found.click?.();
  }
  return inside.querySelectorAll('*').length;
}"""


class Watched:
    """A page whose every request is answered here and written down."""

    def __init__(self, browser: Browser, frame: httpx.Response, *, is_bare: bool, query: str = "") -> None:
        self.requests: list[str] = []
        self.frame, self.is_bare, self.query = frame, is_bare, query
        self.page: Page = browser.new_context(locale="en-GB").new_page()
        self.page.route("**/*", self.answer)
        self.page.goto(f"{URL}/shell")
        self.page.wait_for_load_state("load")

    def answer(self, route: Route) -> None:
        address = route.request.url
        if address == f"{URL}/shell":
            sandbox = "" if self.is_bare else f'sandbox="{SANDBOX}"'
            route.fulfill(body=SHELL.format(sandbox=sandbox, query=self.query), content_type="text/html")
        elif address.startswith(f"{URL}/mail/1"):
            headers = (
                {"content-type": "text/html; charset=utf-8"} if self.is_bare else dict(self.frame.headers)
            )
            headers.pop("content-length", None)
            route.fulfill(body=self.frame.content, headers=headers)
        elif address.startswith(f"{URL}/fonts/"):  # our own typeface, from the desk itself
            route.fulfill(status=204)
        else:
            self.requests.append(address)
            route.fulfill(status=204)

    def poke(self) -> int:
        found: int = self.page.evaluate(POKE)
        self.page.wait_for_timeout(300)
        return found

    @property
    def tripped(self) -> bool:
        return bool(self.page.evaluate("window.tripped"))


def stored(html: str) -> None:
    """Message 1 with this HTML, sanitised piece by piece so that no vector hides another."""
    take_in(mail("plain"))
    with db.transaction(1) as session:
        session.execute(
            update(Message).where(col(Message.organization_id) == 1, col(Message.id) == 1).values(html=html)
        )


def fetched(desk: Desk, query: str = "") -> httpx.Response:
    """The frame as our own route serves it; in another thread, because the browser holds this one's loop."""
    token = login.sign_in(desk.owner.email, PASSWORD, ip="", browser="")
    app = Protected(PlainTextResponse(""), build=Path("none"))

    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=URL) as client:
            return await client.get(f"/mail/1{query}", headers={"Cookie": f"casso={token}"})

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(get())).result()


def hostile() -> str:
    return "\n".join(f"<div>{clean_html(vector).html}</div>" for vector in vectors())


@pytest.mark.parametrize("is_bare", [False, True], ids=["as served", "without policy and sandbox"])
def test_nothing_executes_submits_fetches_or_navigates(
    browser: Browser, sqlite_desk: Desk, is_bare: bool
) -> None:
    stored(hostile())
    watched = Watched(browser, fetched(sqlite_desk), is_bare=is_bare)
    assert watched.poke() > 500
    assert not watched.tripped
    assert watched.requests == []
    assert watched.page.url == f"{URL}/shell"
    assert watched.page.frames[1].url == f"{URL}/mail/1"


def test_remote_images_and_nothing_else_load_once_agreed(browser: Browser, sqlite_desk: Desk) -> None:
    html = '<img src="https://images.example/a.png"><p style="background:url(https://x.example/b)">x'
    stored(clean_html(html).html)
    before = Watched(browser, fetched(sqlite_desk), is_bare=False)
    assert before.requests == []
    agreed = Watched(browser, fetched(sqlite_desk, "?images=1"), is_bare=False, query="?images=1")
    assert agreed.requests == ["https://images.example/a.png"]


def test_the_screen_can_measure_the_frame_and_unfold_history(browser: Browser, sqlite_desk: Desk) -> None:
    stored(clean_html('<p>new</p><blockquote type="cite">old</blockquote>').html)
    watched = Watched(browser, fetched(sqlite_desk), is_bare=False)
    inside = "document.getElementById('mail').contentDocument"
    assert watched.page.evaluate(f"{inside}.documentElement.getBoundingClientRect().height") > 10
    quote = watched.page.frame_locator("#mail").get_by_text("old")
    assert not quote.is_visible()
    watched.page.frame_locator("#mail").locator("summary").click()
    assert quote.is_visible()


def test_the_tripwire_trips_when_the_defences_are_gone(browser: Browser, sqlite_desk: Desk) -> None:
    stored("x")
    bad = b"<img src=x onerror='parent.tripped=1'><img src=https://evil.example/p>"
    planted = httpx.Response(200, content=bad)
    watched = Watched(browser, planted, is_bare=True)
    watched.poke()
    assert watched.tripped
    assert "https://evil.example/p" in watched.requests


def test_the_frames_policy_alone_stops_what_the_sanitiser_would_miss(
    browser: Browser, sqlite_desk: Desk
) -> None:
    stored("x")
    served = fetched(sqlite_desk)
    bad = b"<script>parent.tripped=1</script><img src=x onerror='parent.tripped=1'><img src=https://evil.example/p>"
    planted = httpx.Response(200, headers=served.headers, content=bad)
    watched = Watched(browser, planted, is_bare=False)
    watched.poke()
    assert not watched.tripped
    assert not any("evil" in address for address in watched.requests)
