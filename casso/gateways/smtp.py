"""One mail to one SMTP server: delivered, refused, try later, or uncertain.

Uncertain is the outcome that matters: when the connection is lost after the final dot
and before the reply, the server may have the mail. Such a mail is never repeated by
itself. Where STARTTLS is required there is no way back to plain text.
"""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from casso.config import settings
from casso.errors import GatewayError
from casso.gateways.deadline import Deadline
from casso.gateways.mail_bytes import require_safe, with_crlf
from casso.gateways.unreachable import explain, later, plain_words
from casso.values.mail import OutgoingMail
from casso.values.reach import LOOPBACK_NAMES

_MODES = ("required", "auto", "off")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where to send. `starttls` counts only without `implicit_tls`."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    implicit_tls: bool = False
    starttls: str = "auto"


def server_from_url(url: str) -> SmtpServer:
    """Read smtp://user:pass@host:port?starttls=required|auto|off or smtps://…. Raises GatewayError."""
    try:
        parts = urlsplit(url)
        implicit = parts.scheme == "smtps"
        starttls = parse_qs(parts.query).get("starttls", ["auto"])[0]
        port = parts.port or (465 if implicit else 587 if parts.username else 25)
    except ValueError:
        parts, starttls = urlsplit(""), ""
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or starttls not in _MODES:
        raise GatewayError("CASSO_MAIL_OUT is not a valid SMTP address", permanent=False, code="bad_setting")
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    return SmtpServer(parts.hostname, port, username, password, implicit, starttls)


def may_be_overheard(url: str) -> bool:
    """Whether mail may go to another machine unencrypted. Raises GatewayError.

    Without a sign-in `auto` takes what the server offers, so whoever sits on the way can take the offer out.
    """
    server = server_from_url(url)
    if server.implicit_tls or server.host in LOOPBACK_NAMES:
        return False
    return server.starttls == "off" or (server.starttls == "auto" and not server.username)


def send(mail: OutgoingMail, url: str, *, timeout_seconds: float = 30, budget_seconds: float = 300) -> None:
    """Hand the mail to the server; returning means that the server took it. Raises GatewayError.

    `timeout_seconds` bounds every single wait, `budget_seconds` all of them together.
    """
    require_safe(mail)
    server = server_from_url(url)
    with Deadline(budget_seconds) as deadline:
        connection = _Connection(server, timeout_seconds, deadline)
        try:
            _open(connection, server)
            _address(connection, mail)
            _hand_over(connection, mail.raw)
        finally:
            connection.leave()


class _Connection(smtplib.SMTP):
    """smtplib's client with the deadline on its socket and TLS from the first byte when asked."""

    def __init__(self, server: SmtpServer, timeout_seconds: float, deadline: Deadline) -> None:
        super().__init__(local_hostname=settings().mail_host, timeout=timeout_seconds)
        self._host = server.host  # the name that STARTTLS checks the certificate against
        self._server = server
        self._deadline = deadline

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        self._deadline.watch(connection)
        if self._server.implicit_tls:
            return ssl.create_default_context().wrap_socket(connection, server_hostname=host)
        return connection

    def leave(self) -> None:
        """Say goodbye if anybody listens; what the server answers no longer matters."""
        with suppress(OSError, smtplib.SMTPException):
            if self.sock:
                self.sock.settimeout(2)
                self.quit()
        self.close()


def _open(connection: _Connection, server: SmtpServer) -> None:
    """Connect, greet, encrypt, sign in. Everything that fails here may be tried again."""
    try:
        code, reply = connection.connect(server.host, server.port)
        if code != 220:
            raise _refusal("The mail server does not take mail now", code, reply, permanent=False)
        connection.ehlo_or_helo_if_needed()
        _encrypt(connection, server)
        if server.username:
            connection.login(server.username, server.password)
    except smtplib.SMTPAuthenticationError as error:
        text = "The mail server refused the sign-in"
        raise _refusal(
            text, error.smtp_code, error.smtp_error, permanent=False, kind="login_refused"
        ) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(
            "The mail server refused the connection", error.smtp_code, error.smtp_error, permanent=False
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise later("The mail server does not offer a sign-in", "login_refused") from error
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise explain(error) from error


def _encrypt(connection: _Connection, server: SmtpServer) -> None:
    if server.implicit_tls or server.starttls == "off":
        return
    if connection.has_extn("starttls"):
        connection.starttls(context=ssl.create_default_context())
        connection.ehlo()
    elif server.starttls == "required" or (server.username and server.host not in LOOPBACK_NAMES):
        raise later("The mail server does not offer encryption", "encryption_missing")


def _address(connection: _Connection, mail: OutgoingMail) -> None:
    """MAIL, RCPT and DATA: refusals here are certain, nothing was handed over."""
    try:
        options = _options(connection, mail)
        _expect(connection.mail(_in_ascii(mail.sender), options), "The mail server refused the sender")
        _expect(connection.rcpt(_in_ascii(mail.recipient)), "The mail server refused the address")
        _expect(connection.docmd("DATA"), "The mail server refused the mail", wanted=354)
    except (OSError, smtplib.SMTPException) as error:
        raise explain(error) from error


def _hand_over(connection: _Connection, raw: bytes) -> None:
    """The mail, then the final dot by itself: an error before the dot is certain, one after it is not."""
    stuffed = re.sub(rb"(?m)^\.", b"..", with_crlf(raw))
    try:
        connection.send(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")
    except (OSError, smtplib.SMTPException) as error:
        raise explain(error) from error
    try:
        connection.send(b".\r\n")
        code, reply = connection.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise _uncertain() from error
    if not (250 <= code <= 259 or 400 <= code <= 599):
        raise _uncertain()
    _expect((code, reply), "The mail server refused the mail")


def _options(connection: _Connection, mail: OutgoingMail) -> list[str]:
    options = []
    if connection.has_extn("size"):
        options.append(f"size={len(mail.raw)}")
    if connection.has_extn("8bitmime") and not mail.raw.isascii():
        options.append("BODY=8BITMIME")
    if not (_in_ascii(mail.sender) + _in_ascii(mail.recipient)).isascii():
        if not connection.has_extn("smtputf8"):
            text = "The mail server cannot deliver to an address with letters outside of ASCII"
            raise GatewayError(text, permanent=True, code="smtputf8_missing")
        options.append("SMTPUTF8")
    return options


def _in_ascii(address: str) -> str:
    """The address with its domain in IDNA form, which every server understands."""
    local, _, domain = address.rpartition("@")
    if not local or domain.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise GatewayError(
            "The address has an invalid domain", permanent=True, code="bad_recipient"
        ) from None


def _expect(answer: tuple[int, bytes], text: str, *, wanted: int = 250) -> None:
    code, reply = answer
    if code == wanted or (wanted == 250 and 250 <= code <= 259):
        return
    raise _refusal(text, code, reply, permanent=500 <= code <= 599)


def _refusal(text: str, code: int, reply: bytes | str, *, permanent: bool, kind: str = "") -> GatewayError:
    """A refusal with the server's own words, short and plain because a person reads them."""
    kind = kind or ("refused" if permanent else "try_later")
    return GatewayError(f"{text} ({code} {plain_words(reply)})", permanent=permanent, code=kind)


def _uncertain() -> GatewayError:
    text = "The connection was lost before the mail server confirmed: it may or may not have the mail"
    return GatewayError(text, permanent=False, uncertain=True, code="uncertain")
