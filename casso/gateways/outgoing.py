"""The one door for mail that leaves: CASSO_MAIL_OUT decides whether by file, SMTP or Mailgun."""

from casso.config import settings
from casso.errors import GatewayError
from casso.gateways import mailgun, outbox_file, smtp
from casso.values.mail import OutgoingMail


def deliver(mail: OutgoingMail) -> None:
    """Hand over one mail; returning means that it was taken. Raises GatewayError (see smtp.py)."""
    found = settings()
    scheme, _, rest = found.mail_out.partition(":")
    match scheme:
        case "file":
            outbox_file.send(mail, found.data_dir / (rest or "outbox"))
        case "smtp" | "smtps":
            smtp.send(mail, found.mail_out)
        case "mailgun":
            mailgun.send(mail)
        case _:
            raise GatewayError("CASSO_MAIL_OUT is not valid", permanent=False, code="bad_setting")


def may_be_overheard() -> bool:
    """Whether mail may leave this machine unencrypted, as CASSO_MAIL_OUT is set."""
    route = settings().mail_out
    return route.startswith(("smtp:", "smtps:")) and smtp.may_be_overheard(route)
