"""Real mails for the demo, as mail programs write them: plain, HTML, pictures, files and quoted history."""

import html
import random
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from casso.services.demo_files import pdf, png
from casso.services.demo_plan import Plan, Step


@dataclass(frozen=True, slots=True)
class Thread:
    """What a further mail answers: the Message-ID (no brackets), who wrote that and what it said."""

    message_id: str
    author: str
    text: str
    at: datetime


def build(plan: Plan, step: Step, *, to: str, message_id: str, thread: Thread | None) -> bytes:
    """The raw bytes of one customer mail."""
    rng = random.Random(f"{plan.seed} {message_id}")  # noqa: S311
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((plan.person.name, plan.person.email))
    mail["To"] = to
    mail["Subject"] = f"Re: {plan.subject}" if thread else plan.subject
    mail["Date"] = format_datetime(step.at)
    mail["Message-ID"] = f"<{message_id}>"
    if thread:
        mail["In-Reply-To"] = mail["References"] = f"<{thread.message_id}>"
    mail.set_content(step.text + _plain_quote(thread))
    if plan.is_html:
        _add_html(mail, step, thread, rng)
    _attach(mail, plan, step, rng)
    return mail.as_bytes()


def _add_html(mail: EmailMessage, step: Step, thread: Thread | None, rng: random.Random) -> None:
    """The same in HTML; now and then a signature with a picture inside or one on a far server."""
    body = "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in step.text.split("\n\n"))
    kind = rng.choice(("plain", "plain", "inline", "remote", "table"))
    if kind == "table":
        body += (
            '<table border="1" cellpadding="6" style="border-collapse:collapse">'
            "<tr><th>Item</th><th>Pieces</th></tr><tr><td>Lamp</td><td>2</td></tr>"
            "<tr><td><b>Pannier</b></td><td>1</td></tr></table>"
        )
    if kind == "remote":
        body += '<p><img src="https://pictures.example/banner.png" width="300" alt="Ride Club"></p>'
    if kind == "inline":
        body += '<p style="color:#667">—<br><img src="cid:logo@mail.example" width="120" alt=""></p>'
    page = f"<html><body style='font-family:Verdana'>{body}{_html_quote(thread)}</body></html>"
    mail.add_alternative(page, subtype="html")
    if kind == "inline":
        part = mail.get_payload()[1]  # type: ignore[index]
        picture = png(120, 40, hue=rng.randrange(0, 256, 32))
        part.add_related(picture, "image", "png", cid="<logo@mail.example>", filename="logo.png")  # type: ignore[union-attr]


def _attach(mail: EmailMessage, plan: Plan, step: Step, rng: random.Random) -> None:
    if step.file == "png":
        picture = png(320, 200, hue=rng.randrange(0, 256, 32))
        mail.add_attachment(picture, "image", "png", filename=f"IMG_{rng.randrange(1000, 9999)}.png")
    if step.file == "pdf":
        page = pdf(plan.subject, (f"{plan.person.name}", f"{step.at:%Y-%m-%d}", *step.text.splitlines()[:20]))
        mail.add_attachment(page, "application", "pdf", filename=f"document-{step.at:%Y%m%d}.pdf")


def _plain_quote(thread: Thread | None) -> str:
    if thread is None:
        return ""
    quoted = "\n".join(f"> {line}".rstrip() for line in thread.text.splitlines())
    return f"\n\nOn {thread.at:%a, %d %b %Y at %H:%M}, {thread.author} wrote:\n{quoted}\n"


def _html_quote(thread: Thread | None) -> str:
    if thread is None:
        return ""
    quoted = html.escape(thread.text).replace("\n", "<br>")
    return (
        f'<div class="gmail_quote"><div class="gmail_attr">On {thread.at:%a, %d %b %Y at %H:%M}, '
        f"{html.escape(thread.author)} wrote:<br></div><blockquote>{quoted}</blockquote></div>"
    )
