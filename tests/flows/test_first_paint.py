"""What the eye meets first: the reader's own colours at once, and no word in a language that is not theirs.

The desk's answers are held back, so that the moment between page and state lasts.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from casso.services import preferences
from tests.flows.browser import signed_in
from tests.flows.line import SOCKET, Line
from tests.servers.inside import inside
from tests.servers.product import Product

pytestmark = pytest.mark.browser
PAGES = ("/?queue=open", "/tickets/1?queue=open", "/settings", "/settings/mailboxes", "/settings/appearance")
DARK, LIGHT = "rgb(20, 20, 19)", "rgb(251, 251, 250)"
# Every text that an eye could read now; what is for screen readers alone is clipped away.
READABLE = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const text = node.data.trim(), element = node.parentElement, box = element.getBoundingClientRect();
    if (!text || element.closest('script,.sr,[hidden],details:not([open]) > .panel,[popover]')) continue;
    const isShown = getComputedStyle(element).visibility === 'visible' && box.width && box.height;
    if (isShown) found.push(text);
  }
  return found;
}"""
TAKEN_OVER = "Object.keys(document.querySelector('.rail')).some((key) => key.startsWith('__react'))"
WATCH = """
globalThis.colours = new Set();
const look = () => {
  if (document.body) colours.add(getComputedStyle(document.body).backgroundColor);
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


@pytest.fixture
def liked(filled: Product) -> Iterator[Product]:
    """German and dark for Ana; taken back afterwards."""
    choose(filled, "de", "dark")
    yield filled
    choose(filled, "en", "system")


def choose(desk: Product, locale: str, theme: str) -> None:
    with inside(desk) as look:
        preferences.set_appearance(look.owner(), locale=locale, theme=theme, zone="")


def watched(browser: Browser, desk: Product) -> tuple[Page, Line, list[str]]:
    """Ana's browser on a system that is light and English, its socket, and what its console complains of."""
    page, line, complaints = signed_in(browser, desk), Line(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.route_web_socket(SOCKET, line.connect)
    return page, line, complaints


def test_no_word_and_no_colour_of_another_look_is_ever_seen(browser: Browser, liked: Product) -> None:
    page, line, complaints = watched(browser, liked)
    page.add_init_script(WATCH)
    for path in PAGES:
        line.holds = True
        page.goto(liked.url + path)
        expect(page.locator(".rail")).to_be_attached()
        page.wait_for_function(
            "Object.keys(document.querySelector('.rail')).some((key) => key.startsWith('__react'))"
        )
        assert page.evaluate(READABLE) == [], path
        assert page.locator("html").get_attribute("lang") == "de"
        line.release()
        expect(page.locator("[data-key='g s']")).to_have_attribute("title", "Einstellungen (g s)")
        assert page.evaluate(READABLE) != []
        assert page.evaluate("[...colours]") == [DARK], path
    assert complaints == []
    page.context.close()


def test_an_english_reader_sees_the_words_at_once(browser: Browser, filled: Product) -> None:
    page, line, complaints = watched(browser, filled)
    line.holds = True
    page.goto(f"{filled.url}/?queue=open")
    assert {"Unassigned", "All", "New", "Pending"} <= set(page.evaluate(READABLE))
    expect(page.locator("body")).to_have_css("background-color", LIGHT)
    line.release()
    expect(page.locator("a.row").first).to_be_visible()
    assert complaints == []
    page.context.close()


def test_a_desk_that_does_not_answer_shows_its_words_all_the_same(browser: Browser, liked: Product) -> None:
    page, line, _ = watched(browser, liked)
    page.clock.install()
    line.holds = True
    page.goto(f"{liked.url}/?queue=open")
    assert page.evaluate(READABLE) == []
    page.clock.fast_forward(5000)
    assert "All" in page.evaluate(READABLE)
    page.context.close()
