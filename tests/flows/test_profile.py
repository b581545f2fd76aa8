"""Ana's profile in a real browser: another name, a picture of herself, and a new mail address."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.browser import signed_in
from tests.gateways.picture_files import turned_photo
from tests.servers.inside import wait_until
from tests.servers.product import PASSWORD, Product, product

pytestmark = pytest.mark.browser
OLD, NEW = "ana@northwind.example", "ana@home.example"


def links(desk: Product) -> dict[str, str]:
    """The link that each address got, by address."""
    found: dict[str, str] = {}
    for path in (desk.data_dir / "outbox").glob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        text = mail.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
        for link in re.findall(r"http\S+/mail-change/\S+", text):
            found[mail["To"]] = link
    return found


def test_ana_changes_her_name_her_picture_and_her_address(browser: Browser, tmp_path: Path) -> None:
    with product(tmp_path) as desk:
        desk.set_up()
        desk.start()
        page, elsewhere = signed_in(browser, desk), signed_in(browser, desk)
        page.goto(f"{desk.url}/settings/profile")
        change_name(page)
        change_picture(page, tmp_path)
        change_address(page, desk)
        elsewhere.get_by_role("link", name="Settings").click()
        elsewhere.wait_for_url(f"{desk.url}/sign-in*")


def change_name(page: Page) -> None:
    """The rail shows it at once; a reload still has it."""
    page.get_by_label("First name").fill("Anna Lena")
    page.get_by_label("Last name").fill("Zoë")
    page.get_by_label("Phone (optional)").fill("ask me")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("does not look like a phone number")).to_be_visible()
    page.get_by_label("Phone (optional)").fill("+47 22 33 44 55")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.locator(".rail .me")).to_have_text("AZ")
    page.reload()
    expect(page.get_by_label("First name")).to_have_value("Anna Lena")
    expect(page.get_by_label("Phone (optional)")).to_have_value("+47 22 33 44 55")


def change_picture(page: Page, folder: Path) -> None:
    """A text is refused, a photo is shown in the rail, and removing it brings the initials back."""
    (folder / "me.txt").write_text("no picture")
    (folder / "me.jpg").write_bytes(turned_photo())
    page.get_by_label("Choose a picture").set_input_files(folder / "me.txt")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("not a picture that can be shown")).to_be_visible()
    page.get_by_label("Choose a picture").set_input_files(folder / "me.jpg")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Your picture is changed")).to_be_visible()
    face = page.locator(".rail .me img")
    expect(face).to_be_visible()
    assert face.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [256, 256]
    page.get_by_role("button", name="Remove").click()
    expect(face).to_have_count(0)


def change_address(page: Page, desk: Product) -> None:
    """Asked for here, confirmed with both links by somebody who is not signed in."""
    page.get_by_label("New mail address").fill(NEW)
    page.get_by_role("button", name="Send the links").click()
    expect(page.get_by_text("Waiting", exact=True)).to_have_count(2)
    wait_until("both links are mailed", lambda: links(desk).keys() == {OLD, NEW})
    reader = page.context.browser.new_context(locale="en-GB").new_page()  # type: ignore[union-attr]
    for address, said in ((OLD, "Confirmed"), (NEW, "The mail address is changed")):
        reader.goto(links(desk)[address])
        reader.get_by_role("button", name="Confirm").click()
        expect(reader.get_by_role("heading", name=said)).to_be_visible()
    page.reload()
    expect(page.get_by_text(f"You sign in with {NEW}")).to_be_visible()
    reader.goto(f"{desk.url}/sign-in")
    reader.get_by_label("Mail address").fill(NEW)
    reader.get_by_label("Password").fill(PASSWORD)
    reader.get_by_role("button", name="Sign in", exact=True).click()
    reader.wait_for_url(f"{desk.url}/")
