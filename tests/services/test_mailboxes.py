"""Mailboxes are set up by those who may, and a stored password goes nowhere it was not given for."""

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from casso import db
from casso.access import Actor
from casso.enums import Role
from casso.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from casso.gateways import secrets
from casso.models import ImapAccount, Mailbox
from casso.services import mailboxes
from casso.services.mailboxes import ImapForm, MailboxForm
from tests.desks import Desk
from tests.servers.ports import free_port

FORM = ImapForm("mail.example.test", "anna", "s3cret")


def account(desk: Desk) -> ImapAccount:
    with db.reading(desk.mine.organization_id) as session:
        return session.exec(
            select(ImapAccount).where(ImapAccount.organization_id == desk.mine.organization_id)
        ).one()


def test_a_new_mailbox_takes_its_address_in_lower_case(desk: Desk) -> None:
    made = mailboxes.create_mailbox(desk.owner, MailboxForm("Sales@Example.TEST", name=" Sales "))
    with db.reading(desk.mine.organization_id) as session:
        found = session.exec(
            select(Mailbox).where(Mailbox.organization_id == desk.mine.organization_id, Mailbox.id == made)
        ).one()
    assert (found.address, found.name) == ("sales@example.test", "Sales")


@pytest.mark.parametrize("address", ["", "x", "a b@c.test", "@c.test", "s" * 50 + "@c.test"])
def test_a_bad_address_or_one_without_room_for_a_token_is_refused(sqlite_desk: Desk, address: str) -> None:
    with pytest.raises(Invalid):
        mailboxes.create_mailbox(sqlite_desk.owner, MailboxForm(address))


def test_an_address_belongs_to_one_mailbox_on_the_whole_desk(desk: Desk) -> None:
    with pytest.raises(Invalid):
        mailboxes.create_mailbox(desk.owner, MailboxForm(desk.address))
    with pytest.raises(Invalid):
        mailboxes.update_mailbox(desk.other.owner, desk.other.mailbox_id, MailboxForm(desk.address))


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER])
def test_only_those_who_may_change_settings_do(sqlite_desk: Desk, role: Role) -> None:
    actor = Actor(organization_id=sqlite_desk.mine.organization_id, account_id=1, role=role)
    with pytest.raises(NotAllowed):
        mailboxes.create_mailbox(actor, MailboxForm("x@example.test"))
    with pytest.raises(NotAllowed):
        mailboxes.save_imap(actor, sqlite_desk.mine.mailbox_id, FORM)
    with pytest.raises(NotAllowed):
        mailboxes.test_imap(actor, sqlite_desk.mine.mailbox_id, FORM)


def test_another_organizations_mailbox_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        mailboxes.update_mailbox(desk.other.owner, desk.mine.mailbox_id, MailboxForm("y@other.test"))
    with pytest.raises(NotFound):
        mailboxes.save_imap(desk.other.owner, desk.mine.mailbox_id, FORM)
    with pytest.raises(NotFound):
        mailboxes.test_imap(desk.other.owner, desk.mine.mailbox_id, FORM)


def test_the_password_is_sealed_at_rest(desk: Desk) -> None:
    mailboxes.save_imap(desk.owner, desk.mine.mailbox_id, FORM)
    sealed = account(desk).password_sealed
    assert "s3cret" not in sealed
    assert secrets.decrypt(sealed) == "s3cret"
    assert "s3cret" not in repr(FORM)


def test_an_empty_password_keeps_the_stored_one(desk: Desk) -> None:
    mailboxes.save_imap(desk.owner, desk.mine.mailbox_id, FORM)
    mailboxes.save_imap(
        desk.owner, desk.mine.mailbox_id, ImapForm("mail.example.test", "anna", folder="Help")
    )
    assert (account(desk).folder, secrets.decrypt(account(desk).password_sealed)) == ("Help", "s3cret")


@pytest.mark.parametrize(
    "form",
    [
        ImapForm("evil.test", "anna"),
        ImapForm("mail.example.test", "eve"),
        ImapForm("mail.example.test", "anna", port=1430),
        ImapForm("mail.example.test", "anna", security="none"),
    ],
)
def test_a_stored_password_never_goes_to_another_server(sqlite_desk: Desk, form: ImapForm) -> None:
    mailboxes.save_imap(sqlite_desk.owner, sqlite_desk.mine.mailbox_id, FORM)
    with pytest.raises(Invalid):
        mailboxes.save_imap(sqlite_desk.owner, sqlite_desk.mine.mailbox_id, form)
    with pytest.raises(Invalid):
        mailboxes.test_imap(sqlite_desk.owner, sqlite_desk.mine.mailbox_id, form)


def test_another_folder_starts_with_a_new_cursor(desk: Desk) -> None:
    mailboxes.save_imap(desk.owner, desk.mine.mailbox_id, FORM)
    with db.transaction(desk.mine.organization_id) as session:
        session.execute(
            update(ImapAccount)
            .where(col(ImapAccount.organization_id) == desk.mine.organization_id)
            .values(uid_validity=7, last_uid=99)
        )
    mailboxes.save_imap(desk.owner, desk.mine.mailbox_id, FORM)
    assert account(desk).last_uid == 99
    mailboxes.save_imap(
        desk.owner, desk.mine.mailbox_id, ImapForm("mail.example.test", "anna", folder="Other")
    )
    assert (account(desk).uid_validity, account(desk).last_uid) == (0, 0)


@pytest.mark.parametrize(
    "form",
    [
        ImapForm("", "anna", "x"),
        ImapForm("bad host", "anna", "x"),
        ImapForm("h.test", "", "x"),
        ImapForm("h.test", "anna", "x", port=0),
        ImapForm("h.test", "anna", "x", security="maybe"),
        ImapForm("h.test", "anna", "x", folder=" "),
    ],
)
def test_a_half_set_account_is_refused(sqlite_desk: Desk, form: ImapForm) -> None:
    with pytest.raises(Invalid):
        mailboxes.save_imap(sqlite_desk.owner, sqlite_desk.mine.mailbox_id, form)


def test_a_test_says_what_is_wrong_and_saves_nothing(sqlite_desk: Desk) -> None:
    form = ImapForm("127.0.0.1", "anna", "x", port=free_port(), security="none")
    report = mailboxes.test_imap(sqlite_desk.owner, sqlite_desk.mine.mailbox_id, form)
    assert (report.is_ok, report.code) == (False, "connection_refused")
    with db.reading(sqlite_desk.mine.organization_id) as session:
        rows = session.exec(
            select(ImapAccount).where(ImapAccount.organization_id == sqlite_desk.mine.organization_id)
        ).all()
    assert rows == []


def test_the_same_intent_makes_and_changes_a_mailbox_once(desk: Desk) -> None:
    made = mailboxes.create_mailbox(desk.owner, MailboxForm("new@example.test"), intent="one")
    with pytest.raises(AlreadyDone):
        mailboxes.create_mailbox(desk.owner, MailboxForm("newer@example.test"), intent="one")
    mailboxes.update_mailbox(desk.owner, made, MailboxForm("new@example.test", name="A"), intent="two")
    with pytest.raises(AlreadyDone):
        mailboxes.update_mailbox(desk.owner, made, MailboxForm("new@example.test", name="B"), intent="two")
    mailboxes.save_imap(desk.owner, desk.mine.mailbox_id, FORM, intent="three")
    with pytest.raises(AlreadyDone):
        mailboxes.save_imap(desk.owner, desk.mine.mailbox_id, ImapForm("x.test", "x", "x"), intent="three")
    with db.reading(desk.mine.organization_id) as session:
        names = session.exec(
            select(Mailbox.name).where(
                Mailbox.organization_id == desk.mine.organization_id, Mailbox.id == made
            )
        ).all()
    assert (names, account(desk).host) == (["A"], FORM.host)
