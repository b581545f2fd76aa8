"""The first organization, its owner and its mailbox; possible once, with the code that the start printed.

The code proves that whoever opens the set-up page can also see the machine's
console. The single row of `instance` decides a race: one wins, the other is told.
"""

import os
import re
import secrets
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from casso.access import Actor
from casso.clock import now
from casso.config import settings
from casso.db import confine, reading, transaction
from casso.enums import Role
from casso.errors import Invalid, NotAllowed
from casso.models import Account, Instance, Mailbox, Membership, Organization
from casso.services import unrouted
from casso.services.passwords import hash_new_password
from casso.services.sealing import new_mark
from casso.services.trail import record

# A desk in a closed network lives under names that the public net reserves: desk.local, localhost.
SPECIAL_USE_DOMAIN_NAMES.clear()


@dataclass(frozen=True, slots=True)
class SetupForm:
    """What the set-up page and `casso setup` ask for."""

    organization: str
    email: str
    password: str
    first_name: str = ""
    last_name: str = ""
    mailbox: str = ""
    time_zone: str = "UTC"
    locale: str = "en"


def is_set_up() -> bool:
    """Whether an owner exists; from then on the set-up page is gone."""
    with reading() as session:
        return session.exec(select(Instance).limit(1)).first() is not None


def setup_code() -> str:
    """The one-time code for the set-up page, made at the first call and kept beside the database (0600)."""
    path = settings().data_dir / "setup.code"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    code = "-".join(secrets.token_hex(2) for _ in range(3))
    with os.fdopen(handle, "w") as file:
        file.write(code)
    return code


def set_up_with_code(form: SetupForm, code: str) -> Actor:
    """Set up from the web page. Raises NotAllowed (wrong code, owner exists) or Invalid (a field)."""
    if is_set_up():
        raise NotAllowed("error.already_set_up")
    if not secrets.compare_digest(code.strip().lower().encode(), setup_code().encode()):
        raise NotAllowed("error.setup_code")
    if not form.first_name.strip():
        raise Invalid("error.name")
    return set_up(form)


def set_up(form: SetupForm, *, another: bool = False) -> Actor:
    """Create organization, owner and mailbox in one transaction; `another` allows a second organization.

    Raises NotAllowed when an owner exists (also when two people race), Invalid naming the field.
    """
    email = checked_email(form.email, "error.email")
    mailbox = checked_email(
        form.mailbox or f"support@{slug_of(form.organization)}.localhost", "error.mailbox"
    )
    if not form.organization.strip():
        raise Invalid("error.organization_name")
    about = (email, form.first_name, form.last_name, form.organization)
    password_hash = hash_new_password(form.password, about=about)
    try:
        with transaction() as session:
            is_first = not another or session.get(Instance, 1) is None
            if is_first:
                session.add(Instance(id=1, created_at=now(), key_sealed=new_mark()))
                session.flush()
            actor = create(
                session,
                replace(form, email=email),
                password_hash=password_hash,
                mailbox=mailbox,
                is_operator=is_first,
            )
    except IntegrityError as error:
        if "mailbox" in str(error.orig):
            raise Invalid("error.mailbox_taken") from error
        if "account" in str(error.orig):
            raise Invalid("error.account_exists") from error
        raise NotAllowed("error.already_set_up") from error
    (settings().data_dir / "setup.code").unlink(missing_ok=True)
    return actor


def create(
    session: Session, form: SetupForm, *, password_hash: str, mailbox: str, is_operator: bool = False
) -> Actor:
    """Organization, owner and mailbox, checked before: the address in lower case, its password hashed.

    The installation's operator is whoever set up its first organization.
    """
    moment = now()
    organization = Organization(
        name=form.organization.strip(),
        slug=f"{slug_of(form.organization)}-{secrets.token_hex(2)}",
        time_zone=_known_zone(form.time_zone),
        locale=form.locale,
        created_at=moment,
    )
    account = _account(form, password_hash=password_hash, is_operator=is_operator)
    session.add_all([organization, account])
    session.flush()
    assert organization.id is not None
    assert account.id is not None
    confine(session, organization.id)
    member = Membership(
        organization_id=organization.id, account_id=account.id, role=Role.OWNER, created_at=moment
    )
    home = Mailbox(
        organization_id=organization.id, address=mailbox, name=organization.name, created_at=moment
    )
    session.add_all([member, home])
    session.flush()
    unrouted.welcome(session, home)
    actor = Actor(
        organization_id=organization.id, account_id=account.id, role=Role.OWNER, email=account.email
    )
    record(session, actor, "organization.created", after=organization.name)
    return actor


def checked_email(text: str, key: str) -> str:
    """The address in lower case. Raises Invalid with that catalogue key."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise Invalid(key) from error
    return found.normalized.lower()


def slug_of(name: str) -> str:
    """A short name for addresses: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "desk"


def _account(form: SetupForm, *, password_hash: str, is_operator: bool) -> Account:
    return Account(
        email=form.email,
        first_name=form.first_name.strip(),
        last_name=form.last_name.strip(),
        password_hash=password_hash,
        is_operator=is_operator,
        created_at=now(),
    )


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        return "UTC"
