"""Two organizations full of canaries, made by the product's own services.

Everything of an organization that can be read carries its mark, a random word. Whoever
of the other one is ever shown that mark has seen through a wall. Both share one plain
word, so that each can search for what the other has.
"""

import secrets
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel, col

from casso import db
from casso.access import Actor
from casso.clock import now
from casso.enums import Role, SpoolState, Strength
from casso.gateways import spool
from casso.models import Account, Mailbox, SpooledMail
from casso.services import (
    accounts,
    attachments,
    invitations,
    mailboxes,
    own_roles,
    replies,
    sessions,
    setup,
    teams,
    tickets,
)
from casso.services.direct_intake import take_in
from casso.values.caller import Caller
from casso.values.proved import Proved

SHARED_WORD = "lighthouse"
PEOPLE = (Role.OWNER, Role.AGENT)
TICKETS = 4
# Counted in memory and written some seconds after the act: its rows are of what their own people did.
WRITTEN_LATER = ("usage_event",)
# No account has a number that anything else has: presenting any id never hits the one who presents it.
FIRST_ACCOUNT = 100_000


@dataclass(frozen=True, slots=True)
class Planted:
    """One organization, and everything of it that somebody outside could present."""

    name: str
    mark: str
    owner: Actor
    people: dict[str, int]
    mailbox_id: int

    @property
    def organization_id(self) -> int:
        """Its number."""
        return self.owner.organization_id

    @property
    def address(self) -> str:
        """Where its customers write to."""
        return f"support@{self.mark}.test"

    def cookie(self, who: str) -> str:
        """A new session of one of its people."""
        caller = Caller(ip="127.0.0.1", browser=f"{self.mark} browser")
        return sessions.open_session(Proved(self.people[who], Strength.TWO_FACTORS), caller)


def fill() -> tuple[Planted, Planted]:
    """Both of them; the second has one ticket more, so its newest number is nobody else's."""
    with db.transaction() as session:
        session.add(Account(id=FIRST_ACCOUNT, email="nobody@nowhere.test", created_at=now()))
    return _organization("first", TICKETS), _organization("second", TICKETS + 1)


def mail(mark: str, number: int) -> bytes:
    """A customer's mail with a file."""
    made = EmailMessage()
    made["From"] = f"{mark} Customer <customer{number}@{mark}.test>"
    made["To"] = f"support@{mark}.test"
    made["Subject"] = f"{SHARED_WORD} {mark} subject {number}"
    made["Message-ID"] = f"<{number}.{secrets.token_hex(4)}@{mark}.test>"
    made.set_content(f"{SHARED_WORD} {mark} body {number}")
    made.add_alternative(f"<p>{SHARED_WORD} <b>{mark}</b> html {number}</p>", "html")
    made.add_attachment(f"{mark} file".encode(), "text", "plain", filename=f"{mark}-file.txt")
    return made.as_bytes()


def numbers_of(planted: Planted) -> list[int]:
    """The first and last id of every table of the organization, its newest ticket, its people and itself."""
    found = {planted.organization_id, *planted.people.values()}
    for ids in _values(planted, "id"):
        found |= {*ids[:1], *ids[-1:]}
    numbers = [numbers for numbers in _values(planted, "number") if numbers]
    return sorted(found | {ids[-1] for ids in numbers})


def own_numbers(planted: Planted) -> set[int]:
    """Every id and number of the organization: what of another's is answered by its own thing."""
    return {one for name in ("id", "number") for ids in _values(planted, name) for one in ids}


def names_of(planted: Planted) -> list[str]:
    """Everything that stands in an address in place of a number: the public names of files."""
    return [name for names in _values(planted, "public_id") for name in names]


def version_of(planted: Planted) -> int:
    """The version of its tickets, which all had the same done to them."""
    return int(next(versions[0] for versions in _values(planted, "version") if versions))


def rows_of(planted: Planted) -> dict[str, list[Any]]:
    """Every row that is the organization's or its people's, by table; not what is written later."""
    here, people = planted.organization_id, tuple(planted.people.values())
    found: dict[str, list[Any]] = {}
    with db.reading(here) as session:
        for table in SQLModel.metadata.sorted_tables:
            if table.name in WRITTEN_LATER:
                continue
            if "organization_id" in table.c:
                whose = table.c.organization_id == here
            elif "account_id" in table.c:
                whose = table.c.account_id.in_(people)
            elif table.name in ("account", "organization"):
                whose = table.c.id.in_((here, *people))
            else:
                continue
            found[table.name] = sorted(map(repr, session.execute(select(table).where(whose)).all()))
    return found


def _values(planted: Planted, column: str) -> list[list[Any]]:
    """A column's values in every table of the organization that has it."""
    found = []
    with db.reading(planted.organization_id) as session:
        for table in SQLModel.metadata.sorted_tables:
            if "organization_id" in table.c and column in table.c:
                here = table.c.organization_id == planted.organization_id
                values = session.execute(select(table.c[column]).where(here).distinct()).scalars()
                found.append(sorted(values))
    return found


def _organization(name: str, count: int) -> Planted:
    mark = f"q{secrets.token_hex(5)}"
    password = secrets.token_urlsafe(24)
    form = setup.SetupForm(
        f"{mark} Ltd", f"owner@{mark}.test", password,
        first_name=f"{mark}-owner", last_name="Person", mailbox=f"support@{mark}.test",
    )  # fmt: skip
    owner = setup.set_up(form, another=True)
    agent = accounts.add_account(
        accounts.NewAccount(
            f"agent@{mark}.test", f"{mark}-agent Person", Role.AGENT, f"{mark} Ltd", password=password
        )
    )
    with db.transaction() as session:
        session.get_one(Account, owner.account_id).is_operator = False
    with db.reading(owner.organization_id) as session:
        mailbox = session.execute(
            select(col(Mailbox.id)).where(col(Mailbox.organization_id) == owner.organization_id)
        ).scalar_one()
    people = {Role.OWNER.value: owner.account_id or 0, Role.AGENT.value: agent.account_id}
    planted = Planted(name, mark, owner, people, mailbox)
    _settings(planted)
    for number in range(1, count + 1):
        _ticket(planted, number)
    _kept_mail(planted)
    for who in people:
        planted.cookie(who)
    return planted


def _settings(planted: Planted) -> None:
    """A team, a role, an invitation, a second mailbox with an account to fetch from."""
    owner, mark = planted.owner, planted.mark
    team = teams.create_team(owner, name=f"{mark} team")
    teams.set_members(owner, team, account_ids=tuple(planted.people.values()))
    own_roles.create_role(owner, name=f"{mark} role", permissions=("tickets.read",))
    invitations.invite(owner, invitations.InvitationForm(f"guest@{mark}.test"), caller=Caller())
    box = mailboxes.create_mailbox(owner, mailboxes.MailboxForm(f"sales@{mark}.test", f"{mark} sales"))
    fetched = mailboxes.ImapForm("127.0.0.1", f"{mark}-imap", f"{mark}-password", port=9)
    mailboxes.save_imap(owner, box, fetched)


def _ticket(planted: Planted, number: int) -> None:
    """A mail with a file, a note with an upload, an answer, words on the ticket, and a file never sent."""
    owner, mark = planted.owner, planted.mark
    take_in(
        Actor.system(planted.organization_id),
        planted.mailbox_id,
        mail(mark, number),
        recipient=planted.address,
        sender=f"customer{number}@{mark}.test",
    )
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 64
    upload = attachments.store_upload(owner, f"{mark}-note.txt", "text/plain", f"{mark} upload".encode())
    replies.add_note(owner, number, text=f"{SHARED_WORD} {mark} note", upload_ids=(upload.id,))
    replies.send_reply(owner, number, text=f"{SHARED_WORD} {mark} answer")
    tickets.set_category(owner, number, category=f"{mark} category")
    tickets.set_tags(owner, number, tags=(f"{mark}-tag",))
    attachments.store_upload(owner, f"{mark}-draft.png", "image/png", png)


def _kept_mail(planted: Planted) -> None:
    """A mail in quarantine; by hand, because only a broken mail gets there."""
    raw = mail(planted.mark, 0)
    spool_id = spool.store(
        raw, source="smtp", recipient=planted.address, sender=f"x@{planted.mark}.test", received_at=now()
    )
    spool.keep_aside(spool_id, spool.QUARANTINE)
    with db.transaction(planted.organization_id) as session:
        session.add(
            SpooledMail(
                spool_id=spool_id, organization_id=planted.organization_id, source="smtp",
                recipient=planted.address, state=SpoolState.QUARANTINED, error="parse", received_at=now(),
            )
        )  # fmt: skip
