"""Reading the machine part of a delivery report (RFC 3464), whoever wrote it.

Action `failed` and `delayed` count; `delivered`, `relayed` and `expanded` are good news.
Where a mailer left the action out, the status class decides.
"""

import re
from dataclasses import dataclass

from casso.values.mail import ParsedMail

SIZE_LIMIT = 64 * 1024
_FIELD = re.compile(
    r"(?im)^(final-recipient|original-recipient|action|status|diagnostic-code)[ \t]*:[ \t]*(.{0,900})$"
)
_ADDRESS = re.compile(r"[^\s<>;:,\"()\[\]]{1,200}@[^\s<>;:,\"()\[\]]{1,200}")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_MESSAGE_ID = re.compile(r"(?im)^[ \t>]{0,8}message-id[ \t]*:[ \t]*(?:\r?\n[ \t]+)?<([^<>\s]{3,400})>")
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/partial")
_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """What the report says of all its recipients together."""

    actions: tuple[str, ...]
    recipients: tuple[str, ...]
    status: str
    reason: str

    @property
    def is_good_news(self) -> bool:
        """Whether every recipient got the mail."""
        return bool(self.actions) and all(one in ("delivered", "relayed", "expanded") for one in self.actions)

    @property
    def is_delay(self) -> bool:
        """Whether the mailer will go on trying."""
        return bool(self.actions) and "failed" not in self.actions and "delayed" in self.actions


def read_status(mail: ParsedMail) -> DeliveryStatus | None:
    """The delivery-status part of a mail, or None when there is none."""
    parts = [file.data[:SIZE_LIMIT] for file in mail.attachments if file.content_type in _STATUS_PARTS]
    if not parts:
        return None
    fields = _FIELD.findall(b"\n".join(parts).decode("utf-8", "replace").replace("\r", ""))
    actions: list[str] = []
    recipients: list[str] = []
    statuses: list[str] = []
    reasons: list[str] = []
    for name, value in fields:
        match name.lower():
            case "action":
                actions.append(value.strip().lower().split(" ")[0].strip("().,;"))
            case "status":
                statuses += _STATUS.findall(value)
            case "diagnostic-code":
                reasons.append(value.strip())
            case _:
                recipients += _ADDRESS.findall(value)
    status = next((one for one in statuses if one[0] != "2"), next(iter(statuses), ""))
    return DeliveryStatus(
        tuple(actions),
        tuple(dict.fromkeys(one.lower() for one in recipients)),
        status,
        reasons[0] if reasons else "",
    )


def original_ids(mail: ParsedMail) -> tuple[str, ...]:
    """Message-IDs of the returned mail: from its attached part, else from the report's text."""
    attached = [
        file.data[:SIZE_LIMIT].decode("utf-8", "replace")
        for file in mail.attachments
        if file.content_type in _RETURNED
    ]
    for text in (*attached, mail.text[:SIZE_LIMIT]):
        found = [one for one in _MESSAGE_ID.findall(text) if one != mail.message_id]
        if found:
            return tuple(dict.fromkeys(found))[:20]
    return ()


def has_returned_mail(mail: ParsedMail) -> bool:
    """Whether the mail carries another one, or the header of one."""
    return any(file.content_type in _RETURNED for file in mail.attachments)
