"""Hands due notices over, by the same way as every other mail, and forgets what filled their words.

A try that failed is repeated at stored times until the notice is too old. Sending twice
is harmless (the same Message-ID), so an unknown outcome is simply tried again.
"""

import json
import logging
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from casso.clock import now
from casso.config import settings
from casso.db import reading, transaction
from casso.enums import Delivery
from casso.errors import GatewayError
from casso.gateways import compose, outgoing, processes
from casso.gateways.secrets import decrypt
from casso.models import Notice
from casso.rules.headers import clean_header
from casso.rules.outgoing_text import text_to_html
from casso.services.intake_routing import route
from casso.services.notices import NoticeKind
from casso.values.letter import Letter
from casso.values.mail import MailAddress, OutgoingMail
from casso.words import word

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # longer than any route may take (gateways/smtp.py: 5 minutes in all)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
DUE = (Delivery.QUEUED, Delivery.RETRYING, Delivery.SENDING)
ERROR_LIMIT = 500
# Their links and codes open an account: such a mail must never become a ticket that a whole desk reads.
SECRET = frozenset(
    {
        NoticeKind.RESET,
        NoticeKind.INVITATION,
        NoticeKind.MAIL_CHANGE_OLD,
        NoticeKind.MAIL_CHANGE_NEW,
        NoticeKind.SIGN_UP_CODE,
    }
)


def send_due(limit: int = 20) -> int:
    """Try at most that many due notices; returns how many were tried."""
    with reading() as session:
        due = select(Notice.id).where(*_is_due(now())).order_by(col(Notice.due_at)).limit(limit)
        ids = session.exec(due).all()
    claimed = [notice for id_ in ids if (notice := _claim(id_ or 0)) is not None]
    for notice in claimed:
        _try(notice)
    return len(claimed)


def _is_due(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """A row in `sending` is due when its lease ran out: its sender is gone."""
    is_free = col(Notice.lease_until).is_(None) | (col(Notice.lease_until) <= moment)
    return col(Notice.state).in_(DUE), col(Notice.due_at) <= moment, is_free


def _claim(notice_id: int) -> Notice | None:
    """The row, now ours; None when another worker was faster."""
    moment = now()
    with transaction() as session:
        claimed = session.execute(
            update(Notice)
            .where(col(Notice.id) == notice_id, *_is_due(moment))
            .values(
                state=Delivery.SENDING,
                lease_until=moment + LEASE,
                lease_owner=processes.new_mark(),
                attempts=Notice.attempts + 1,
            )
        ).rowcount  # type: ignore[attr-defined]
        return session.get(Notice, notice_id) if claimed else None


def _try(notice: Notice) -> None:
    """Build it, hand it over, and write down what became of it."""
    try:
        outgoing.deliver(_built(notice))
    except GatewayError as error:
        extra = {"event": "notice.failed", "notice_id": notice.id, "code": error.code}
        log.warning("notice not sent", extra=extra)
        _note_failure(notice, error)
        return
    _write(notice, state=Delivery.SENT, sealed="", error="", lease_until=None)


def _built(notice: Notice) -> OutgoingMail:
    """The mail's bytes. Raises GatewayError: the words cannot be opened, or nothing can be built."""
    if notice.kind in SECRET and route(notice.recipient) is not None:
        text = "The address is a mailbox of this desk: the link would become a ticket"
        raise GatewayError(text, permanent=True, code="own_mailbox")
    values = json.loads(decrypt(notice.sealed))
    text = word(notice.locale, f"mail.{notice.kind}_body", **values)
    sender = settings().notice_sender
    letter = Letter(
        sender=MailAddress(sender, word(notice.locale, "app.name")),
        to=(MailAddress(clean_header(notice.recipient)),),
        cc=(),
        reply_to="",
        subject=clean_header(word(notice.locale, f"mail.{notice.kind}_subject", **values)),
        message_id=notice.mail_key,
        references=(),
        date=notice.created_at,
        text=text,
        html=text_to_html(text),
        loop_mark=sender,
        is_automatic=True,
    )
    return OutgoingMail(sender, notice.recipient, compose.build(letter), notice.mail_key)


def _note_failure(notice: Notice, error: GatewayError) -> None:
    """Tried again later, or given up: then what filled the words goes too."""
    text = error.text[:ERROR_LIMIT]
    due_at = now() + WAITS[min(notice.attempts, len(WAITS)) - 1]
    is_over = error.permanent or due_at >= notice.give_up_at
    if is_over:
        _write(notice, state=Delivery.FAILED, sealed="", error=text, lease_until=None)
    else:
        _write(notice, state=Delivery.RETRYING, due_at=due_at, error=text, lease_until=None)


def _write(notice: Notice, **values: str | datetime | None) -> None:
    """Only while the claim is still ours: another worker may have taken over."""
    with transaction() as session:
        session.execute(
            update(Notice)
            .where(col(Notice.id) == notice.id, col(Notice.attempts) == notice.attempts)
            .values(**values)
        )
