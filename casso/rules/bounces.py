"""Delivery reports: whether a mail is one, for whom, and whether the failure is final."""

from casso.values.mail import Bounce, ParsedMail


def read_bounce(raw: bytes, mail: ParsedMail) -> Bounce | None:
    """The delivery report in this mail, or None."""
    if mail.is_report and any(file.content_type == "message/delivery-status" for file in mail.attachments):
        return Bounce(is_permanent=True)
    return None
