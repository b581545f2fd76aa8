"""Open sign-up: nothing is made before the code from the mail is typed, in the browser that asked for it.

Until then all of it waits sealed in a link token; its random half is that browser's cookie, its
code goes to the address. So nobody holds an address they cannot read, and whoever has an
account already gets a mail that says so, while the screen says the same to everybody.
"""

import json
import secrets as random
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from casso.config import settings
from casso.db import transaction
from casso.enums import Strength
from casso.errors import Invalid, NotFound
from casso.gateways import secrets
from casso.models import Account
from casso.services import links, notices, passwords, setup, throttles
from casso.services.agreements import Agreement, keep_agreement, require_agreement
from casso.services.links import LIVES, LinkPurpose
from casso.services.notices import NoticeKind, Recipient
from casso.services.setup import SetupForm
from casso.services.throttles import Door
from casso.values.caller import Caller
from casso.values.proved import Proved

DIGITS = 8
NAME_LIMIT = 100
SLUG_LIMIT = 30  # a mailbox keeps room for the token of a reply address (services/mailboxes.py)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What waits for the code; `locale` is also the language of the mail."""

    organization: str
    email: str
    first_name: str
    last_name: str
    password_hash: str
    time_zone: str
    locale: str
    versions: str
    code_mark: str


def is_open() -> bool:
    """Whether anyone may make an organization here."""
    return settings().signup_open


def begin(form: SetupForm, agreement: Agreement, caller: Caller) -> str:
    """Mail a code to the address; returns the token for this browser's cookie, whoever has the address.

    Raises NotFound when sign-up is closed, Invalid naming the field, and TooManyTries.
    """
    _require_open()
    email = setup.checked_email(form.email, "error.email")
    _require_names(form)
    require_agreement(agreement)
    about = (email, form.first_name, form.last_name, form.organization)
    passwords.require_good(form.password, about=about)
    throttles.take_try(Door.SIGN_UP, email, caller.ip)
    code = f"{random.randbelow(10**DIGITS):0{DIGITS}}"
    waiting = _Waiting(
        organization=form.organization.strip()[:NAME_LIMIT],
        email=email,
        first_name=form.first_name.strip()[:NAME_LIMIT],
        last_name=form.last_name.strip()[:NAME_LIMIT],
        password_hash=passwords.hash_password(form.password),
        time_zone=form.time_zone,
        locale=form.locale,
        versions=agreement.versions,
        code_mark=_mark(code),
    )
    with transaction() as session:
        _send(session, waiting, code)
        detail = secrets.encrypt(json.dumps({name: getattr(waiting, name) for name in _Waiting.__slots__}))
        return links.make(session, LinkPurpose.SIGN_UP, detail=detail)


def find_waiting(token: str) -> str:
    """The address that a half-done sign-up is for. Raises NotFound when closed, Invalid when it is over."""
    _require_open()
    return _waiting(token)[1].email


def finish(token: str, code: str, caller: Caller) -> Proved:
    """Make organization, owner and mailbox once the code is right; of many at once one does it.

    Raises NotFound when closed, TooManyTries after a few codes, and Invalid: a wrong code, too late, the
    texts changed, or the address got an account in between.
    """
    _require_open()
    link_id, waiting = _waiting(token)
    throttles.take_try(Door.SIGN_UP_CODE, f"link {link_id}", caller.ip)
    if not random.compare_digest(_mark(_digits(code)), waiting.code_mark):
        raise Invalid("error.sign_up_code")
    try:
        with transaction() as session:
            links.redeem(session, LinkPurpose.SIGN_UP, token)
            account_id = _make(session, waiting, caller)
    except IntegrityError as error:
        raise Invalid("error.account_exists") from error
    return Proved(account_id, Strength.PASSWORD)


def _require_open() -> None:
    if not is_open() or not setup.is_set_up():
        raise NotFound("error.sign_up_closed")


def _require_names(form: SetupForm) -> None:
    if not form.organization.strip():
        raise Invalid("error.organization_name")
    if not form.first_name.strip():
        raise Invalid("error.name")


def _send(session: Session, waiting: _Waiting, code: str) -> None:
    """The code, or that there is an account. No word that was typed stands in either: it is not for spam."""
    account = session.exec(select(Account).where(Account.email == waiting.email)).first()
    to = Recipient(waiting.email, waiting.locale, account.id if account else None)
    life, url = LIVES[LinkPurpose.SIGN_UP], settings().url
    if account is None:
        shown = f"{code[:4]} {code[4:]}"
        notices.send(session, NoticeKind.SIGN_UP_CODE, to, life=life, code=shown)
    else:
        ways = {"link": f"{url}/sign-in", "reset": f"{url}/reset"}
        notices.send(session, NoticeKind.SIGN_UP_KNOWN, to, life=life, **ways)


def _waiting(token: str) -> tuple[int, _Waiting]:
    found = links.find(LinkPurpose.SIGN_UP, token)
    if found is None:
        raise Invalid("error.sign_up_over")
    return found.id, _Waiting(**json.loads(secrets.decrypt(found.detail)))


def _make(session: Session, waiting: _Waiting, caller: Caller) -> int:
    form = SetupForm(
        organization=waiting.organization,
        email=waiting.email,
        password="",  # its hash waits already
        first_name=waiting.first_name,
        last_name=waiting.last_name,
        time_zone=waiting.time_zone,
        locale=waiting.locale,
    )
    slug = setup.slug_of(waiting.organization)[:SLUG_LIMIT].strip("-")
    mailbox = f"{slug}-{random.token_hex(3)}@{settings().mail_host}"
    actor = setup.create(session, form, password_hash=waiting.password_hash, mailbox=mailbox)
    agreement = Agreement(has_agreed=True, is_adult=True, versions=waiting.versions)
    keep_agreement(session, actor.account_id or 0, agreement, caller)
    return actor.account_id or 0


def _digits(code: str) -> str:
    """As it is stored: typed with or without the gap."""
    return "".join(code.split())


def _mark(code: str) -> str:
    return secrets.sign("sign-up code", code)
