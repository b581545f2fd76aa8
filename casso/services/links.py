"""Secret links and half-done acts: 256 random bits outside, their SHA-256 here, once and for a short time.

make() and redeem() work in the caller's transaction: a token counts as used exactly
when the act it allowed is committed. A GET only ever calls find(): mail scanners open
every link. Links always name CASSO_URL, whatever Host a request came with.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from casso.clock import now
from casso.config import settings
from casso.db import reading
from casso.errors import Invalid
from casso.models import LinkToken

TOKEN_LIMIT = 100


class LinkPurpose(StrEnum):
    """What a token is for; a token made for one thing never does another."""

    RESET = "reset"
    MAIL_CHANGE = "mail change"
    INVITATION = "invitation"
    SIGN_UP = "sign-up"
    SECOND_FACTOR = "second factor"


LIVES: dict[LinkPurpose, timedelta] = {
    LinkPurpose.RESET: timedelta(hours=1),
    LinkPurpose.MAIL_CHANGE: timedelta(hours=1),
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.SIGN_UP: timedelta(minutes=30),
    LinkPurpose.SECOND_FACTOR: timedelta(minutes=10),
}


@dataclass(frozen=True, slots=True)
class LinkFound:
    """Whose token it is, and what its maker wanted to remember."""

    id: int
    account_id: int | None
    detail: str


def make(session: Session, purpose: LinkPurpose, *, account_id: int | None = None, detail: str = "") -> str:
    """A new token; one made before for the same purpose and account stays valid until it is used or old."""
    token = secrets.token_urlsafe(32)
    moment = now()
    session.add(
        LinkToken(
            token_hash=_digest(token),
            purpose=purpose,
            account_id=account_id,
            detail=detail,
            created_at=moment,
            expires_at=moment + LIVES[purpose],
        )
    )
    return token


def url_of(path: str, token: str) -> str:
    """The whole address of a link: `url_of("/reset", token)`."""
    return f"{settings().url}{path}/{token}"


def find(purpose: LinkPurpose, token: str) -> LinkFound | None:
    """The token's link while it is valid, without using it up."""
    with reading() as session:
        row = session.exec(select(LinkToken).where(*_is_valid(purpose, token))).first()
    return None if row is None else LinkFound(row.id or 0, row.account_id, row.detail)


def redeem(session: Session, purpose: LinkPurpose, token: str) -> LinkFound:
    """Use the token up. Raises Invalid when it is unknown, used, old, revoked or for another purpose.

    Of many at once one succeeds: the row is deleted, and the others find none.
    """
    row = session.execute(
        delete(LinkToken)
        .where(*_is_valid(purpose, token))
        .returning(col(LinkToken.id), col(LinkToken.account_id), col(LinkToken.detail))
    ).first()
    if row is None:
        raise Invalid("error.link")
    return LinkFound(row.id, row.account_id, row.detail)


def revoke(session: Session, account_id: int, *purposes: LinkPurpose) -> None:
    """End the account's tokens for these purposes; without a purpose all of them.

    Whoever changes a password or a mail address calls this in the same transaction.
    """
    wanted = [col(LinkToken.account_id) == account_id]
    if purposes:
        wanted.append(col(LinkToken.purpose).in_(purposes))
    session.execute(delete(LinkToken).where(*wanted))


def _is_valid(purpose: LinkPurpose, token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(LinkToken.token_hash) == _digest(token[:TOKEN_LIMIT]),
        col(LinkToken.purpose) == purpose,
        col(LinkToken.expires_at) > now(),
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
