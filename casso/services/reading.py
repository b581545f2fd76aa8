"""Raw mail to ReadMail: the parser plus every rule, each rule guarded on its own.

A rule that fails costs its own finding and is named in the defects; the mail is still
read. What the parser itself raises (no memory) escapes: such mail goes to quarantine.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from casso.gateways.mime import parse
from casso.rules.bounces import read_bounce
from casso.rules.forwards import is_forward_subject, read_forward
from casso.rules.guards import is_automatic, may_answer
from casso.rules.mailtext import html_to_text
from casso.rules.quoting import split_reply
from casso.values.mail import Forward, ParsedMail, ReadMail

log = logging.getLogger(__name__)
_T = TypeVar("_T")
FEW_WORDS = 1_000


def read_mail(raw: bytes) -> ReadMail:
    """Parse a raw mail and apply the rules. Defects are in `.mail.defects`."""
    mail = parse(raw)
    defects = list(mail.defects)
    body = mail.text
    if not body.strip() and mail.html.strip():
        body = _guarded("html to text", lambda: html_to_text(mail.html), "", defects)
    bounce = _guarded("bounce", lambda: read_bounce(raw, mail), None, defects)
    forward = _guarded("forward", lambda: None if bounce else _read_forward(mail, body), None, defects)
    reply = _guarded("reply text", lambda: split_reply(mail.text, mail.html, laid_out=body), body, defects)
    automatic = bounce is not None or _guarded("automatic", lambda: is_automatic(mail), True, defects)
    return ReadMail(
        mail=mail if len(defects) == len(mail.defects) else replace(mail, defects=tuple(defects)),
        body_text=body,
        reply_text=reply,
        is_automatic=automatic,
        may_answer=not automatic and _guarded("may answer", lambda: may_answer(mail), False, defects),
        bounce=bounce,
        forward=forward,
    )


def _read_forward(mail: ParsedMail, body: str) -> Forward | None:
    """A mail forwarded in the text, else the only one attached.

    Without a forward's subject the attached mail counts when there is little else: nothing
    more attached and a few words above.
    """
    found = read_forward(mail.subject, body)
    attached = [file for file in mail.attachments if file.content_type == "message/rfc822"]
    is_little_else = len(mail.attachments) == 1 and len(body.strip()) <= FEW_WORDS
    if found or len(attached) != 1 or not (is_forward_subject(mail.subject) or is_little_else):
        return found
    inner = parse(attached[0].data)
    text = inner.text if inner.text.strip() else html_to_text(inner.html)
    return Forward(inner.sender, inner.subject, text.strip(), body.strip()) if inner.sender.email else None


def _guarded(name: str, rule: Callable[[], _T], fallback: _T, defects: list[str]) -> _T:
    """What the rule finds, or the fallback when the rule itself breaks."""
    try:
        return rule()
    except Exception as error:
        log.warning("mail rule failed: %s (%s)", name, type(error).__name__)
        defects.append(f"{name} could not be read")
        return fallback
