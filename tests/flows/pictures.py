"""The pictures of the README, taken from a fresh desk: `python -m tests.flows.pictures`.

Writes docs/pictures/inbox-light.png, inbox-dark.png and phone.png.
"""

from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, expect

from casso.access import Actor
from casso.queries.tickets import get_ticket, list_queue
from casso.services import replies, tickets
from tests.flows.browser import chromium, signed_in
from tests.servers.inside import inside, wait_until
from tests.servers.product import ROOT, Product, letter, product

FOLDER = ROOT / "docs" / "pictures"
SUBJECT = "Charged twice for the yearly plan"
MAIL = """Hi,

my card shows two payments of €228 from today. I only renewed once. Could you please refund one of \
them? The receipt is attached.

Thanks, Priya
"""
NOTE = "Second charge has no invoice on our side, looks like a retried checkout. Refunding."
REPLY = """Hello Priya,

thank you for the receipt. The €228 will be back on your card within three days."""
EARLIER = ("Change billing address", "Invite a second person")


def mail_of(subject: str, text: str) -> EmailMessage:
    """A mail of the customer."""
    return letter("Priya Nair <priya@lotus.example>", "support@northwind.example", subject, text)


def first_mail() -> EmailMessage:
    """The one that the picture shows, with a file."""
    mail = mail_of(SUBJECT, MAIL)
    mail.add_attachment(b"%PDF-1.4 " + b"0" * 84_000, "application", "pdf", filename="receipt-0923.pdf")
    return mail


def taken_in(desk: Product, owner: Actor, mail: EmailMessage) -> int:
    """Send a mail and wait for its ticket; the number."""
    desk.mail(mail)

    def number() -> int:
        rows = list_queue(owner, "open").rows
        return next((row.number for row in rows if row.subject == mail["Subject"]), 0)

    wait_until("the mail becomes a ticket", lambda: number() > 0)
    return number()


def tell(desk: Product) -> int:
    """The story on the desk: a mail, who takes it, a note, an answer; its number."""
    with inside(desk) as look:
        owner = look.owner()
        for subject in EARLIER:
            tickets.set_status(
                owner, taken_in(desk, owner, mail_of(subject, "Please help.")), status="solved"
            )
        found = taken_in(desk, owner, first_mail())
        tickets.assign_ticket(owner, found, account_id=owner.account_id)
        tickets.set_priority(owner, found, priority="high")
        tickets.set_category(owner, found, category="Billing")
        tickets.set_tags(owner, found, tags=("refund", "yearly"))
        replies.add_note(owner, found, text=NOTE)
        look.send_at_once()
        sent = replies.send_reply(owner, found, text=REPLY)

        def is_sent() -> bool:
            shown = [entry.message for entry in get_ticket(owner, found).entries if entry.message]
            return any(one.id == sent and one.delivery == "sent" for one in shown)

        wait_until("the answer is sent", is_sent)
    return found


def take(page: Page, address: str, name: str, *, scheme: str = "light") -> None:
    """One picture, once everything stands."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address)
    expect(page.locator("article")).to_have_count(3)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)
    page.screenshot(path=FOLDER / name)


def pictures(browser: Browser, desk: Product, number: int) -> None:
    """All three."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    address = f"{desk.url}/tickets/{number}?queue=open"
    page = signed_in(browser, desk)
    take(page, address, "inbox-light.png")
    take(page, address, "inbox-dark.png", scheme="dark")
    take(signed_in(browser, desk, width=390, height=844), address, "phone.png")


def main() -> None:
    """A fresh desk, a story, three pictures."""
    with TemporaryDirectory() as folder, product(Path(folder)) as desk, chromium() as browser:
        desk.set_up()
        desk.run("demo", "--tickets=160")
        desk.start()
        pictures(browser, desk, tell(desk))


if __name__ == "__main__":
    main()
