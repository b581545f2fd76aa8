"""Hands the product's own reading to the scorer of the mail cases, key by key. Decides nothing."""

from casso.services.reading import read_mail
from casso.values.mail import MailAddress, ReadMail


def parse(raw: bytes) -> dict[str, object]:
    """A raw mail as the scorer's keys."""
    found = read_mail(raw)
    mail = found.mail
    return {
        "subject": mail.subject,
        "from_email": mail.sender.email,
        "from_name": mail.sender.name,
        "to": _addresses(mail.to),
        "cc": _addresses(mail.cc),
        "body_text": found.body_text,
        "body_html": mail.html,
        "reply_text": found.reply_text,
        "attachments": [
            {"filename": file.filename, "size": file.size, "content_type": file.content_type}
            for file in mail.attachments
        ],
        "is_auto": found.is_automatic,
        "is_bounce": found.bounce is not None,
        "forwarded": _forward(found),
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
    }


def _addresses(found: tuple[MailAddress, ...]) -> list[str]:
    return [one.email for one in found]


def _forward(found: ReadMail) -> dict[str, str] | None:
    forward = found.forward
    if forward is None:
        return None
    return {
        "from_email": forward.sender.email,
        "from_name": forward.sender.name,
        "subject": forward.subject,
        "body": forward.body,
        "message": forward.message,
    }
