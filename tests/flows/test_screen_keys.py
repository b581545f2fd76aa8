"""The desk from the keyboard: every key does its one thing, and none of them while somebody types.

And what is typed: one draft a ticket, still there after another ticket, a reload and
an undo, gone after Send and after signing out.
"""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.flows.browser import signed_in
from tests.servers.product import Product, letter

pytestmark = pytest.mark.browser
SUPPORT = "support@northwind.example"
DRAFTS = "Object.keys(sessionStorage).filter((key) => key.startsWith('casso-draft-')).length"
_serial = itertools.count(1)


@pytest.fixture
def page(browser: Browser, filled: Product) -> Iterator[Page]:
    """Ana's own browser, on the list of everything open."""
    found = signed_in(browser, filled)
    found.goto(f"{filled.url}/?queue=open")
    expect(found.locator("a.row").first).to_be_visible()
    yield found
    found.context.close()


def fresh(page: Page, desk: Product) -> str:
    """A ticket of this test's own, opened; its subject."""
    subject = f"Keys {next(_serial)} of {id(page)}"
    desk.mail(letter("Kim <kim@lotus.example>", SUPPORT, subject, "Hello, please help."))
    page.locator("a.row", has_text=subject).click()
    expect(page.get_by_role("heading", name=subject)).to_be_visible()
    return subject


def area(page: Page) -> Locator:
    return page.locator("#casso-text")


def expect_selected(page: Page, number: str) -> None:
    """This row and no other, once the screen has settled: for a moment the row before may show it too."""
    expect(page.locator(f"a.row[aria-current=true]:not([data-ticket='{number}'])")).to_have_count(0)
    expect(page.locator(f"a.row[aria-current=true][data-ticket='{number}']")).to_have_count(1)


def test_j_and_k_walk_the_list_and_enter_opens_the_row_in_focus(page: Page) -> None:
    numbers = page.locator("a.row").evaluate_all("rows => rows.slice(0, 4).map(row => row.dataset.ticket)")
    for key, number in (("j", numbers[0]), ("j", numbers[1]), ("j", numbers[2]), ("k", numbers[1])):
        page.keyboard.press(key)
        page.wait_for_url(re.compile(rf"/tickets/{number}\?queue=open$"))
        expect_selected(page, number)
    page.locator("a.row").nth(3).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/tickets/{numbers[3]}\?"))


def test_quick_presses_go_as_many_rows_as_there_were_presses(page: Page) -> None:
    numbers = page.locator("a.row").evaluate_all("rows => rows.slice(0, 9).map(row => row.dataset.ticket)")
    for _ in range(6):
        page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".conv")).to_have_attribute("data-ticket", numbers[4])
    expect_selected(page, numbers[4])


def test_the_tab_names_the_ticket(page: Page, filled: Product) -> None:
    expect(page).to_have_title("Inbox · Casso")
    subject = fresh(page, filled)
    expect(page).to_have_title(re.compile(rf"^#\d+ {subject} · Casso$"))


def test_keys_of_the_ticket_do_their_one_thing(page: Page, filled: Product) -> None:
    fresh(page, filled)
    page.keyboard.press("n")
    expect(page.locator("[name=kind][value=note]")).to_be_checked()
    expect(area(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(area(page)).not_to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("[name=kind][value=reply]")).to_be_checked()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator(".chead").get_by_text("Solved")).to_be_visible()
    page.keyboard.press("e")
    expect(page.locator(".chead").get_by_text("Open", exact=True)).to_be_visible()


def test_search_and_the_overview_open_and_close(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#casso-keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#casso-keys")).to_be_hidden()
    page.keyboard.press("/")
    field = page.locator("[name=q]")
    expect(field).to_be_focused()
    page.keyboard.type("j?/e")
    expect(field).to_have_value("j?/e")
    expect(page.locator("#casso-keys")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(field).not_to_be_focused()
    expect(page).to_have_url(re.compile(r"/\?queue=open$"))


def test_no_key_fires_while_somebody_types(page: Page, filled: Product) -> None:
    fresh(page, filled)
    address, typed = page.url, "jk rnea e/?u gi gs #x"
    area(page).click()
    page.keyboard.type(typed)
    expect(area(page)).to_have_value(typed)
    expect(area(page)).to_be_focused()
    expect(page.locator("[name=kind][value=reply]")).to_be_checked()
    expect(page.locator(".chead").get_by_text("New", exact=True)).to_be_visible()
    assert page.url == address


def test_ctrl_enter_sends_and_undo_gives_the_text_back(page: Page, filled: Product) -> None:
    fresh(page, filled)
    area(page).fill("Too early, sorry.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article", has_text="Too early, sorry.")).to_have_count(1)
    expect(area(page)).to_have_value("")
    assert page.evaluate(DRAFTS) == 0
    area(page).blur()
    page.keyboard.press("u")
    expect(area(page)).to_have_value("Too early, sorry.")
    expect(page.locator("article.canceled")).to_have_count(1)


def test_every_ticket_keeps_its_own_draft_through_others_and_a_reload(page: Page, filled: Product) -> None:
    first = fresh(page, filled)
    area(page).fill("For the first")
    page.locator(".cc summary").click()
    page.locator("form.composer [name=cc]").fill("boss@lotus.example")
    second = fresh(page, filled)
    expect(area(page)).to_have_value("")
    page.locator(".ctab", has_text="Note").click()
    area(page).fill("Only for us")
    page.reload()
    expect(page.get_by_role("heading", name=second)).to_be_visible()
    expect(area(page)).to_have_value("Only for us")
    expect(page.locator("[name=kind][value=note]")).to_be_checked()
    page.locator("a.row", has_text=first).click()
    expect(area(page)).to_have_value("For the first")
    expect(page.locator("[name=kind][value=reply]")).to_be_checked()
    expect(page.locator("form.composer [name=cc]")).to_have_value("boss@lotus.example")


def test_signing_out_leaves_no_draft_in_the_tab(page: Page, filled: Product) -> None:
    fresh(page, filled)
    area(page).fill("Nobody else's business")
    assert page.evaluate(DRAFTS) == 1
    page.locator(".rail .menu > summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in*")
    assert page.evaluate(DRAFTS) == 0


def held_upload(page: Page, file: Path) -> Route:
    """Choose a file whose upload does not arrive until the answer is let through."""
    stopped: list[Route] = []
    page.route("**/uploads", lambda route: stopped.append(route))
    page.locator("#casso-files").set_input_files(file)
    expect(page.locator(".upload[data-busy]")).to_be_visible()
    for _ in range(50):
        if stopped:
            break
        page.wait_for_timeout(20)
    return stopped[0]


def test_send_waits_for_its_files_and_goes_by_itself(page: Page, filled: Product, tmp_path: Path) -> None:
    fresh(page, filled)
    (tmp_path / "label.txt").write_text("a label")
    upload = held_upload(page, tmp_path / "label.txt")
    area(page).fill("The label is attached.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("form.composer .hint")).to_contain_text("once the files are uploaded")
    expect(page.locator("article")).to_have_count(1)
    upload.continue_()
    answer = page.locator("article", has_text="The label is attached.")
    expect(answer.get_by_text("label.txt")).to_be_visible()
    expect(area(page)).to_have_value("")


def test_a_file_that_is_taken_away_no_longer_holds_the_answer(
    page: Page, filled: Product, tmp_path: Path
) -> None:
    fresh(page, filled)
    (tmp_path / "wrong.txt").write_text("the wrong file")
    held_upload(page, tmp_path / "wrong.txt")
    area(page).fill("No file after all.")
    page.keyboard.press("Control+Enter")
    page.locator(".upload button").click()
    answer = page.locator("article", has_text="No file after all.")
    expect(answer).to_have_count(1)
    expect(answer.locator(".file")).to_have_count(0)


def prop(page: Page, key: str) -> Locator:
    """The value of a property, which its key opens."""
    return page.locator(f".ctx summary[data-key='{key}']")


def test_status_and_priority_are_chosen_from_the_keyboard(page: Page, filled: Product) -> None:
    fresh(page, filled)
    page.keyboard.press("s")
    expect(page.locator(".ctx .item", has_text="New")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(prop(page, "s")).to_have_text("Pending")
    expect(prop(page, "s")).to_be_focused()
    page.keyboard.press("p")
    page.keyboard.press("h")
    expect(page.locator(".ctx .item", has_text="High")).to_be_focused()
    page.keyboard.press("Enter")
    expect(prop(page, "p")).to_have_text("High")
    page.keyboard.press("p")
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".ctx .prop[open] .item").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".ctx .prop[open]")).to_have_count(0)
    expect(prop(page, "p")).to_be_focused()
    expect(prop(page, "p")).to_have_text("High")


def test_tags_are_typed_from_the_keyboard(page: Page, filled: Product) -> None:
    fresh(page, filled)
    page.keyboard.press("l")
    expect(page.locator(".ctx [name=tags]")).to_be_focused()
    page.keyboard.type("late, gift")
    page.keyboard.press("Enter")
    expect(prop(page, "l").locator(".chip")).to_have_text(["gift", "late"])


def test_no_other_key_gets_past_an_open_menu(page: Page, filled: Product) -> None:
    fresh(page, filled)
    address = page.url
    page.keyboard.press("s")
    for key in ("e", "j", "r", "?", "a"):
        page.keyboard.press(key)
    expect(page.locator(".ctx .prop[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".chead").get_by_text("New", exact=True)).to_be_visible()
    expect(prop(page, "s")).to_have_text("New")
    assert page.url == address


def test_on_a_narrow_desktop_the_properties_come_with_their_key(page: Page, filled: Product) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    fresh(page, filled)
    expect(prop(page, "s")).to_be_hidden()
    page.keyboard.press("s")
    expect(page.locator(".ctx .item", has_text="New")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(prop(page, "s")).to_be_hidden()
    expect(page.locator(".conv")).to_be_visible()


def test_a_assigns_and_g_goes(page: Page, filled: Product) -> None:
    fresh(page, filled)
    page.keyboard.press("a")
    expect(page.locator(".ctx dd", has_text="Ana Ruiz")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/settings")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.locator(".app.at-list")).to_be_visible()
    page.keyboard.press("s")
    expect(page.locator("details[open]")).to_have_count(0)


def test_ctrl_shift_enter_sends_and_solves(page: Page, filled: Product) -> None:
    fresh(page, filled)
    area(page).fill("Done, have a good day.")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator("article", has_text="Done, have a good day.")).to_have_count(1)
    expect(page.locator(".chead").get_by_text("Solved")).to_be_visible()


def test_the_overview_names_every_key_there_is(page: Page, filled: Product) -> None:
    fresh(page, filled)
    said = set(page.locator("#casso-keys kbd").all_text_contents())
    there = page.locator("[data-key]").evaluate_all("all => all.map((one) => one.dataset.key)")
    assert {"Esc" if key == "Escape" else key for key in there} <= said
