"""Mailgun's sending API on loopback, and a maker of signed webhook fields.

with mailgun_stub() as stub:
    stub.environment()          # settings that point the product here
    stub.mails                  # what was sent: recipient, raw
    stub.answer = (429, '{"message": "slow down"}')
    stub.fault = "drop"         # or "hang": the mail is kept, the answer never comes
signed_fields(key, at=...)      # timestamp, token, signature of a webhook
"""

import hmac
import secrets
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

API_KEY = "key-for-tests"
DOMAIN = "mg.desk.example"
SIGNING_KEY = "signing-key-for-tests"


@dataclass(frozen=True)
class SentMail:
    """One mail handed over by the API."""

    recipient: str
    raw: bytes


@dataclass
class MailgunStub:
    """What arrived and what to answer."""

    port: int = 0
    mails: list[SentMail] = field(default_factory=list)
    answer: tuple[int, str] = (200, '{"id": "<1@mg>", "message": "Queued. Thank you."}')
    fault: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def environment(self) -> dict[str, str]:
        """The settings that make the product use this server."""
        return {
            "MAILGUN_API_KEY": API_KEY,
            "MAILGUN_DOMAIN": DOMAIN,
            "MAILGUN_API_BASE": f"http://127.0.0.1:{self.port}",
            "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY,
        }


def signed_fields(key: str = SIGNING_KEY, *, at: datetime, token: str = "") -> dict[str, str]:
    """The three fields that sign a webhook."""
    token = token or secrets.token_hex(25)
    timestamp = str(int(at.timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), "sha256").hexdigest()
    return {"timestamp": timestamp, "token": token, "signature": signature}


@contextmanager
def mailgun_stub() -> Iterator[MailgunStub]:
    """Run the server on a free port."""
    stub = MailgunStub()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            scheme, _, credentials = self.headers.get("Authorization", "").partition(" ")
            if scheme != "Basic" or b64decode(credentials) != f"api:{API_KEY}".encode():
                return self._reply(401, "Forbidden")
            if self.path != f"/v3/{DOMAIN}/messages.mime":
                return self._reply(404, "Domain not found")
            if stub.answer[0] == 200:
                stub.mails.append(_sent(self.headers["Content-Type"], body))
            if stub.fault == "hang":
                stub.ended.wait(30)
            if stub.fault:
                self.close_connection = True
                return None
            return self._reply(*stub.answer)

        def _reply(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def _sent(content_type: str, body: bytes) -> SentMail:
    """Read the multipart form by its boundary, so that the mail's bytes stay as they came."""
    head = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode(), policy=policy.HTTP)
    fields: dict[str, bytes] = {}
    for part in body.split(b"--" + str(head.get_boundary()).encode())[1:-1]:
        header, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = header.split(b'name="')[1].split(b'"')[0].decode()
        fields[name] = content.removesuffix(b"\r\n")
    return SentMail(fields["to"].decode(), fields["message"])


if __name__ == "__main__":
    with mailgun_stub() as running:
        print(running.environment(), flush=True)
        threading.Event().wait()
