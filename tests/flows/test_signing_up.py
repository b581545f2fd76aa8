"""Open sign-up in a real browser: a form, the code from the mail, and a desk of one's own."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.test_screen_axe import findings
from tests.servers.inside import wait_until
from tests.servers.product import Product, product

pytestmark = pytest.mark.browser
EMAIL, CHOSEN = "nora@nordlicht.example", "violet anchor thirteen boats"


def codes(desk: Product) -> list[str]:
    """Every code in the outbox."""
    paths = sorted((desk.data_dir / "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
    texts = [mail.get_body(("plain",)).get_content() for mail in mails]  # type: ignore[attr-defined]
    return [code for text in texts for code in re.findall(r"\b\d{4} \d{4}\b", text)]


def test_nora_signs_up_with_the_code_from_her_mail_and_owns_an_empty_desk(
    browser: Browser, tmp_path: Path
) -> None:
    with product(tmp_path, CASSO_SIGNUP="open") as desk:
        desk.set_up()
        desk.start()
        page = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB").new_page()
        for path in ("/privacy", "/terms"):
            page.goto(desk.url + path)
            nothing_serious(page)
        fill(page, desk)
        wait_until("the code is mailed", lambda: codes(desk))
        page.get_by_label("Code").fill("00000000")
        page.get_by_role("button", name="Finish").click()
        expect(page.get_by_role("alert")).to_have_text("That is not the code from the mail.")
        page.get_by_label("Code").fill(codes(desk)[0])
        page.get_by_role("button", name="Finish").click()
        page.wait_for_url(f"{desk.url}/")
        expect(page.locator("#casso-me")).to_have_count(1)
        page.goto(f"{desk.url}/settings")
        expect(page.get_by_label("Name of the organization")).to_have_value("Nord Licht")
        page.goto(f"{desk.url}/settings/members")
        expect(page.locator("table.people tr", has_text="Nora Berg")).to_contain_text("Owner")
        expect(page.get_by_text("ana@northwind.example")).to_have_count(0)


def fill(page: Page, desk: Product) -> None:
    """From the sign-in page; the browser itself asks for both ticks."""
    page.goto(f"{desk.url}/sign-in")
    page.get_by_role("link", name="Sign up").click()
    nothing_serious(page)
    page.get_by_label("Organization").fill("Nord Licht")
    page.get_by_label("Your name").fill("Nora Berg")
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password").fill(CHOSEN)
    page.get_by_role("button", name="Send the code").click()
    assert page.url == f"{desk.url}/sign-up"
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Send the code").click()
    page.wait_for_url(f"{desk.url}/sign-up/code")
    nothing_serious(page)


def nothing_serious(page: Page) -> None:
    """Of axe-core, in both colours."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert findings(page) == []
