"""One mail to several organizations of the desk: each gets its own copy or none (check 54)."""

import json
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import select

from casso import db
from casso.models import Message, Ticket
from tests.faults.inventory import halves
from tests.servers.inside import inside, wait_until
from tests.servers.product import PASSWORD, Product, letter, product

pytestmark = pytest.mark.faults
NORTH, SOUTH = "support@northwind.example", "help@southwind.example"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Product]:
    """A running desk with two organizations."""
    with product(tmp_path) as found:
        found.set_up()
        found.run(
            "setup",
            "--another",
            "--organization=Southwind",
            "--email=sam@southwind.example",
            f"--mailbox={SOUTH}",
            "--password-stdin",
            stdin=PASSWORD.encode(),
        )
        found.start()
        yield found


def mail(name: str, to: str, **headers: str) -> EmailMessage:
    return letter("mia@lotus.example", to, name, name, Message_ID=f"<{name}@lotus.example>", **headers)


def keys(desk: Product) -> dict[str, list[str]]:
    """Which mails each organization has, tickets told apart by number."""
    found = {}
    with inside(desk) as look:
        for email in ("ana@northwind.example", "sam@southwind.example"):
            here = look.owner(email).organization_id
            with db.reading(here) as session:
                rows = session.exec(
                    select(Ticket.number, Message.mail_key)
                    .where(Ticket.organization_id == here, Message.organization_id == here)
                    .where(Message.ticket_id == Ticket.id)
                ).all()
            found[email.partition("@")[0]] = sorted(f"{number} {key}" for number, key in rows)
    return found


def test_each_organization_gets_its_own_copy_or_none(desk: Product) -> None:
    both = mail("both", f"{NORTH}, {SOUTH.upper()}")
    desk.mail(both)
    wait_until("both have one", lambda: [len(rows) for rows in keys(desk).values()] == [1, 1])
    desk.mail(both)  # a repeat of the same bytes stays one mail in each
    desk.mail(mail("copied", NORTH, Cc=SOUTH), recipient=NORTH)
    wait_until("the copy", lambda: len(keys(desk)["ana"]) == 2)
    piped = desk.run("mail-in", "--json", stdin=mail("piped", NORTH, Cc=SOUTH).as_bytes())
    assert json.loads(piped)
    wait_until("both have the piped one", lambda: [len(rows) for rows in keys(desk).values()] == [3, 2])
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        desk.mail(mail("nobody", "nobody@northwind.example"))
    desk.run("drain")
    assert keys(desk) == {
        "ana": ["1 both@lotus.example", "2 copied@lotus.example", "3 piped@lotus.example"],
        "sam": ["1 both@lotus.example", "2 piped@lotus.example"],
    }


def test_an_answer_to_the_other_organization_never_joins_this_ones_ticket(desk: Product) -> None:
    desk.mail(mail("first", NORTH))
    wait_until("the ticket", lambda: len(keys(desk)["ana"]) == 1)
    desk.mail(mail("second", SOUTH, In_Reply_To="<first@lotus.example>", References="<first@lotus.example>"))
    wait_until("the other ticket", lambda: len(keys(desk)["sam"]) == 1)
    assert keys(desk) == {"ana": ["1 first@lotus.example"], "sam": ["1 second@lotus.example"]}
    with inside(desk) as look:
        assert halves(look.owner().organization_id) == []
