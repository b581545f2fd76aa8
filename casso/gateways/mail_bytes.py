"""The last look at a mail before it leaves by any route: no header that hides a second one.

The builder cleans what people typed; this refuses what slipped through, so that a
mistake there is a mail not sent instead of a mail sent to somebody else.
"""

import re

from casso.errors import GatewayError
from casso.values.mail import OutgoingMail

_HEADER_LINE = re.compile(rb"[!-9;-~]+:[^\r\n]*|[ \t][^\r\n]*[^ \t\r\n][^\r\n]*")
_HIDDEN_BREAK = re.compile(rb"[\x00\x0b\x0c\x1c\x1d\x1e]|\xc2\x85|\xe2\x80[\xa8\xa9]")
_LONE_BREAK = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_ODD_IN_ADDRESS = re.compile("[\x00-\x20\x7f-\x9f<>\u2028\u2029\ud800-\udfff]")


def require_safe(mail: OutgoingMail) -> None:
    """Raises GatewayError (permanent) unless addresses and header block are clean."""
    if not mail.recipient or "@" not in mail.recipient or _ODD_IN_ADDRESS.search(mail.recipient):
        raise _refused("The recipient's address is not valid", "bad_recipient")
    if _ODD_IN_ADDRESS.search(mail.sender):
        raise _refused("The sender's address is not valid", "bad_sender")
    block, _, _ = with_crlf(mail.raw).partition(b"\r\n\r\n")
    if _HIDDEN_BREAK.search(block) or not all(_HEADER_LINE.fullmatch(line) for line in block.split(b"\r\n")):
        raise _refused("The mail has a damaged header and was not sent", "unsafe_header")


def with_crlf(raw: bytes) -> bytes:
    """The mail with CRLF line ends. A lone break among CRLF headers is kept, so that it is refused."""
    if b"\r\n" not in raw:
        return raw.replace(b"\n", b"\r\n")
    block, blank, body = raw.partition(b"\r\n\r\n")
    return block + blank + _LONE_BREAK.sub(b"\r\n", body)


def _refused(text: str, code: str) -> GatewayError:
    return GatewayError(text, permanent=True, code=code)
