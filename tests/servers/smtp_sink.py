"""An SMTP server on loopback that keeps every mail it takes, and fails on request.

    with smtp_sink() as sink:
        sink.url                      # smtp://127.0.0.1:port
        sink.mails                    # what arrived: sender, recipients, raw
        sink.wait_for(2)              # blocks until two mails are there
        sink.recipient_replies["a@b.example"] = "550 5.1.1 no such user"
        sink.data_reply = "451 4.3.0 later"
        sink.after_data = "drop"      # or "hang": the mail is kept, the reply never comes

Outside of pytest: `python -m tests.servers.smtp_sink 2500` prints every mail.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

from tests.servers.certificates import Certificate
from tests.servers.loops import hang, serving


@dataclass(frozen=True)
class SunkMail:
    """One mail as it arrived."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass
class SmtpSink:
    """What arrived and what to answer; set the attributes at any time, empty means the usual answer."""

    port: int = 0
    mails: list[SunkMail] = field(default_factory=list)
    sender_reply: str = ""
    recipient_replies: dict[str, str] = field(default_factory=dict)
    data_reply: str = ""
    after_data: str = ""
    password: str = ""
    peers: int = 0
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """The address for CASSO_MAIL_OUT."""
        return f"smtp://127.0.0.1:{self.port}"

    def wait_for(self, count: int, timeout_seconds: float = 20) -> list[SunkMail]:
        """The mails, once there are that many. Raises TimeoutError."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.mails) >= count, timeout_seconds):
                raise TimeoutError(f"{len(self.mails)} of {count} mails arrived")
        return list(self.mails)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.sender_reply:
            return self.sender_reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        reply = self.recipient_replies.get(address, "250 OK")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data_reply:
            return self.data_reply
        with self._arrived:
            sender = "" if envelope.mail_from == "<>" else envelope.mail_from
            self.mails.append(SunkMail(sender, tuple(envelope.rcpt_tos), envelope.content))
            self._arrived.notify_all()
        if self.after_data == "drop":
            server.transport.abort()
        if self.after_data in ("drop", "hang"):
            await hang()
        return "250 2.0.0 kept"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Accept any name with the right password."""
        return AuthResult(success=data.password == self.password.encode(), handled=False)


@contextmanager
def smtp_sink(
    *, certificate: Certificate | None = None, implicit_tls: bool = False, password: str = "", port: int = 0
) -> Iterator[SmtpSink]:
    """Run the server; a certificate offers STARTTLS, or TLS from the first byte."""
    sink = SmtpSink(password=password)
    context = certificate.server_context() if certificate else None

    def protocol() -> SMTP:
        sink.peers += 1
        return SMTP(
            sink,
            enable_SMTPUTF8=True,
            tls_context=None if implicit_tls else context,
            authenticator=sink.authenticate if password else None,
            auth_required=bool(password and context and not implicit_tls),
            auth_require_tls=bool(context and not implicit_tls),
        )

    with serving(protocol, context if implicit_tls else None, port) as listening:
        sink.port = listening
        yield sink


if __name__ == "__main__":
    with smtp_sink(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as running:
        print(running.url, flush=True)
        for number in range(1, 1_000_000):
            mail = running.wait_for(number, timeout_seconds=1e9)[-1]
            print(mail.sender, mail.recipients, mail.raw.decode("utf-8", "replace"), sep="\n", flush=True)
