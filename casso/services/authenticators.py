"""The second factor of a person: an authenticator app, and spare codes for the day it is lost.

begin() makes a secret that counts for nothing until a code from the app confirms it, and that
is forgotten with the sign-in it was shown in: whoever saw it must not know what is enrolled later.
Each code counts once, also when two requests bring it at the same moment.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from casso.clock import now
from casso.db import reading, transaction
from casso.errors import Invalid, NotFound
from casso.gateways.secrets import decrypt, encrypt
from casso.models import Account, Authenticator, RecoveryCode
from casso.rules import totp

ISSUER = "Casso"
SHOWN_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app needs: the secret to type, and the same as a QR code (an SVG in a data: address)."""

    secret: str
    qr: str


def begin(account_id: int) -> Enrolment:
    """Make a secret for somebody without an authenticator; asked again within ten minutes, the same.

    Raises Invalid when one is in use: it is turned off first.
    """
    with transaction() as session:
        account = session.get(Account, account_id)
        if account is None:
            raise NotFound()
        row = session.get(Authenticator, account_id)
        if row is not None and row.confirmed_at:
            raise Invalid("error.factor_on")
        if row is None:
            row = Authenticator(account_id=account_id, secret_sealed="", created_at=now())
            session.add(row)
        if not row.secret_sealed or now() - row.created_at > SHOWN_FOR:
            row.secret_sealed, row.created_at = encrypt(totp.new_secret()), now()
        secret = decrypt(row.secret_sealed)
    return Enrolment(secret, _qr(totp.address_of(secret, account=account.email, issuer=ISSUER)))


def confirm(session: Session, account_id: int, code: str) -> tuple[str, ...]:
    """Let the authenticator count; gives the spare codes. Raises Invalid for a wrong code."""
    row = session.get(Authenticator, account_id)
    if row is None or row.confirmed_at:
        raise Invalid("error.factor_on" if row else "error.factor_begin")
    step = totp.matching_step(decrypt(row.secret_sealed), code, now())
    if step is None:
        raise Invalid("error.factor_code")
    row.confirmed_at, row.last_step = now(), step
    return renew_spare_codes(session, account_id)


def renew_spare_codes(session: Session, account_id: int) -> tuple[str, ...]:
    """New spare codes; the ones before are worth nothing."""
    codes = totp.new_spare_codes()
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    moment = now()
    session.add_all(
        RecoveryCode(account_id=account_id, code_hash=totp.spare_hash(one) or "", created_at=moment)
        for one in codes
    )
    return codes


def remove(session: Session, account_id: int) -> bool:
    """Forget the authenticator and its spare codes; whether one counted."""
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    row = session.get(Authenticator, account_id)
    if row is None:
        return False
    session.delete(row)
    return row.confirmed_at is not None


def forget_unconfirmed(session: Session, account_id: int) -> None:
    """Forget a secret that was shown and never confirmed: the next one asked for is new."""
    session.execute(
        delete(Authenticator).where(
            col(Authenticator.account_id) == account_id, col(Authenticator.confirmed_at).is_(None)
        )
    )


def is_on(account_id: int | None) -> bool:
    """Whether a confirmed authenticator is asked for at sign-in."""
    with reading() as session:
        found = session.exec(
            select(Authenticator.confirmed_at).where(Authenticator.account_id == account_id)
        ).first()
    return found is not None


def count_spare_codes(account_id: int | None) -> int:
    """How many spare codes are left."""
    with reading() as session:
        return len(session.exec(select(RecoveryCode.id).where(RecoveryCode.account_id == account_id)).all())


def use_code(session: Session, account_id: int, code: str) -> bool:
    """Use up the app's code; False for a wrong one, and for one whose step was used before."""
    row = session.get(Authenticator, account_id)
    if row is None or row.confirmed_at is None:
        return False
    step = totp.matching_step(decrypt(row.secret_sealed), code, now())
    if step is None:
        return False
    used = session.execute(
        update(Authenticator)
        .where(col(Authenticator.account_id) == account_id, col(Authenticator.last_step) < step)
        .values(last_step=step)
        .returning(col(Authenticator.account_id))
    )
    return used.first() is not None


def use_spare_code(session: Session, account_id: int, code: str) -> bool:
    """Use up a spare code; of two at the same moment one gets True."""
    hashed = totp.spare_hash(code)
    if hashed is None:
        return False
    gone = session.execute(
        delete(RecoveryCode)
        .where(col(RecoveryCode.account_id) == account_id, col(RecoveryCode.code_hash) == hashed)
        .returning(col(RecoveryCode.id))
    )
    return gone.first() is not None


def _qr(address: str) -> str:
    import segno

    made: str = segno.make(address, error="m").svg_data_uri(scale=5, border=2, dark="#000", light="#fff")
    return made
