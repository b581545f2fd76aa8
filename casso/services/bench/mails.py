"""Mails from strangers to measure intake and pushes with: small, half of them with an HTML part."""

import html
import random
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from casso.services.bench.corpus import made_up


def small_mails(count: int, *, to: str, moment: datetime) -> list[bytes]:
    """That many new mails that belong to no ticket yet."""
    rng = random.Random("casso bench mails")  # noqa: S311
    found = []
    for number, ticket in enumerate(made_up(count)):
        first = ticket.messages[0]
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f"{first.name} <{first.email}>"
        mail["To"] = to
        mail["Subject"] = ticket.subject
        mail["Date"] = format_datetime(moment)
        mail["Message-ID"] = f"<{number}.{rng.randrange(2**60)}@mail.customer.example>"
        text = f"Hello,\n\n{first.body}\n\nKind regards\n{first.name}\n"
        mail.set_content(text, cte="quoted-printable")
        if number % 2:
            parts = "".join(f"<p>{html.escape(part)}</p>\n" for part in text.split("\n\n"))
            page = f"<html><body>\n{parts}</body></html>\n"
            mail.add_alternative(page, subtype="html", cte="quoted-printable")
        found.append(mail.as_bytes())
    return found
