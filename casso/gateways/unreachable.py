"""Why a mail server could not be talked to, as a code for the catalogue and a line for a person.

Everything named here may pass by itself or be mended by somebody, so nothing is permanent.
"""

import imaplib
import smtplib
import socket
import ssl

from casso.errors import GatewayError


def explain(error: BaseException) -> GatewayError:
    """The GatewayError for a failed connection; looks behind the libraries' own wrappers."""
    reason = (
        error.__context__
        if isinstance(error, smtplib.SMTPServerDisconnected | imaplib.IMAP4.abort)
        else error
    )
    match reason:
        case socket.gaierror():
            return later("The mail server's name is not known", "name_unknown")
        case ssl.SSLCertVerificationError() as invalid:
            return later(
                f"The mail server's certificate is not valid ({invalid.verify_message})",
                "certificate_invalid",
            )
        case ssl.SSLError():
            return later("Encryption with the mail server failed", "tls_failed")
        case TimeoutError():
            return later("The mail server does not answer in time", "timed_out")
        case ConnectionRefusedError():
            return later("The mail server refuses connections", "connection_refused")
    return later("The connection to the mail server was lost", "connection_lost")


def later(text: str, code: str) -> GatewayError:
    """A failure that may be tried again."""
    return GatewayError(text, permanent=False, code=code)


def plain_words(reply: bytes | str) -> str:
    """What a server said, short and on one line, because a person reads it."""
    words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words[:600]).split())[:300]
