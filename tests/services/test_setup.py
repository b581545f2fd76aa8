"""The first owner: once, with the code from the console, and one winner in a race."""

from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlmodel import select

from casso.access import across_organizations
from casso.db import reading
from casso.enums import Role
from casso.errors import Invalid, NotAllowed
from casso.models import Account, Mailbox, Organization
from casso.services import schema, setup
from tests.desks import Desk

FORM = setup.SetupForm(
    "Northwind", "ana@northwind.example", "correct horse battery", "Ana", "Ruiz", "help@northwind.example"
)


@pytest.fixture
def empty(data_dir: Path) -> Path:
    schema.upgrade()
    return data_dir


def test_the_first_set_up_makes_organization_owner_and_mailbox(empty: Path) -> None:
    actor = setup.set_up_with_code(FORM, setup.setup_code())
    assert actor.role is Role.OWNER
    with reading() as session, across_organizations(session, "test"):
        assert session.exec(select(Organization.name)).all() == ["Northwind"]
        assert session.exec(select(Account.email, Account.is_operator)).all() == [
            ("ana@northwind.example", True)
        ]
        assert session.exec(select(Mailbox.address)).all() == ["help@northwind.example"]
    assert setup.is_set_up()


def test_the_code_is_readable_by_its_owner_alone_and_gone_afterwards(empty: Path) -> None:
    code = setup.setup_code()
    path = empty / "setup.code"
    assert path.stat().st_mode & 0o077 == 0
    setup.set_up_with_code(FORM, f"  {code.upper()} ")
    assert not path.exists()


def test_a_wrong_code_changes_nothing(empty: Path) -> None:
    setup.setup_code()
    with pytest.raises(NotAllowed, match="setup_code"):
        setup.set_up_with_code(FORM, "0000-0000-0000")
    assert not setup.is_set_up()


def test_set_up_is_refused_once_an_owner_exists(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="already_set_up"):
        setup.set_up(FORM)
    with pytest.raises(NotAllowed, match="already_set_up"):
        setup.set_up_with_code(FORM, setup.setup_code())


def test_two_people_racing_leave_one_owner(empty: Path) -> None:
    barrier, outcomes = Barrier(2), []

    def race(email: str) -> None:
        form = setup.SetupForm("Desk", email, "correct horse battery")
        barrier.wait()
        try:
            setup.set_up(form)
            outcomes.append("won")
        except NotAllowed:
            outcomes.append("told")

    racers = [Thread(target=race, args=(f"{name}@example.com",)) for name in ("ana", "leo")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(outcomes) == ["told", "won"]
    with reading() as session:
        assert len(session.exec(select(Account)).all()) == 1


def test_the_owner_of_another_organization_is_no_operator(desk: Desk) -> None:
    setup.set_up(FORM, another=True)
    with reading() as session:
        operators = session.exec(select(Account.email).where(Account.is_operator)).all()
    assert operators == [desk.owner.email]


def test_the_page_asks_for_a_name(empty: Path) -> None:
    with pytest.raises(Invalid, match=r"error\.name"):
        setup.set_up_with_code(replace(FORM, first_name=" "), setup.setup_code())
    assert not setup.is_set_up()


def test_an_address_that_is_taken_is_the_reason_given(desk: Desk) -> None:
    with pytest.raises(Invalid, match="mailbox_taken"):
        setup.set_up(replace(FORM, mailbox=desk.address), another=True)
    with pytest.raises(Invalid, match="account_exists"):
        setup.set_up(replace(FORM, email=desk.owner.email), another=True)


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"email": "not an address"}, "error.email"),
        ({"mailbox": "support"}, "error.mailbox"),
        ({"organization": "  "}, "error.organization_name"),
        ({"password": "short"}, "error.password_length"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(empty: Path, wrong: dict[str, str], key: str) -> None:
    with pytest.raises(Invalid, match=key):
        setup.set_up(replace(FORM, **wrong))
    assert not setup.is_set_up()


def test_an_unknown_time_zone_becomes_utc(empty: Path) -> None:
    setup.set_up(replace(FORM, time_zone="../etc/passwd"))
    with reading() as session:
        assert session.exec(select(Organization.time_zone)).one() == "UTC"
