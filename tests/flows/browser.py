"""Chromium as a person uses it: the system's, headless, with no connection but to the desk."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from casso.ui.settings.frame import OF_ORGANIZATION, OF_PERSON
from tests.servers.product import PASSWORD, Product

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


SETTINGS = tuple(
    "/settings" if name == "general" else f"/settings/{name}"
    for name in (*(one[0] for one in (*OF_ORGANIZATION, *OF_PERSON)), "operators", "health")
)
"""Every settings page, as the list at their side has them."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser: Debian's Chromium where there is one, else Playwright's own."""
    path = os.environ.get("CASSO_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def signed_in(
    browser: Browser,
    desk: Product,
    *,
    email: str = "ana@northwind.example",
    width: int = 1440,
    height: int = 900,
) -> Page:
    """A page of Ana's (or somebody else's), on the inbox."""
    context: BrowserContext = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{desk.url}/sign-in")
    page.get_by_label("Mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{desk.url}/")
    return page
