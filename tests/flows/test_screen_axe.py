"""No page has a serious finding of axe-core, in light and in dark, on the desktop and on the phone."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from casso.queries.tickets import list_queue
from tests.flows.browser import SETTINGS, signed_in
from tests.servers.inside import inside
from tests.servers.product import Product, product

pytestmark = pytest.mark.browser
PAGES = (
    "/", "/?queue=open", "/?q=order", "/?q=qqqzzz", "/tickets/999999", "/nowhere", *SETTINGS
)  # fmt: skip
SETTLED = ".state, .sheet form, .sheet .entry, .sheet .table, a.row .sub, .first, .auth-card"


@dataclass(frozen=True, slots=True)
class Look:
    """How a person looks at the desk."""

    scheme: str
    width: int
    height: int


LOOKS = (Look("light", 1440, 900), Look("dark", 1440, 900), Look("dark", 390, 844))


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look.scheme}-{look.width}")
def page(request: pytest.FixtureRequest, browser: Browser, filled: Product) -> Iterator[Page]:
    """Ana's browser in these colours and this size."""
    found = signed_in(browser, filled, width=request.param.width, height=request.param.height)
    found.emulate_media(color_scheme=request.param.scheme)
    yield found
    found.context.close()


def findings(page: Page) -> list[str]:
    """What axe-core finds and calls serious or critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {one['id']} {one['nodes'][0]['html'][:120]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_axe_finds_nothing_serious_on_any_page(page: Page, filled: Product) -> None:
    wrong: list[str] = []
    for path in PAGES:
        page.goto(filled.url + path)
        expect(page.locator(SETTLED).locator("visible=true").first).to_be_visible()
        wrong += findings(page)
    assert wrong == []


def test_axe_finds_nothing_serious_in_a_ticket_and_what_opens_from_it(page: Page, filled: Product) -> None:
    with inside(filled) as look:
        number = list_queue(look.owner(), "open").rows[0].number
    page.goto(f"{filled.url}/tickets/{number}?queue=open")
    expect(page.locator("article").first).to_be_visible()
    wrong = findings(page)
    page.locator(".chead .menu summary").click()
    wrong += findings(page)
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    wrong += findings(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    wrong += findings(page)
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_before_signing_in(browser: Browser, filled: Product, scheme: str) -> None:
    page = browser.new_context(color_scheme=scheme).new_page()  # type: ignore[arg-type]
    page.goto(f"{filled.url}/sign-in")
    assert findings(page) == []
    page.get_by_label("Mail address").fill("nobody@lotus.example")
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert findings(page) == []
    page.context.close()


def test_axe_finds_nothing_serious_on_a_first_visit(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with product(tmp_path_factory.mktemp("first")) as desk:
        desk.start()
        page = browser.new_page()
        page.goto(f"{desk.url}/set-up")
        wrong = findings(page)
        desk.set_up()
        page.close()
        page = signed_in(browser, desk)
        expect(page.locator(".first")).to_be_visible()
        wrong += findings(page)
        page.context.close()
    assert wrong == []


def test_axe_would_find_a_control_without_a_name(browser: Browser, filled: Product) -> None:
    page = browser.new_page()
    page.goto(f"{filled.url}/sign-in")
    page.evaluate("document.querySelector('label').remove()")
    assert any("label" in one for one in findings(page))
    page.close()
