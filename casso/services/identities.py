"""What a provider's word about a person means here: a way in that its owner linked before, and nothing else.

An identity is found by provider and subject alone. An address, verified or not, never
links an identity to an account by itself: whoever is signed in links it (design/security.md 6, 8).
"""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from casso.access import Actor, require
from casso.clock import now
from casso.config import settings
from casso.db import transaction
from casso.enums import Strength
from casso.errors import GatewayError, Invalid, NotAllowed, NotFound
from casso.gateways import identity, secrets
from casso.gateways.identity import Flow, Identity, Provider
from casso.models import Account, LinkedIdentity, Passkey
from casso.rules.permissions import Action
from casso.services import webhooks
from casso.services.proofs import require_recent_proof
from casso.services.trail import record
from casso.values.proved import Proved

FLOW_LIFE = timedelta(minutes=10)
COOKIE_LIMIT = 4_000
FLOW = "sign-in with a provider"


@dataclass(frozen=True, slots=True)
class Leaving:
    """The provider's address, and the sealed flow that this browser brings back in a cookie."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Returning:
    """What a browser brings back: its cookie, and what the provider added to the address."""

    cookie: str
    state: str
    code: str
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """Who came back, where they wanted to go on to, and whose session they left to link from (or None)."""

    identity: Identity
    target: str
    sign_in_id: int | None


def leave(provider: Provider, *, target: str, sign_in_id: int | None = None) -> Leaving:
    """Start a sign-in, or with `sign_in_id` a linking. Raises GatewayError when the provider is not there."""
    flow = identity.new_flow()
    url = identity.authorize_url(provider, flow, redirect_uri(provider))
    kept = {**asdict(flow), "provider": provider.name, "target": target, "sign_in_id": sign_in_id}
    kept |= {"kind": FLOW, "until": (now() + FLOW_LIFE).isoformat()}
    return Leaving(url, secrets.encrypt(json.dumps(kept)))


def come_back(provider: Provider, returning: Returning) -> Return:
    """Ask the provider who it is. Raises NotAllowed when the answer is no answer to this browser's question.

    A flow counts once: its state goes to the replay store before the code is spent.
    """
    kept = _opened(returning.cookie)
    flow = Flow(str(kept.get("state")), str(kept.get("nonce")), str(kept.get("verifier")))
    is_mine = hmac.compare_digest(flow.state.encode(), returning.state.encode("utf-8", "replace"))
    if not (is_mine and kept.get("provider") == provider.name and returning.code):
        raise NotAllowed("error.identity_flow")
    if datetime.fromisoformat(str(kept["until"])) <= now():
        raise NotAllowed("error.identity_flow")
    if not webhooks.take(f"flow {hashlib.sha256(flow.state.encode()).hexdigest()}"):
        raise NotAllowed("error.identity_flow")
    found = identity.fetch_identity(
        provider, flow, code=returning.code, redirect_uri=redirect_uri(provider), issuer=returning.issuer
    )
    left_from = kept.get("sign_in_id")
    return Return(found, str(kept["target"]), left_from if isinstance(left_from, int) else None)


def redirect_uri(provider: Provider) -> str:
    """Where the provider sends the browser: the public address, whatever Host a request came with."""
    return f"{settings().url}/auth/{provider.name}/callback"


def prove(found: Identity) -> Proved:
    """Whose identity it is, for signing in. Raises NotAllowed when nobody linked it.

    The answer says nothing of whether an account has the identity's address.
    """
    with transaction() as session:
        row = session.exec(
            select(LinkedIdentity).where(
                LinkedIdentity.provider == found.provider, LinkedIdentity.subject == _subject(found)
            )
        ).first()
        if row is None:
            raise NotAllowed("error.identity_unknown")
        row.last_used_at = now()
        return Proved(row.account_id, Strength.PROVIDER)


def link(actor: Actor, found: Identity) -> None:
    """Tie an identity to the signed-in person. Raises Invalid when another account has it already."""
    require(actor, Action.OWN_ACCOUNT)
    row = LinkedIdentity(
        account_id=_account_id(actor),
        provider=found.provider,
        subject=_subject(found),
        email=found.email[:320],
        name=found.name,
        created_at=now(),
    )
    try:
        with transaction(actor.organization_id) as session:
            if _is_mine(session, actor, found):
                return
            session.add(row)
            session.flush()
            record(session, actor, "identity.linked", after=found.provider)
    except IntegrityError as error:
        raise Invalid("error.identity_taken") from error


def unlink(actor: Actor, identity_id: int) -> None:
    """Take an identity away from the signed-in person. Raises NotFound for another's, and NotProved."""
    require(actor, Action.OWN_ACCOUNT)
    require_recent_proof(actor)
    with transaction(actor.organization_id) as session:
        row = session.exec(
            select(LinkedIdentity).where(
                LinkedIdentity.id == identity_id, LinkedIdentity.account_id == _account_id(actor)
            )
        ).first()
        if row is None:
            raise NotFound()
        _require_another_way(session, actor, identity_id)
        session.delete(row)
        record(session, actor, "identity.unlinked", before=row.provider)


def _require_another_way(session: Session, actor: Actor, without: int) -> None:
    """Nobody takes away the last way in."""
    account_id = _account_id(actor)
    others = select(LinkedIdentity.id).where(
        LinkedIdentity.account_id == account_id, col(LinkedIdentity.id) != without
    )
    keys = select(Passkey.id).where(Passkey.account_id == account_id)
    has_password = bool(session.get_one(Account, account_id).password_hash)
    if not (has_password or session.exec(others).first() or session.exec(keys).first()):
        raise Invalid("error.last_way_in")


def _is_mine(session: Session, actor: Actor, found: Identity) -> bool:
    known = session.exec(
        select(LinkedIdentity.account_id).where(
            LinkedIdentity.provider == found.provider, LinkedIdentity.subject == _subject(found)
        )
    ).first()
    return known is not None and known == actor.account_id


def _subject(found: Identity) -> str:
    """The provider's name for the person; a configurable provider's issuer goes with it.

    Another issuer may give the same subject to somebody else.
    """
    return f"{found.subject} at {settings().oidc_issuer}" if found.provider == "oidc" else found.subject


def _account_id(actor: Actor) -> int:
    if actor.account_id is None:
        raise NotAllowed()
    return actor.account_id


def _opened(cookie: str) -> dict[str, object]:
    """The sealed flow; a cookie that is missing, changed or of another desk holds nothing."""
    try:
        found: dict[str, object] = json.loads(secrets.decrypt(cookie[:COOKIE_LIMIT]))
    except (GatewayError, ValueError):
        raise NotAllowed("error.identity_flow") from None
    if not isinstance(found, dict) or found.get("kind") != FLOW:
        raise NotAllowed("error.identity_flow")
    return found
