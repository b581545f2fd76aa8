"""What frame and settings show of the desk: own people, own mailboxes, no secret, nothing of anybody else."""

import dataclasses

import pytest
from sqlmodel import col, select

from casso import clock, db
from casso.enums import Role
from casso.errors import NotFound
from casso.models import Account, ImapAccount, Membership, Team
from casso.queries.rows import MailboxRow
from casso.queries.shown import full_name, initials, iso
from casso.queries.tickets import (
    get_me,
    get_organization,
    list_accounts,
    list_mailboxes,
    list_quarantine,
    list_teams,
)
from tests.desks import START, Desk
from tests.queries.plans import recorded
from tests.queries.test_quarantine import put_aside
from tests.services.mails import mail
from tests.services.members import member


def add_member(desk: Desk, email: str, first_name: str = "", *, is_disabled: bool = False) -> None:
    moment = clock.now()
    with db.transaction(desk.mine.organization_id) as session:
        account = Account(
            email=email,
            first_name=first_name,
            created_at=moment,
            disabled_at=moment if is_disabled else None,
        )
        session.add(account)
        session.flush()
        assert account.id is not None
        session.add(
            Membership(
                organization_id=desk.mine.organization_id,
                account_id=account.id,
                role=Role.AGENT,
                created_at=moment,
            )
        )


def test_i_see_myself_in_my_organization(desk: Desk) -> None:
    me = get_me(desk.owner)
    assert (me.name, me.initials, me.email) == ("Olga Example", "OE", "owner@example.test")
    assert (me.organization_name, me.role, me.locale, me.zone) == ("Example", "owner", "en", "UTC")


def test_my_own_language_and_zone_win(desk: Desk) -> None:
    with db.transaction() as session:
        account = session.exec(select(Account).where(col(Account.id) == desk.owner.account_id)).one()
        account.locale, account.time_zone = "de", "Europe/Berlin"
    me = get_me(desk.owner)
    assert (me.locale, me.zone) == ("de", "Europe/Berlin")


def test_somebody_who_is_no_member_is_not_found(desk: Desk) -> None:
    stranger = dataclasses.replace(desk.owner, account_id=desk.other.owner.account_id)
    with pytest.raises(NotFound):
        get_me(stranger)


def test_a_ticket_can_be_given_to_active_colleagues_by_name(desk: Desk) -> None:
    add_member(desk, "zoe@example.test", "Zoe")
    add_member(desk, "ben@example.test")
    add_member(desk, "gone@example.test", "Gone", is_disabled=True)
    assert [found.name for found in list_accounts(desk.owner)] == ["ben", "Olga Example", "Zoe"]
    assert [found.name for found in list_accounts(desk.other.owner)] == ["Olga Other"]


def test_teams_are_ones_own(desk: Desk) -> None:
    for here, name in ((desk.mine, "B"), (desk.mine, "A"), (desk.other, "C")):
        with db.transaction(here.organization_id) as session:
            session.add(Team(organization_id=here.organization_id, name=name, created_at=START))
    assert [team.name for team in list_teams(desk.owner)] == ["A", "B"]


def test_mailboxes_are_shown_without_their_password(desk: Desk) -> None:
    with db.transaction(desk.mine.organization_id) as session:
        session.add(
            ImapAccount(
                organization_id=desk.mine.organization_id,
                mailbox_id=desk.mine.mailbox_id,
                host="mail.example",
                username="support",
                password_sealed="canary-secret",
                error_code="login_refused",
            )
        )
    (row,) = list_mailboxes(desk.owner)
    assert (row.address, row.is_default, row.is_imap_on) == (desk.address, True, True)
    assert (row.imap_host, row.imap_port, row.last_error) == ("mail.example", 993, "login_refused")
    assert "canary-secret" not in repr(row)
    for role in (Role.VIEWER, Role.AGENT):
        (named,) = list_mailboxes(member(desk.mine, f"{role}@example.test", role))
        assert named == MailboxRow(row.id, row.address, row.name, is_default=True)
    keeper = member(desk.mine, "keeper@example.test", Role.OWN, own=("tickets.read", "mailboxes.manage"))
    assert list_mailboxes(keeper) == (row,)
    (theirs,) = list_mailboxes(desk.other.owner)
    assert not theirs.is_imap_on


def test_the_organization_is_ones_own(desk: Desk) -> None:
    assert get_organization(desk.owner).name == "Example"
    assert get_organization(desk.other.owner).name == "Other"


def test_lists_take_one_statement_however_long(desk: Desk) -> None:
    for number in range(20):
        add_member(desk, f"a{number}@example.test")
        put_aside(desk.mine.organization_id, mail(str(number)))
    for read in (list_accounts, list_teams, list_mailboxes, list_quarantine):
        with recorded() as found:
            read(desk.owner)
        assert len(found) == 1


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Anna Berg", "AB"),
        ("anna", "A"),
        ("Anna van den Berg", "AB"),
        ("", ""),
        ("a@b.test", "AB"),
        ("(x) Ben", "B"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_names_and_moments() -> None:
    assert full_name("Anna", "Berg", "x@y.test") == "Anna Berg"
    assert full_name("", None, "x@y.test") == "x"
    assert full_name(None, None, None) == ""
    assert iso(START) == "2026-03-02T09:00:00.000Z"
    assert iso(None) == ""
