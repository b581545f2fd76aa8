"""The secret of a reply address as a canary: in no frame, no answer, no page and no line of the log."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from casso import db
from casso.models import Ticket
from casso.rules.addresses import reply_address
from tests.flows.browser import signed_in
from tests.servers.inside import inside, wait_until
from tests.servers.product import Product, letter, product
from tests.services.test_intake_tags import HTML, OUTLOOK, written

pytestmark = pytest.mark.browser
SUPPORT = "support@northwind.example"


class Heard:
    """Everything that reaches a page through its socket, and what it showed on the way."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._take))

    def _take(self, frame: str | bytes) -> None:
        self.texts.append(frame if isinstance(frame, str) else frame.decode("utf-8", "replace"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Product]:
    """A running desk."""
    with product(tmp_path) as found:
        found.set_up()
        found.start()
        yield found


def first_token(desk: Product) -> str:
    """The canary: the first ticket's secret."""
    with inside(desk) as look:
        wait_until("the ticket is there", lambda: look.count_tickets() == 1)
        here = look.owner().organization_id
        with db.reading(here) as session:
            return session.exec(select(Ticket.reply_token).where(Ticket.organization_id == here)).one()


def replies_to(signed: str) -> list[EmailMessage]:
    """The customer's reply as text, then as HTML, as mail programs quote the address."""
    said = f"Re: Broken {signed}"
    plain = letter(
        "mia@lotus.example", signed, said, OUTLOOK.format(address=signed), Cc=f"x@y.example, {signed}"
    )
    rich = letter("mia@lotus.example", f"Support <{signed}>", said, "Thanks, again")
    rich.add_alternative(HTML.format(**written(signed)), subtype="html")
    return [plain, rich]


def test_the_secret_of_a_reply_address_reaches_no_screen(desk: Product, browser: Browser) -> None:
    desk.mail(letter("mia@lotus.example", SUPPORT, "Broken", "Two glasses are broken."))
    token = first_token(desk)
    signed = reply_address(SUPPORT, token)
    page = signed_in(browser, desk)
    heard = Heard(page)
    page.goto(f"{desk.url}/tickets/1")
    expect(page.locator("p.txt").first).to_have_text("Two glasses are broken.")
    for reply in replies_to(signed):
        desk.mail(reply, recipient=signed)
    expect(page.frame_locator("iframe").get_by_text("Thanks, ")).to_be_visible()
    page.get_by_role("button", name="Show quoted text").first.click()
    expect(page.get_by_text(f"From: Support <{SUPPORT}>")).to_be_visible()
    heard.texts += [page.content(), page.context.request.get(f"{desk.url}/mail/3").text()]
    for address in ("/?q=thanks", "/?queue=open", "/settings/quarantine"):
        page.goto(desk.url + address)
        page.wait_for_load_state("networkidle")
        heard.texts.append(page.content())
    seen = "\n".join([*heard.texts, desk.log.read_text()]).lower()
    assert f"from: support <{SUPPORT}>" in seen
    assert f'"to_line": "{SUPPORT}"' in seen or f'"to_line":"{SUPPORT}"' in seen
    assert f"mailto:{SUPPORT}" in seen
    assert token not in seen
    page.context.close()
