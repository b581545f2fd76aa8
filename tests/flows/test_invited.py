"""A colleague's first day in real browsers: invited by mail, joined, two factors, the other signed out."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.browser import signed_in
from tests.flows.test_second_factor import set_up_app
from tests.servers.inside import wait_until
from tests.servers.product import Product, product

pytestmark = pytest.mark.browser
EMAIL, CHOSEN = "ben@northwind.example", "eleven quiet badgers digging"


def links(desk: Product) -> list[str]:
    """Every invitation in the outbox, oldest first."""
    paths = sorted((desk.data_dir / "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
    texts = [mail.get_body(("plain",)).get_content() for mail in mails]  # type: ignore[attr-defined]
    return [link for text in texts for link in re.findall(r"http\S+/invitation/\S+", text)]


def fresh(browser: Browser) -> Page:
    """A browser that has never been here."""
    return browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()


def test_ben_is_invited_joins_adds_a_second_factor_and_signs_his_phone_out(
    browser: Browser, tmp_path: Path
) -> None:
    with product(tmp_path) as desk:
        desk.set_up()
        desk.start()
        ana, ben, phone = signed_in(browser, desk), fresh(browser), fresh(browser)
        link = invite(ana, desk)
        join(ben, link)
        is_a_member(ana)
        is_over(phone, link)
        cannot_see_settings(ben, desk)

        used = set_up_app(ben, desk)
        spare = ben.locator(".codes li").first.inner_text()
        ben.get_by_role("button", name="I have kept them").click()
        sign_in_with_both(phone, desk, used, spare)
        sign_the_other_out(ben, phone, desk)


def invite(page: Page, desk: Product) -> str:
    """Ana writes one address; the link from the mail."""
    page.goto(f"{desk.url}/settings/members")
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text(EMAIL)).to_be_visible()
    wait_until("the invitation is mailed", lambda: links(desk))
    return links(desk)[0]


def join(page: Page, link: str) -> None:
    """Name, password, and whatever has to be agreed to."""
    page.goto(link)
    page.get_by_label("Your name").fill("Ben Okafor")
    page.get_by_label("Password").fill(CHOSEN)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#casso-me")).to_have_count(1)


def is_a_member(page: Page) -> None:
    """Ana's list has him, and no invitation is left."""
    page.reload()
    row = page.locator("table.people tr", has_text="Ben Okafor")
    expect(row).to_contain_text("Agent")
    expect(page.get_by_text("invited by Ana Ruiz")).to_have_count(0)


def is_over(page: Page, link: str) -> None:
    """The link works once."""
    page.goto(link)
    expect(page.get_by_text("has expired, was used, or was taken back")).to_be_visible()


def cannot_see_settings(page: Page, desk: Product) -> None:
    """An agent's settings are his own; an address typed by hand shows nothing either."""
    page.goto(f"{desk.url}/settings/members")
    expect(page.get_by_role("link", name="Password and sign-in")).to_be_visible()
    expect(page.get_by_role("link", name="Members")).to_have_count(0)
    expect(page.get_by_text("ana@northwind.example")).to_have_count(0)


def sign_in_with_both(page: Page, desk: Product, used: str, spare: str) -> None:
    """The password alone does not open anything; a code that was used is not taken again."""
    page.goto(f"{desk.url}/sign-in")
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password").fill(CHOSEN)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{desk.url}/sign-in/code")
    page.goto(f"{desk.url}/settings/sessions")
    page.wait_for_url(re.compile("/sign-in"))
    page.goto(f"{desk.url}/sign-in/code")
    page.get_by_label("Code").fill(used)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("used before")
    page.get_by_label("Code").fill(spare)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{desk.url}/")


def sign_the_other_out(here: Page, elsewhere: Page, desk: Product) -> None:
    """The other browser loses what it shows with its next click."""
    elsewhere.goto(f"{desk.url}/settings/sessions")
    expect(elsewhere.locator("li.entry")).to_have_count(2)
    here.goto(f"{desk.url}/settings/sessions")
    here.get_by_role("button", name="Sign out all others").click()
    expect(here.locator("li.entry")).to_have_count(1)
    elsewhere.get_by_role("link", name="Appearance").click()
    elsewhere.wait_for_url(re.compile("/sign-in"))
    elsewhere.goto(f"{desk.url}/settings/sessions")
    elsewhere.wait_for_url(re.compile("/sign-in"))
