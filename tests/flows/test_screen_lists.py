"""The list stays where it is: nothing moves under the pointer, back returns, the address is the truth.

And the whole screen follows the person at once: language, colours, and words that are 40 % longer.
"""

import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from casso.services import preferences
from tests.flows.browser import signed_in
from tests.servers.inside import inside
from tests.servers.product import Product, letter

pytestmark = pytest.mark.browser
SUPPORT = "support@northwind.example"
WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth > innerWidth"
Y_OF = "number => document.querySelector(`a.row[data-ticket='${number}']`).getBoundingClientRect().top"
AT = "([x, y]) => document.elementFromPoint(x, y).closest('a.row').dataset.ticket"
_serial = itertools.count(1)


@pytest.fixture
def page(browser: Browser, filled: Product) -> Iterator[Page]:
    """Ana's own browser, on the list of everything open."""
    found = signed_in(browser, filled)
    found.goto(f"{filled.url}/?queue=open")
    expect(found.locator("a.row").first).to_be_visible()
    yield found
    found.context.close()


@pytest.fixture
def as_ana_likes_it(filled: Product) -> Iterator[Product]:
    """Whatever a test chooses for Ana is taken back."""
    yield filled
    choose(filled, "en")


def choose(desk: Product, locale: str) -> None:
    with inside(desk) as look:
        preferences.set_appearance(look.owner(), locale=locale, theme="system", zone="")


def mail_in(desk: Product) -> str:
    """One more mail of a stranger; its subject."""
    subject = f"News {next(_serial)}"
    desk.mail(letter(f"Nina <n{next(_serial)}@lotus.example>", SUPPORT, subject, "Hello."))
    return subject


def top_of_list(page: Page) -> float:
    return float(page.locator(".rows").evaluate("rows => rows.scrollTop"))


def scroll_to(page: Page, top: int) -> None:
    page.locator(".rows").evaluate("(rows, top) => { rows.scrollTop = top; }", top)
    page.wait_for_timeout(50)


def test_new_mail_above_leaves_a_scrolled_list_where_it_is(page: Page, filled: Product) -> None:
    scroll_to(page, 400)
    page.mouse.move(200, 500)
    number = page.evaluate(AT, [200, 500])
    before = page.evaluate(Y_OF, number)
    subject = mail_in(filled)
    pill = page.locator(".pill")
    expect(pill).to_have_text("1 new")
    assert abs(page.evaluate(Y_OF, number) - before) <= 1
    assert page.evaluate(AT, [200, 500]) == number
    mail_in(filled)
    expect(pill).to_have_text("2 new")
    assert abs(page.evaluate(Y_OF, number) - before) <= 1
    pill.click()
    expect(page.locator("a.row", has_text=subject)).to_be_in_viewport()
    expect(pill).to_be_hidden()
    assert top_of_list(page) == 0


def test_nothing_moves_under_the_pointer_even_at_the_top(page: Page, filled: Product) -> None:
    page.mouse.move(200, 300)
    number = page.evaluate(AT, [200, 300])
    before = page.evaluate(Y_OF, number)
    subject = mail_in(filled)
    expect(page.locator("a.row", has_text=subject)).to_have_count(1)
    page.wait_for_timeout(100)
    assert abs(page.evaluate(Y_OF, number) - before) <= 1


def test_at_the_top_a_new_row_shows_itself(page: Page, filled: Product) -> None:
    page.mouse.move(900, 300)
    subject = mail_in(filled)
    expect(page.locator("a.row").first).to_contain_text(subject)
    expect(page.locator(".pill")).to_be_hidden()


def test_back_returns_to_the_same_place_of_the_list(page: Page) -> None:
    scroll_to(page, 700)
    page.locator("a.row").nth(12).click()
    page.wait_for_url("**/tickets/*")
    expect(page.locator("article").first).to_be_visible()
    page.go_back()
    page.wait_for_url("**/?queue=open")
    expect(page.locator(".app.at-list")).to_be_visible()
    page.wait_for_timeout(100)
    assert abs(top_of_list(page) - 700) <= 1


def test_the_address_brings_queue_status_and_search_back(page: Page, filled: Product) -> None:
    page.locator(".qhead h1 summary").click()
    page.locator(".qhead").get_by_role("link", name=re.compile("^Closed")).click()
    page.locator(".tabs").get_by_role("link", name="Solved").click()
    page.wait_for_url(re.compile(r"\?queue=closed&status=solved$"))
    for _ in range(2):
        expect(page.locator(".qhead h1 summary")).to_contain_text("Closed")
        expect(page.locator(".tabs [aria-current=true]")).to_have_text(re.compile(r"^Solved\d+$"))
        page.reload()
    page.locator("[name=q]").fill("order")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"q=order"))
    for _ in range(2):
        expect(page.locator("mark").first).to_be_visible()
        expect(page.locator("[name=q]")).to_have_value("order")
        page.reload()


def test_tabs_and_menu_count_and_follow_what_arrives(page: Page, filled: Product) -> None:
    new, title = page.locator(".tabs a", has_text="New").locator(".n"), page.locator(".qhead h1 .n").first
    counted = int(new.inner_text()), int(title.inner_text())
    mail_in(filled)
    expect(new).to_have_text(str(counted[0] + 1))
    expect(title).to_have_text(str(counted[1] + 1))
    page.locator(".qhead h1 summary").click()
    menu = page.locator(".qhead h1 .item", has_text="All open").locator(".n")
    expect(menu).to_have_text(str(counted[1] + 1))
    mail_in(filled)
    expect(menu).to_have_text(str(counted[1] + 2))
    expect(new).to_have_text(str(counted[0] + 2))


def test_found_words_are_marked_wherever_they_stand_and_stay_text(page: Page, filled: Product) -> None:
    sender, subject = "Zoë <img src=x> Quarkson", "The <b>zitherlamp</b> \u2068flickers\u2069"
    filled.mail(letter(f'"{sender}" <zoe@lotus.example>', SUPPORT, subject, "It is a zitherlamp indeed."))
    expect(page.locator("a.row", has_text="zitherlamp")).to_have_count(1)
    page.goto(f"{filled.url}/?q=zitherlamp")
    row = page.locator("a.row")
    expect(row.locator("mark")).to_have_text(["zitherlamp", "zitherlamp"])
    expect(row.locator(".sub")).to_have_text("The <b>zitherlamp</b> flickers")
    page.goto(f"{filled.url}/?q=quarkson")
    expect(row.locator(".who mark")).to_have_text("Quarkson")
    expect(row.locator(".who b")).to_have_text(sender)
    assert row.locator("b b, img").count() == 0


def test_language_and_colours_switch_at_once(page: Page, as_ana_likes_it: Product) -> None:
    page.goto(f"{as_ana_likes_it.url}/settings/appearance")
    page.get_by_label("Deutsch").check()
    page.get_by_label("Dark").check()
    page.evaluate("window.stayed = true")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("body")).to_have_css("background-color", "rgb(20, 20, 19)")
    expect(page).to_have_title("Einstellungen · Casso")
    assert page.evaluate("window.stayed")
    page.goto(f"{as_ana_likes_it.url}/?queue=open")
    expect(page.get_by_placeholder(re.compile("Wörter"))).to_be_visible()
    expect(page.locator("body")).to_have_css("background-color", "rgb(20, 20, 19)")


def test_longer_words_fit_the_phone(browser: Browser, as_ana_likes_it: Product) -> None:
    page = signed_in(browser, as_ana_likes_it, width=390, height=844)
    choose(as_ana_likes_it, "xx")
    for path in ("/", "/tickets/1", "/settings", "/settings/mailboxes", "/settings/appearance", "/nowhere"):
        page.goto(as_ana_likes_it.url + path)
        expect(page.locator("html")).to_have_attribute("lang", "en-x-long")
        expect(page.get_by_text("~").first).to_be_attached()
        assert not page.evaluate(WIDER_THAN_THE_SCREEN), path
    page.context.close()
