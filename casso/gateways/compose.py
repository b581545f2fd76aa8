"""Builds the bytes of a mail of ours. The same letter gives the same bytes: a repeat is no second mail.

Headers come in cleaned; what still cannot stand in a mail (an address that no
server takes) is a permanent GatewayError, so that it is shown instead of sent wrong.
"""

import hashlib
import re
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from casso.errors import GatewayError
from casso.values.letter import Letter
from casso.values.mail import MailAddress, MailAttachment

# Python folds a long Message-ID into an encoded word when lines are short; RFC 5322 allows 998.
_POLICY = SMTP.clone(max_line_length=998, cte_type="7bit")
_TYPE = re.compile(r"(application|audio|image|text|video)/([a-z0-9][a-z0-9.+-]{0,100})")


def build(letter: Letter) -> bytes:
    """The mail with CRLF line ends. Raises GatewayError (permanent) when it cannot be built."""
    try:
        mail = EmailMessage(policy=_POLICY)
        _add_headers(mail, letter)
        mail.set_content(_with_newline(letter.text))
        mail.add_alternative(_with_newline(letter.html), subtype="html")
        for file in letter.attachments:
            _attach(mail, file)
        _fix_boundaries(mail, letter.message_id)
        return mail.as_bytes()
    except (ValueError, LookupError, TypeError, MessageError) as error:
        text = "The mail could not be built: an address or a file is not usable"
        raise GatewayError(text, permanent=True, code="unbuildable") from error


def _add_headers(mail: EmailMessage, letter: Letter) -> None:
    mail["From"] = _address(letter.sender)
    mail["To"] = [_address(one) for one in letter.to]
    if letter.cc:
        mail["Cc"] = [_address(one) for one in letter.cc]
    if letter.reply_to:
        mail["Reply-To"] = _address(MailAddress(letter.reply_to, letter.sender.name))
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.date)
    mail["Message-ID"] = f"<{letter.message_id}>"
    if letter.references:
        mail["In-Reply-To"] = f"<{letter.references[-1]}>"
        mail["References"] = _folded(letter.references)
    if letter.is_automatic:
        mail["Auto-Submitted"] = "auto-generated"
    if letter.loop_mark:
        mail["X-Casso-Loop"] = letter.loop_mark


def _address(found: MailAddress) -> Address:
    """Raises ValueError unless the address is plain ASCII: not every server takes anything else."""
    if not found.email.isascii():
        raise ValueError("address is not ASCII")
    return Address(display_name=found.name, addr_spec=found.email)


def _folded(references: tuple[str, ...]) -> str:
    """As many of the newest as fit on one line, the oldest always."""
    kept = [f"<{one}>" for one in references]
    while len(" ".join(kept)) > 950 and len(kept) > 2:
        del kept[1]
    return " ".join(kept)


def _attach(mail: EmailMessage, file: MailAttachment) -> None:
    match = _TYPE.fullmatch(file.content_type.lower())
    main, sub = (match[1], match[2]) if match else ("application", "octet-stream")
    mail.add_attachment(file.data, maintype=main, subtype=sub, filename=file.filename)


def _fix_boundaries(mail: EmailMessage, message_id: str) -> None:
    parts = [part for part in mail.walk() if part.is_multipart()]
    for place, part in enumerate(parts):
        digest = hashlib.sha256(f"{message_id} {place}".encode()).hexdigest()
        part.set_boundary(f"=_casso_{digest[:40]}")


def _with_newline(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
