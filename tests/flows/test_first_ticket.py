"""The story everything stands on, with nothing faked: from an empty folder to an answered customer.

Set-up in the browser, a mail over SMTP into an open page, an answer with a file to a
real SMTP server, the customer's threaded reply over IMAP from a real Dovecot, and a
stranger who writes the same subject and stays apart.
"""

import email
import re
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.product import PASSWORD, Product, letter, product
from tests.servers.smtp_sink import smtp_sink

pytestmark = pytest.mark.browser
MIA, SUPPORT = "Mia Krüger <mia@lotus.example>", "support@northwind.example"
SUBJECT = "Paket beschädigt angekommen"


def set_up_in_browser(page: Page, desk: Product) -> None:
    page.goto(desk.url)
    page.wait_for_url(f"{desk.url}/set-up")
    code = (desk.data_dir / "setup.code").read_text()
    page.get_by_label("One-time code").fill(code)
    page.get_by_label("Organization").fill("Northwind")
    page.get_by_label("Your name").fill("Ana Ruiz")
    page.get_by_label("Mail address").fill("ana@northwind.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Address your customers write to").fill(SUPPORT)
    page.get_by_role("button", name="Set up").click()
    page.wait_for_url(f"{desk.url}/")


def fetch_by_imap(page: Page, desk: Product, imap: Dovecot) -> None:
    """Type the IMAP account into the settings, try it, and save it."""
    page.goto(f"{desk.url}/settings/mailboxes")
    page.get_by_role("button", name="Change").click()
    page.get_by_label("Fetch mail over IMAP").check()
    page.get_by_label("Server", exact=True).fill("127.0.0.1")
    page.get_by_label("Port", exact=True).fill(str(imap.port))
    page.get_by_label("Encryption").select_option("none")
    page.get_by_label("User name").fill("support")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator(".notice.bad")).to_be_visible(timeout=15_000)
    page.get_by_label("Password").fill(imap.password)
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator(".notice.good")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Change")).to_be_visible()


def row(page: Page, subject: str) -> Locator:
    return page.locator("[data-ticket]", has_text=subject).first


def answered(mail: bytes, text: str) -> EmailMessage:
    """The customer's reply to a mail of ours, as a mail program makes it."""
    ours = email.message_from_bytes(mail, policy=policy.default)
    reply = letter(MIA, str(ours["Reply-To"] or ours["From"]), f"Re: {ours['Subject']}", text)
    reply["Message-ID"] = "<reply-1@lotus.example>"
    reply["In-Reply-To"] = ours["Message-ID"]
    reply["References"] = f"{ours['References'] or ''} {ours['Message-ID']}".strip()
    return reply


def test_a_real_mail_becomes_an_answered_ticket(browser: Browser, tmp_path: Path) -> None:
    invoice = tmp_path / "refund-48213.txt"
    invoice.write_text("We refund 12.40 EUR.")
    with (
        smtp_sink() as sink,
        dovecot() as imap,
        product(tmp_path, CASSO_MAIL_OUT=f"{sink.url}?starttls=off") as desk,
    ):
        desk.start()
        page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
        set_up_in_browser(page, desk)
        expect(page.get_by_text(SUPPORT).first).to_be_visible()

        mail = letter(
            MIA,
            SUPPORT,
            SUBJECT,
            "Hallo,\n\nzwei Gläser sind kaputt.\n\nMia",
            Message_ID="<one@lotus.example>",
        )
        desk.mail(mail)
        expect(row(page, SUBJECT)).to_be_visible(timeout=4000)

        row(page, SUBJECT).click()
        page.wait_for_url(re.compile(r"/tickets/1\b"))
        expect(page.get_by_text("zwei Gläser sind kaputt.")).to_be_visible()
        page.locator("#casso-files").set_input_files(invoice)
        expect(page.locator(".uploads").get_by_text("refund-48213.txt")).to_be_visible()
        expect(page.locator("form.composer [name=uploads]")).not_to_have_value("")
        page.locator("#casso-text").fill("Hello Mia,\n\nthe refund is on its way.")
        page.get_by_role("button", name="Send", exact=False).first.click()
        expect(page.locator("article", has_text="the refund is on its way.")).to_be_visible()
        expect(page.locator("#casso-text")).to_have_value("")

        sent = sink.wait_for(1, 30)[0]
        assert sent.recipients == ("mia@lotus.example",)
        ours = email.message_from_bytes(sent.raw, policy=policy.default)
        assert ours["In-Reply-To"] == "<one@lotus.example>"
        assert "+" in str(ours["Reply-To"])
        assert [part.get_filename() for part in ours.iter_attachments()] == [invoice.name]

        fetch_by_imap(page, desk, imap)
        imap.deliver("support", answered(sent.raw, "Thank you, that was quick!").as_bytes())
        page.goto(f"{desk.url}/tickets/1")
        expect(page.get_by_text("Thank you, that was quick!").first).to_be_visible(timeout=40_000)

        desk.mail(letter("Eve <eve@stranger.example>", SUPPORT, f"Re: {SUBJECT}", "I want to read along."))
        page.goto(f"{desk.url}/?queue=open")
        expect(page.locator("[data-ticket='2']").first).to_be_visible(timeout=4000)
        page.goto(f"{desk.url}/tickets/1")
        expect(page.get_by_text("Thank you, that was quick!").first).to_be_visible()
        expect(page.locator("article", has_text="I want to read along.")).to_have_count(0)
        assert desk.stop() == 0
