"""Fills a scratch desk: two organizations full of canaries, and a session for every kind of person.

Runs in a process of its own (`python -m tests.walls.prepare`) and prints one JSON object.
"""

import json
import sys
from email.message import EmailMessage

from sqlmodel import col, select

from casso import db
from casso.access import Actor, across_organizations
from casso.clock import now
from casso.db import transaction
from casso.enums import Role, Strength
from casso.models import Account, Attachment, Mailbox, Membership, Message, OwnRole, Team, Ticket
from casso.queries.people import get_me
from casso.services import attachments, mailboxes, pictures, replies, schema, sessions, setup, tickets
from casso.services.direct_intake import take_in
from casso.values.caller import Caller
from casso.values.proved import Proved
from tests.gateways.picture_files import picture

CANARY = "canary-of-{name}"
TICKETS = {"mine": 6, "other": 2}
ROLES = ("admin", "agent", "viewer")


def canary(name: str) -> str:
    """What may never reach anybody of the other organization."""
    return CANARY.format(name=name)


def main() -> None:
    """Everything, for both."""
    schema.upgrade()
    found = {name: organization(name) for name in TICKETS}
    print(json.dumps(found))


def organization(name: str) -> dict[str, object]:
    """One organization with tickets, notes, files, a team, a second mailbox, and people of every role."""
    form = setup.SetupForm(
        organization=f"{canary(name)} Ltd",
        email=f"owner@{name}.test",
        password="correct horse battery",
        first_name=canary(name),
        mailbox=f"support@{name}.test",
    )
    owner = setup.set_up(form, another=True)
    for number in range(1, TICKETS[name] + 1):
        ticket(owner, name, number)
    mailboxes.create_mailbox(
        owner, mailboxes.MailboxForm(address=f"sales@{name}.test", name=canary(name)), intent=""
    )
    with transaction(owner.organization_id) as session:
        session.add(Team(organization_id=owner.organization_id, name=canary(name), created_at=now()))
    pictures.set_picture(owner, picture(), Caller())
    people = {"owner": owner.account_id or 0} | {role: person(owner, name, Role(role)) for role in ROLES}
    people["own"] = own_role(owner, name)
    people["disabled"] = person(owner, name, Role.ADMIN, label="disabled")
    cookies = {role: cookie(number) for role, number in people.items()}
    with transaction() as session:
        session.get_one(Account, people["disabled"]).disabled_at = now()
        if name == "other":
            session.get_one(Account, people["owner"]).is_operator = False
    return {"cookies": cookies, "accounts": people, **ids(owner)}


def ticket(owner: Actor, name: str, number: int) -> None:
    """A mail with a file, an internal note, an upload that was never sent."""
    mail = EmailMessage()
    mail["From"] = f"{canary(name)} <customer{number}@customers.test>"
    mail["To"] = f"support@{name}.test"
    mail["Subject"], mail["Message-ID"] = f"{canary(name)} {number}", f"<{name}-{number}@customers.test>"
    mail.set_content(f"{canary(name)} body")
    mail.add_attachment(canary(name).encode(), "text", "plain", filename=f"{canary(name)}.txt")
    with db.reading(owner.organization_id) as session:
        mailbox = session.exec(
            select(Mailbox.id).where(Mailbox.organization_id == owner.organization_id)
        ).first()
    system = Actor.system(owner.organization_id)
    take_in(system, mailbox or 0, mail.as_bytes(), recipient=f"support@{name}.test")
    replies.add_note(owner, number, text=f"{canary(name)} note")
    tickets.set_category(owner, number, category=canary(name))
    attachments.store_upload(owner, f"{canary(name)}.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"0" * 64)


def person(owner: Actor, name: str, role: Role, *, label: str = "", own_role_id: int | None = None) -> int:
    """A member with that role; the account's id."""
    with transaction() as session, across_organizations(session, "tests"):
        account = Account(email=f"{label or role}@{name}.test", first_name=canary(name), created_at=now())
        session.add(account)
        session.flush()
        session.add(
            Membership(
                organization_id=owner.organization_id,
                account_id=account.id or 0,
                role=role,
                own_role_id=own_role_id,
                created_at=now(),
            )
        )
        return account.id or 0


def own_role(owner: Actor, name: str) -> int:
    """A member whose own role may read tickets and nothing else."""
    with transaction(owner.organization_id) as session:
        role = OwnRole(
            organization_id=owner.organization_id,
            name=canary(name),
            permissions=("tickets.read",),
            created_at=now(),
        )
        session.add(role)
        session.flush()
        number = role.id
    return person(owner, name, Role.OWN, own_role_id=number)


def cookie(account_id: int) -> str:
    """A fresh session's cookie."""
    token = sessions.open_session(Proved(account_id, Strength.TWO_FACTORS), Caller(ip="127.0.0.1"))
    return f"casso={token}"


def ids(owner: Actor) -> dict[str, object]:
    """Real ids of the organization, for whoever presents them from outside."""
    here = owner.organization_id
    with db.reading(here) as session:
        found = session.exec(
            select(Ticket.number).where(Ticket.organization_id == here).order_by(col(Ticket.id))
        )
        numbers = list(found.all())
        messages = session.exec(select(Message.id).where(Message.organization_id == here)).all()
        files = session.exec(select(Attachment.public_id).where(Attachment.organization_id == here)).all()
        boxes = session.exec(select(Mailbox.id).where(Mailbox.organization_id == here)).all()
        teams = session.exec(select(Team.id).where(Team.organization_id == here)).all()
        members = session.exec(select(Membership.id).where(Membership.organization_id == here)).all()
    return {
        "organization_id": here,
        "number": numbers[-1],
        "ids": sorted({messages[-1] or 0, boxes[-1] or 0, teams[-1] or 0, members[-1] or 0, numbers[-1]}),
        "public_ids": [files[0], files[-1]],
        "picture": get_me(owner).picture,
    }


if __name__ == "__main__":
    sys.exit(main())
