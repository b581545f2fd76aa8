"""Passkeys of a person: made, used to sign in, renamed, taken away.

A passkey verifies its person and lies on their device, so it counts as both factors. Each
challenge is sealed into the browser's own cookie and counts once.
"""

import hashlib
import json
import secrets as random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from casso.access import Actor, require
from casso.clock import now
from casso.db import reading, transaction
from casso.enums import Strength
from casso.errors import GatewayError, Invalid, NotAllowed, NotFound
from casso.gateways import passkeys, secrets
from casso.models import Account, LinkedIdentity, Passkey
from casso.rules.permissions import Action
from casso.services import devices, webhooks
from casso.services.notices import NoticeKind
from casso.services.trail import record
from casso.values.caller import Caller
from casso.values.proved import Proved

LIFE = timedelta(seconds=passkeys.LIFE_SECONDS)
MOST = 20
NAME_LIMIT = 60
ID_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Question:
    """What the browser is asked, and the sealed challenge that it brings back in a cookie."""

    options: dict[str, object]
    cookie: str


def ask_new(actor: Actor) -> Question:
    """Begin to make a passkey for the signed-in person. Raises Invalid when they have too many."""
    require(actor, Action.OWN_ACCOUNT)
    known = _ids_of(actor)
    if len(known) >= MOST:
        raise Invalid("error.passkey_many", n=MOST)
    challenge = random.token_bytes(passkeys.CHALLENGE_BYTES)
    options = passkeys.registration_options(
        challenge, handle=_handle(actor), name=actor.email, shown=actor.name or actor.email, known=known
    )
    return Question(options, _sealed(challenge, f"new {actor.account_id}"))


def add(actor: Actor, answer: dict[str, object], cookie: str, *, name: str, caller: Caller) -> None:
    """Keep the passkey that the browser made. Raises NotAllowed for an answer to nothing we asked."""
    require(actor, Action.OWN_ACCOUNT)
    challenge = _taken(cookie, f"new {actor.account_id}")
    try:
        made = passkeys.check_registration(answer, challenge)
    except GatewayError as error:
        raise NotAllowed("error.passkey_refused") from error
    try:
        with transaction(actor.organization_id) as session:
            session.add(
                Passkey(
                    account_id=_account_id(actor),
                    credential_id=made.credential_id,
                    public_key=made.public_key,
                    sign_count=made.sign_count,
                    name=_name_of(name),
                    is_backed_up=made.is_backed_up,
                    created_at=now(),
                )
            )
            session.flush()
            record(session, actor, "passkey.added", after=_name_of(name))
            _tell(session, NoticeKind.PASSKEY_ADDED, actor, caller)
    except IntegrityError as error:
        raise Invalid("error.passkey_known") from error


def remove(actor: Actor, passkey_id: int) -> None:
    """Take a passkey away. Raises NotFound for another person's."""
    require(actor, Action.OWN_ACCOUNT)
    with transaction(actor.organization_id) as session:
        row = _mine(session, actor, passkey_id)
        _require_another_way(session, actor, passkey_id)
        session.delete(row)
        record(session, actor, "passkey.removed", before=row.name)


def rename(actor: Actor, passkey_id: int, *, name: str) -> None:
    """Give it another name."""
    require(actor, Action.OWN_ACCOUNT)
    with transaction(actor.organization_id) as session:
        row = _mine(session, actor, passkey_id)
        before, row.name = row.name, _name_of(name)
        record(session, actor, "passkey.renamed", before=before, after=row.name)


def ask_who() -> Question:
    """Begin to sign in with a passkey; whose it is, the answer says."""
    challenge = random.token_bytes(passkeys.CHALLENGE_BYTES)
    return Question(passkeys.authentication_options(challenge), _sealed(challenge, "who"))


def prove(answer: dict[str, object], cookie: str) -> Proved:
    """Who signed the challenge. Raises NotAllowed, whatever is wrong.

    The sign count moves only forwards, also when two answers come at the same moment.
    """
    challenge = _taken(cookie, "who")
    credential_id = _known_form(answer.get("id"))
    with transaction() as session:
        row = session.exec(select(Passkey).where(Passkey.credential_id == credential_id)).first()
        if row is None:
            raise NotAllowed("error.passkey_refused")
        try:
            count = passkeys.check_authentication(
                answer, challenge, public_key=row.public_key, sign_count=row.sign_count
            )
        except GatewayError as error:
            raise NotAllowed("error.passkey_refused") from error
        moved = session.execute(
            update(Passkey)
            .where(col(Passkey.id) == row.id, col(Passkey.sign_count) == row.sign_count)
            .values(sign_count=count, last_used_at=now())
            .returning(col(Passkey.account_id))
        ).first()
        if moved is None:
            raise NotAllowed("error.passkey_refused")
        return Proved(row.account_id, Strength.PASSKEY)


def has_any(account_id: int) -> bool:
    """Whether the account has a passkey."""
    with reading() as session:
        return session.exec(select(Passkey.id).where(Passkey.account_id == account_id)).first() is not None


def forget_all(session: Session, account_id: int) -> bool:
    """Remove the account's passkeys in the caller's transaction; whether there were any."""
    gone = session.execute(
        delete(Passkey).where(col(Passkey.account_id) == account_id).returning(col(Passkey.id))
    )
    return bool(gone.all())


def _sealed(challenge: bytes, purpose: str) -> str:
    kept = {"challenge": challenge.hex(), "purpose": purpose, "until": (now() + LIFE).isoformat()}
    return secrets.encrypt(json.dumps({"kind": "passkey", **kept}))


def _taken(cookie: str, purpose: str) -> bytes:
    """The challenge that this browser was given for this purpose; it counts once."""
    try:
        kept = json.loads(secrets.decrypt(cookie[:ID_LIMIT]))
    except (GatewayError, ValueError):
        raise NotAllowed("error.passkey_refused") from None
    if not isinstance(kept, dict) or kept.get("kind") != "passkey" or kept.get("purpose") != purpose:
        raise NotAllowed("error.passkey_refused")
    challenge = bytes.fromhex(str(kept["challenge"]))
    is_over = datetime.fromisoformat(str(kept["until"])) <= now()
    if is_over or not webhooks.take(f"passkey {hashlib.sha256(challenge).hexdigest()}"):
        raise NotAllowed("error.passkey_refused")
    return challenge


def _known_form(sent: object) -> str:
    """A credential's id is base64url; anything else is nobody's."""
    return sent if isinstance(sent, str) and len(sent) <= ID_LIMIT and sent.isascii() else ""


def _handle(actor: Actor) -> bytes:
    """The same for all passkeys of an account, and nothing that tells whose they are."""
    return bytes.fromhex(secrets.sign("passkey handle", str(actor.account_id)))


def _ids_of(actor: Actor) -> tuple[str, ...]:
    with reading(actor.organization_id) as session:
        return tuple(
            session.exec(
                select(Passkey.credential_id).where(Passkey.account_id == actor.account_id).limit(MOST)
            ).all()
        )


def _mine(session: Session, actor: Actor, passkey_id: int) -> Passkey:
    row = session.exec(
        select(Passkey).where(Passkey.id == passkey_id, Passkey.account_id == actor.account_id)
    ).first()
    if row is None:
        raise NotFound()
    return row


def _require_another_way(session: Session, actor: Actor, without: int) -> None:
    """Nobody takes away the last way in."""
    account_id = _account_id(actor)
    others = select(Passkey.id).where(Passkey.account_id == account_id, col(Passkey.id) != without)
    linked = select(LinkedIdentity.id).where(LinkedIdentity.account_id == account_id)
    has_password = bool(session.get_one(Account, account_id).password_hash)
    if not (has_password or session.exec(others).first() or session.exec(linked).first()):
        raise Invalid("error.last_way_in")


def _tell(session: Session, kind: NoticeKind, actor: Actor, caller: Caller) -> None:
    account = session.get(Account, actor.account_id)
    if account is not None:
        devices.tell(session, kind, account, caller)


def _name_of(text: str) -> str:
    return " ".join(text.split())[:NAME_LIMIT] or "Passkey"


def _account_id(actor: Actor) -> int:
    if actor.account_id is None:
        raise NotAllowed()
    return actor.account_id
