"""Short ways to write a raw mail and to have it read."""

from casso.gateways.mime import parse
from casso.values.mail import ParsedMail

HEAD = b"From: Ada King <ada@calc.example>\nTo: support@casso.example\nSubject: Hello\n"
TEXT = b"Content-Type: text/plain\n\nplain words"
HTML = b"Content-Type: text/html\n\n<p>rich words</p>"
IMAGE = (
    b"Content-Type: image/png; name=dot.png\nContent-ID: <dot@x>\n"
    + b"Content-Transfer-Encoding: base64\n\naGVsbG8="
)


def mail(header: bytes, body: bytes = b"Hi\n") -> ParsedMail:
    """What is read of a mail from Ada with these further headers."""
    return parse(HEAD + header + b"\n" + body)


def multipart(kind: str, *parts: bytes) -> ParsedMail:
    """What is read of a mail of these parts."""
    body = b"".join(b"--b\n" + part + b"\n" for part in parts) + b"--b--\n"
    return mail(f"Content-Type: multipart/{kind}; boundary=b\n".encode(), body)
