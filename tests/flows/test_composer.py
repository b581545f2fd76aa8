"""The composer keeps its word: what is pressed is sent once, what was attached is still there after a reload.

The socket is held or its frames are lost on purpose, in the browser, so that each
moment of a bad connection can be looked at for as long as it takes.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from sqlmodel import delete

from casso import db
from casso.enums import MessageKind
from casso.models import Attachment
from casso.queries.tickets import get_ticket
from tests.flows.browser import signed_in
from tests.flows.line import SOCKET, Line
from tests.servers.inside import inside
from tests.servers.product import Product, letter

pytestmark = pytest.mark.browser
SUPPORT = "support@northwind.example"
_serial = itertools.count(1)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def page(browser: Browser, filled: Product, line: Line) -> Iterator[Page]:
    """Ana's own browser, on the list of everything open."""
    found = signed_in(browser, filled)
    found.route_web_socket(SOCKET, line.connect)
    found.goto(f"{filled.url}/?queue=open")
    expect(found.locator("a.row").first).to_be_visible()
    yield found
    found.context.close()


def fresh(page: Page, desk: Product) -> int:
    """A ticket of this test's own, opened; its number."""
    subject = f"Composer {next(_serial)} of {id(page)}"
    desk.mail(letter("Kim <kim@lotus.example>", SUPPORT, subject, "Hello, please help."))
    page.locator("a.row", has_text=subject).click()
    expect(page.get_by_role("heading", name=subject)).to_be_visible()
    return int(page.locator(".conv").get_attribute("data-ticket") or 0)


def area(page: Page) -> Locator:
    return page.locator("#casso-text")


def send(page: Page) -> Locator:
    return page.locator("form.composer button[type=submit]:visible")


def hint(page: Page) -> Locator:
    return page.locator("form.composer .hint")


def answers(desk: Product, number: int) -> list[str]:
    """What was answered, as the database has it."""
    with inside(desk) as look:
        shown = [entry.message for entry in get_ticket(look.owner(), number).entries if entry.message]
    return [one.text for one in shown if one.kind == MessageKind.REPLY]


def test_an_answer_that_got_lost_on_the_way_goes_again_by_itself(
    page: Page, filled: Product, line: Line
) -> None:
    number = fresh(page, filled)
    line.loses = 1
    area(page).fill("It is in Lyon.")
    send(page).click()
    expect(hint(page)).to_have_text("Sending …")
    expect(area(page)).to_have_value("It is in Lyon.")
    expect(area(page)).not_to_be_editable()
    expect(page.locator("article", has_text="It is in Lyon.")).to_have_count(1, timeout=15_000)
    expect(area(page)).to_have_value("")
    expect(area(page)).to_be_editable()
    expect(hint(page)).to_have_text("")
    assert len(line.lost) == 1
    assert answers(filled, number) == ["It is in Lyon."]


def test_it_goes_again_from_another_ticket_and_nothing_of_that_one_with_it(
    page: Page, filled: Product, line: Line
) -> None:
    first = fresh(page, filled)
    line.loses = 1
    area(page).fill("For the first alone.")
    send(page).click()
    second = fresh(page, filled)
    expect(area(page)).to_be_editable()
    area(page).fill("Still writing")
    expect(page.locator(".toast", has_text="Sending")).to_be_visible(timeout=15_000)
    assert answers(filled, first) == ["For the first alone."]
    assert answers(filled, second) == []
    expect(area(page)).to_have_value("Still writing")
    page.go_back()
    expect(page.locator("article", has_text="For the first alone.")).to_have_count(1)
    expect(area(page)).to_have_value("")


def test_a_line_that_stays_dead_gives_the_button_back_and_says_so(
    page: Page, filled: Product, line: Line
) -> None:
    page.clock.install()
    page.reload()
    number = fresh(page, filled)
    line.loses = 100
    area(page).fill("Once only.")
    send(page).click()
    for _ in range(8):
        page.clock.run_for(5000)
    expect(hint(page)).to_contain_text("Not confirmed yet")
    expect(area(page)).to_be_editable()
    line.loses = 0
    send(page).click()
    expect(page.locator("article", has_text="Once only.")).to_have_count(1)
    assert answers(filled, number) == ["Once only."]


def test_a_refused_answer_is_given_back_and_not_sent_again(page: Page, filled: Product, line: Line) -> None:
    number = fresh(page, filled)
    area(page).fill("To whom?")
    page.locator(".cc summary").click()
    page.locator("[name=cc]:visible").fill("no address at all")
    send(page).click()
    expect(page.locator(".toast.bad")).to_be_visible()
    expect(area(page)).to_be_editable()
    expect(area(page)).to_have_value("To whom?")
    page.locator("[name=cc]:visible").fill("")
    send(page).click()
    expect(page.locator("article", has_text="To whom?")).to_have_count(1)
    assert answers(filled, number) == ["To whom?"]


def test_before_the_ticket_is_there_nothing_is_sent_and_the_reason_is_said(
    page: Page, filled: Product, line: Line
) -> None:
    number = fresh(page, filled)
    line.holds = True
    page.reload()
    expect(send(page)).to_be_disabled()
    area(page).fill("Too early")
    page.keyboard.press("Control+Enter")
    expect(hint(page)).to_contain_text("still loading")
    line.release()
    expect(send(page)).to_be_enabled()
    expect(area(page)).to_have_value("Too early")
    assert answers(filled, number) == []
    page.keyboard.press("Control+Enter")
    expect(page.locator("article", has_text="Too early")).to_have_count(1)


def attach(page: Page, folder: Path, *names: str) -> None:
    """Choose files and wait until they are there."""
    for name in names:
        (folder / name).write_text(name)
    page.locator("#casso-files").set_input_files([folder / name for name in names])
    expect(page.locator(".upload[data-id]:not([data-busy])")).to_have_count(len(names))


def test_attached_files_outlive_a_reload_and_are_sent(page: Page, filled: Product, tmp_path: Path) -> None:
    fresh(page, filled)
    attach(page, tmp_path, "label.txt", "wrong.txt")
    page.locator(".upload", has_text="wrong.txt").get_by_role("button").click()
    page.reload()
    chips = page.locator(".upload")
    expect(chips).to_have_count(1)
    expect(chips).to_contain_text("label.txt")
    expect(chips.get_by_role("button", name="Remove label.txt")).to_be_visible()
    area(page).fill("The label is attached.")
    send(page).click()
    answer = page.locator("article", has_text="The label is attached.")
    expect(answer.locator(".file")).to_have_count(1)
    expect(answer.get_by_text("label.txt")).to_be_visible()
    expect(chips).to_have_count(0)
    page.reload()
    expect(page.locator("article", has_text="The label is attached.")).to_be_visible()
    expect(chips).to_have_count(0)


def test_send_waits_until_the_desk_said_which_files_are_there(
    page: Page, filled: Product, tmp_path: Path
) -> None:
    fresh(page, filled)
    attach(page, tmp_path, "label.txt")
    stopped: list[Route] = []
    page.route("**/uploads?*", lambda route: stopped.append(route))
    page.reload()
    expect(page.locator(".upload[data-busy]")).to_have_count(1)
    expect(send(page)).to_be_enabled()
    area(page).fill("With its label.")
    send(page).click()
    expect(hint(page)).to_contain_text("once the files are uploaded")
    stopped[0].abort()
    page.unroute("**/uploads?*")
    expect(page.locator("article", has_text="With its label.").get_by_text("label.txt")).to_be_visible()


def test_a_file_that_is_gone_is_said_and_no_longer_attached(
    page: Page, filled: Product, tmp_path: Path
) -> None:
    fresh(page, filled)
    attach(page, tmp_path, "kept.txt", "swept.txt")
    with inside(filled) as look:
        here = look.owner().organization_id
        with db.transaction(here) as session:
            gone = (Attachment.organization_id == here, Attachment.filename == "swept.txt")
            session.exec(delete(Attachment).where(*gone))
    page.reload()
    expect(hint(page)).to_contain_text("no longer there")
    expect(page.locator(".upload")).to_have_text(["kept.txt8 B×"])


def test_each_ticket_keeps_its_own_files(page: Page, filled: Product, tmp_path: Path) -> None:
    first = fresh(page, filled)
    attach(page, tmp_path, "of-the-first.txt")
    fresh(page, filled)
    expect(page.locator(".upload")).to_have_count(0)
    page.reload()
    expect(page.locator("article").first).to_be_visible()
    page.locator(f"a.row[data-ticket='{first}']").click()
    expect(page.locator(".upload")).to_contain_text("of-the-first.txt")
