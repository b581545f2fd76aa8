"""Ana's own sign-in in two real browsers: another one signed out, the password changed, and forgotten."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.browser import signed_in
from tests.servers.inside import wait_until
from tests.servers.product import PASSWORD, Product, product

pytestmark = pytest.mark.browser
CHANGED, FORGOTTEN = "seven grey herons wading", "eight brown otters diving"


def links(desk: Product) -> list[str]:
    """Every reset link in the outbox, oldest first."""
    paths = sorted((desk.data_dir / "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
    texts = [mail.get_body(("plain",)).get_content() for mail in mails]  # type: ignore[attr-defined]
    return [link for text in texts for link in re.findall(r"http\S+/reset/\S+", text)]


def is_turned_away(page: Page, desk: Product) -> None:
    """What the person does next leads to sign-in, by a full page load."""
    page.get_by_role("link", name="Appearance").click()
    page.wait_for_url(f"{desk.url}/sign-in*")


def test_ana_looks_after_her_own_sign_in(browser: Browser, tmp_path: Path) -> None:
    with product(tmp_path) as desk:
        desk.set_up()
        desk.start()
        here, elsewhere = signed_in(browser, desk), signed_in(browser, desk)
        elsewhere.goto(f"{desk.url}/settings/sessions")
        here.goto(f"{desk.url}/settings/sessions")
        expect(here.locator("li.entry")).to_have_count(2)
        here.locator("li.entry").nth(1).get_by_role("button").click()
        expect(here.locator("li.entry")).to_have_count(1)
        is_turned_away(elsewhere, desk)

        change_password(here, desk)
        forget_password(here, desk)


def change_password(page: Page, desk: Product) -> None:
    """A weak one is refused, a good one keeps this browser signed in."""
    page.goto(f"{desk.url}/settings/security")
    page.get_by_label("New password").fill("northwind ana")
    page.get_by_label("Current password").fill(PASSWORD)
    expect(page.get_by_text("Strength: could be better")).to_be_visible()
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("easy to guess")).to_be_visible()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill(CHANGED)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    page.goto(f"{desk.url}/settings/sessions")
    expect(page.locator("li.entry")).to_have_count(1)


def forget_password(page: Page, desk: Product) -> None:
    """The link from the mail; the page of the old session is turned away."""
    other = page.context.browser.new_context(locale="en-GB").new_page()  # type: ignore[union-attr]
    other.goto(f"{desk.url}/sign-in")
    other.get_by_role("link", name="Forgot your password?").click()
    other.get_by_label("Mail address").fill("ana@northwind.example")
    other.get_by_role("button").click()
    expect(other.get_by_role("heading", name="Check your mail")).to_be_visible()
    wait_until("the link is mailed", lambda: links(desk))
    other.goto(links(desk)[-1])
    other.get_by_label("New password").fill(FORGOTTEN)
    other.get_by_role("button").click()
    expect(other.get_by_text("Your password is changed")).to_be_visible()
    other.get_by_label("Mail address").fill("ana@northwind.example")
    other.get_by_label("Password").fill(FORGOTTEN)
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.wait_for_url(f"{desk.url}/")
    is_turned_away(page, desk)
