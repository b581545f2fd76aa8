"""Mailgun: checking its webhooks, reading both of their forms, sending through its API.

The parsed form is rebuilt into a MIME message whose bytes depend on the content alone,
so that a webhook delivered twice is one mail in the spool. Whether a token was seen
before is for the caller to remember.
Source: https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/
"""

import hmac
import re
from datetime import datetime, timedelta

import httpx

from casso.config import settings
from casso.errors import GatewayError
from casso.gateways.mail_bytes import require_safe, with_crlf
from casso.gateways.unreachable import plain_words
from casso.values.mail import OutgoingMail

WINDOW = timedelta(minutes=15)

_DEFAULT_BASE = (
    "https://api.mailgun.net"  # accounts in the EU set MAILGUN_API_BASE to https://api.eu.mailgun.net
)
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_TOKEN = re.compile(r"[!-~]{1,200}")


def verify(signing_key: str, timestamp: str, token: str, signature: str, now: datetime) -> bool:
    """Whether Mailgun signed this webhook within 15 minutes of now; never true without a key."""
    if not (signing_key and _SIGNATURE.fullmatch(signature) and _TOKEN.fullmatch(token)):
        return False
    if not _TIMESTAMP.fullmatch(timestamp) or abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        return False
    wanted = hmac.new(signing_key.encode(), f"{timestamp}{token}".encode(), "sha256").hexdigest()
    return hmac.compare_digest(wanted, signature)


def send(mail: OutgoingMail, *, timeout_seconds: float = 30) -> None:
    """Hand over one mail as MIME. Raises GatewayError; a missing answer to a sent request is uncertain."""
    require_safe(mail)
    found = settings()
    if not (found.mailgun_api_key and found.mailgun_domain):
        raise GatewayError("Mailgun is not configured", permanent=False, code="bad_setting")
    url = f"{(found.mailgun_api_base or _DEFAULT_BASE).rstrip('/')}/v3/{found.mailgun_domain}/messages.mime"
    try:
        answer = httpx.post(
            url,
            auth=("api", found.mailgun_api_key),
            data={"to": mail.recipient},
            files={"message": ("message.mime", with_crlf(mail.raw), "message/rfc822")},
            timeout=httpx.Timeout(timeout_seconds, connect=min(10, timeout_seconds)),
            trust_env=False,
        )
    except (httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError) as error:
        text = "Mailgun did not answer after it got the mail: it may or may not have been sent"
        raise GatewayError(text, permanent=False, uncertain=True, code="uncertain") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        text = f"Mailgun cannot be reached ({type(error).__name__})"
        raise GatewayError(text, permanent=False, code="connection_lost") from error
    _judge(answer)


def _judge(answer: httpx.Response) -> None:
    """Raises GatewayError unless Mailgun took the mail."""
    status = answer.status_code
    if 200 <= status < 300:
        return
    words = f"{status} {plain_words(answer.text)}".strip()
    if status in (401, 403, 404):
        text = f"Mailgun refused the key or the domain ({words})"
        raise GatewayError(text, permanent=False, code="login_refused")
    if status in (502, 504):
        text = f"Mailgun answered with a gateway failure: the mail may or may not have been sent ({words})"
        raise GatewayError(text, permanent=False, uncertain=True, code="uncertain")
    if status in (408, 425, 429) or status >= 500 or status < 400:
        raise GatewayError(f"Mailgun asks to try later ({words})", permanent=False, code="try_later")
    raise GatewayError(f"Mailgun refused the mail ({words})", permanent=True, code="refused")
