"""Puts mail from Casso itself to a person on its way: a reset link, news about the account, an invitation.

send() only writes a row, in the caller's transaction; services/notice_sending.py hands it
over. What fills the words is sealed, because it may hold a secret link. A new kind needs a
line in NoticeKind and the words `mail.KIND_subject` and `mail.KIND_body`.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from casso.access import across_organizations
from casso.clock import now
from casso.config import settings
from casso.gateways.secrets import encrypt
from casso.models import Account, Membership, Notice, Organization

LIFE = timedelta(days=2)


class NoticeKind(StrEnum):
    """What is told."""

    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 (a kind of notice)
    NEW_DEVICE = "new_device"
    FACTOR_ON = "factor_on"
    FACTOR_OFF = "factor_off"
    SPARE_CODE_USED = "spare_code_used"
    SPARE_CODES_NEW = "spare_codes_new"
    PASSKEY_ADDED = "passkey_added"
    INVITATION = "invitation"
    MAIL_CHANGE_OLD = "mail_change_old"
    MAIL_CHANGE_NEW = "mail_change_new"
    MAIL_CHANGE_TAKEN = "mail_change_taken"
    MAIL_CHANGED = "mail_changed"
    SIGN_UP_CODE = "sign_up_code"
    SIGN_UP_KNOWN = "sign_up_known"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told, in which language; `account_id` is None for somebody without an account."""

    email: str
    locale: str
    account_id: int | None = None


def send(
    session: Session, kind: NoticeKind, to: Recipient, *, life: timedelta = LIFE, **values: str | int
) -> None:
    """Put a notice on its way once this transaction is committed; `values` fill the gaps of its words.

    After `life` it is not tried any more: a link that is over helps nobody.
    """
    moment = now()
    session.add(
        Notice(
            account_id=to.account_id,
            recipient=to.email,
            kind=kind,
            locale=to.locale,
            sealed=encrypt(json.dumps(values)),
            mail_key=f"notice.{secrets.token_hex(12)}@{settings().mail_host}",
            due_at=moment,
            give_up_at=moment + life,
            created_at=moment,
        )
    )


def recipient_of(session: Session, account: Account) -> Recipient:
    """The account's address and language; that of their first organization when they chose none."""
    locale = account.locale
    if not locale:
        with across_organizations(session, "language of a notice"):
            found = session.exec(
                select(Organization.locale)
                .join(Membership, col(Membership.organization_id) == col(Organization.id))
                .where(Membership.account_id == account.id)
                .order_by(col(Membership.id))
            ).first()
        locale = found or "en"
    return Recipient(account.email, locale, account.id)
