"""Two factors and a passkey, as a person meets them in a browser."""

from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from casso.clock import now
from tests.flows.browser import signed_in
from tests.servers.product import PASSWORD, Product, product

pytestmark = pytest.mark.browser


def virtual_authenticator(page: Page) -> None:
    """A passkey device that says yes, inside this browser."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def sign_out(page: Page, desk: Product) -> None:
    page.context.clear_cookies(name="casso")
    page.goto(f"{desk.url}/sign-in")


def with_password(page: Page) -> None:
    page.get_by_label("Mail address").fill("ana@northwind.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def set_up_app(page: Page, desk: Product) -> str:
    """Through the settings page; the code that confirmed the app, and is used up."""
    page.goto(f"{desk.url}/settings/security")
    page.get_by_role("button", name="Set up an authenticator app").click()
    secret = page.locator(".group .hint code").inner_text().replace(" ", "")
    code = pyotp.TOTP(secret).at(now())
    page.get_by_label("Code from the app").fill(code)
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".codes li")).to_have_count(10)
    return code


def test_a_second_factor_and_a_passkey_from_settings_to_sign_in(browser: Browser, tmp_path: Path) -> None:
    with product(tmp_path) as desk:
        desk.set_up()
        desk.start()
        page = signed_in(browser, desk)
        virtual_authenticator(page)
        used = set_up_app(page, desk)
        spare = page.locator(".codes li").first.inner_text()
        page.get_by_role("button", name="I have kept them").click()
        expect(page.get_by_text("Spare codes left: 10")).to_be_visible()
        page.get_by_label("Name of this passkey").fill("Blue phone")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_text("Blue phone")).to_be_visible()

        sign_out(page, desk)
        with_password(page)
        page.wait_for_url(f"{desk.url}/sign-in/code")
        page.get_by_label("Code").fill(used)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("used before")
        page.get_by_label("Code").fill(spare)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{desk.url}/")

        sign_out(page, desk)
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(f"{desk.url}/")
        expect(page.locator("#casso-me")).to_have_count(1)
