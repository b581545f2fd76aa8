"""A thumb hits what it aims at: on the phone whatever can be pressed is at least 44 pixels each way."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.browser import SETTINGS, signed_in
from tests.servers.product import Product, letter

pytestmark = pytest.mark.browser
SUPPORT = "support@northwind.example"
PAGES = (
    "/?queue=open", "/?queue=closed", "/?q=order", "/tickets/999999", "/nowhere", *SETTINGS
)  # fmt: skip
SETTLED = ".state, .sheet form, .sheet .entry, .sheet .table, a.row .sub"
# A check or radio is pressed by its label; a label that only names its field is no target of its own.
TOO_SMALL = """() => [...document.querySelectorAll('a,button,summary,input,select,textarea')]
.flatMap((one) => {
  if (!one.checkVisibility({visibilityProperty: true}) || one.closest('.sr,.skip')) return [];
  const target = one.matches('[type=radio],[type=checkbox]') ? one.closest('label') : one;
  const box = target.getBoundingClientRect();
  const fits = box.width >= 43.5 && box.height >= 43.5;
  return fits || !box.width ? [] : [`${one.outerHTML.slice(0, 90)} ${box.width}x${box.height}`];
})"""


@pytest.fixture
def phone(browser: Browser, filled: Product) -> Iterator[Page]:
    found = signed_in(browser, filled, width=390, height=844)
    yield found
    found.context.close()


def test_every_page_can_be_used_with_a_thumb(phone: Page, filled: Product) -> None:
    for path in PAGES:
        phone.goto(filled.url + path)
        expect(phone.locator(SETTLED).locator("visible=true").first).to_be_visible()
        assert phone.evaluate(TOO_SMALL) == [], path
    phone.goto(f"{filled.url}/settings/mailboxes")
    phone.locator(".entry .btn").first.click()
    phone.locator("[name=is_enabled]").check()
    assert phone.evaluate(TOO_SMALL) == []
    for path, opens in (
        ("members", ".people .btn"),
        ("teams", ".entry .btn"),
        ("roles", ".sheet > header .btn"),
    ):
        phone.goto(f"{filled.url}/settings/{path}")
        phone.locator(opens).first.click()
        expect(phone.locator(".sheet form .btn.primary")).to_be_visible()
        assert phone.evaluate(TOO_SMALL) == [], path


def test_a_ticket_and_what_opens_from_it_can_be_used_with_a_thumb(phone: Page, filled: Product) -> None:
    mail = letter("Kim <kim@lotus.example>", SUPPORT, "Thumbs", "Hello,\n\nplease.\n\n> quoted\n> history")
    mail.add_attachment(b"%PDF-1.4", "application", "pdf", filename="a.pdf")
    filled.mail(mail)
    phone.goto(f"{filled.url}/?queue=open")
    phone.locator("a.row", has_text="Thumbs").click()
    expect(phone.locator("article .file")).to_be_visible()
    phone.locator(".cc summary").click()
    phone.locator("#casso-files").set_input_files({"name": "b.txt", "mimeType": "text/plain", "buffer": b"b"})
    expect(phone.locator(".upload[data-id]")).to_be_visible()
    assert phone.evaluate(TOO_SMALL) == []
    phone.locator(".split summary").click()
    assert phone.evaluate(TOO_SMALL) == []
    phone.keyboard.press("Escape")
    phone.locator(".to-ctx").click()
    phone.locator(".ctx summary").first.click()
    assert phone.evaluate(TOO_SMALL) == []


def test_signing_in_can_be_done_with_a_thumb(browser: Browser, filled: Product) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{filled.url}/sign-in")
    assert page.evaluate(TOO_SMALL) == []
    page.evaluate("document.querySelector('.btn').style.height = '30px'")
    page.evaluate("document.querySelector('.btn').style.minHeight = '30px'")
    assert len(page.evaluate(TOO_SMALL)) == 1
    page.context.close()
