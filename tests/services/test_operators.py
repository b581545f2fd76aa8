"""Operators of the installation: one is always left, and none sees an organization for it."""

from functools import partial

import pytest
from sqlmodel import col, select

from casso import db
from casso.access import Actor
from casso.enums import Role
from casso.errors import Conflict, NotAllowed, NotFound
from casso.models import Account
from casso.queries.search import search_tickets
from casso.queries.tickets import get_ticket, list_queue
from casso.services import accounts, operators, setup, tickets
from casso.services.sessions import find_session
from tests.desks import PASSWORD, Desk
from tests.services.mails import mail, take_in
from tests.services.members import member, session_of
from tests.services.people import HOME
from tests.services.test_members import race
from tests.trails import trail_of


def operators_now() -> list[str]:
    with db.reading() as session:
        found = session.exec(select(Account.email).where(col(Account.is_operator).is_(True)))
        return sorted(found.all())


def test_who_set_the_desk_up_is_its_operator_and_makes_others(desk: Desk) -> None:
    assert operators_now() == [desk.owner.email]
    ben = member(desk.mine, "ben@example.test", Role.VIEWER)
    operators.set_operator(desk.owner, " Ben@Example.test ", is_operator=True, caller=HOME)
    assert operators_now() == ["ben@example.test", desk.owner.email]
    found = find_session(session_of(desk.mine, ben.account_id or 0))
    assert found is not None
    assert (found.is_operator, found.role) == (True, Role.VIEWER)
    (line,) = trail_of(desk.mine.organization_id, "account.operator_made")
    assert (line.account_id, line.after, line.ip) == (desk.owner.account_id, "ben@example.test", HOME.ip)


def test_an_owner_who_is_no_operator_makes_none(desk: Desk) -> None:
    eve = desk.other.owner
    for target in (eve.email, desk.owner.email):
        for wanted in (True, False):
            with pytest.raises(NotAllowed):
                operators.set_operator(eve, target, is_operator=wanted, caller=HOME)
    assert operators_now() == [desk.owner.email]


def test_what_the_database_says_now_counts(desk: Desk) -> None:
    member(desk.mine, "ben@example.test")
    operators.set_operator(desk.owner, "ben@example.test", is_operator=True, caller=HOME)
    ben = find_session(session_of(desk.mine, _id("ben@example.test")))
    assert ben is not None
    operators.set_operator(desk.owner, "ben@example.test", is_operator=False, caller=HOME)
    with pytest.raises(NotAllowed):
        operators.set_operator(ben, "ben@example.test", is_operator=True, caller=HOME)


def _id(email: str) -> int:
    with db.reading() as session:
        return session.exec(select(Account.id).where(Account.email == email)).one() or 0


def test_the_last_operator_stays_one_whoever_asks(desk: Desk) -> None:
    for actor in (desk.owner, None):
        with pytest.raises(Conflict, match="last_operator"):
            operators.set_operator(actor, desk.owner.email, is_operator=False, caller=HOME)
    member(desk.mine, "second@example.test", Role.OWNER)
    with pytest.raises(Conflict, match="last_operator"):
        accounts.disable_account(desk.owner.email)
    assert operators_now() == [desk.owner.email]


def test_a_disabled_operator_is_not_the_one_who_is_left(desk: Desk) -> None:
    member(desk.mine, "ben@example.test")
    operators.set_operator(desk.owner, "ben@example.test", is_operator=True, caller=HOME)
    accounts.disable_account("ben@example.test")
    with pytest.raises(Conflict, match="last_operator"):
        operators.set_operator(desk.owner, desk.owner.email, is_operator=False, caller=HOME)


@pytest.mark.parametrize("turn", range(3))
def test_operators_who_unmake_each_other_at_once_leave_one(desk: Desk, turn: int) -> None:
    emails = [desk.owner.email]
    for number in range(3):
        emails.append(f"o{number}@example.test")
        member(desk.mine, emails[-1])
        operators.set_operator(None, emails[-1], is_operator=True, caller=HOME)
    acts = [
        lambda email=email: operators.set_operator(None, email, is_operator=False, caller=HOME)
        for email in emails
    ]
    assert race(*acts) == ["done"] * 3 + ["error.last_operator"]  # type: ignore[arg-type]
    assert len(operators_now()) == 1


def test_the_command_line_names_whom_it_does_not_know(desk: Desk) -> None:
    for email in ("nobody@example.test", "", "\x00"):
        with pytest.raises(NotFound):
            operators.set_operator(None, email, is_operator=True, caller=HOME)


def test_a_second_set_up_brings_no_second_operator(desk: Desk) -> None:
    form = setup.SetupForm("Third", "cleo@third.test", PASSWORD, "Cleo", mailbox="help@third.test")
    setup.set_up(form, another=True)
    assert operators_now() == [desk.owner.email]


def test_an_operator_finds_no_ticket_of_an_organization_they_do_not_belong_to(desk: Desk) -> None:
    take_in(mail("The kestrel is theirs", to=desk.other.address), desk.other.address)
    assert desk.owner.email in operators_now()
    operator = find_session(session_of(desk.mine, desk.owner.account_id or 0))
    assert operator is not None
    assert operator.is_operator
    assert list_queue(operator, "open").rows == ()
    assert search_tickets(operator, "kestrel")[0] == ()
    for act in (get_ticket, tickets.mark_read, partial(tickets.set_subject, subject="Mine now")):
        with pytest.raises(NotFound):
            act(operator, 1)
    assert find_session(session_of(desk.other, operator.account_id or 0)) is None


def test_the_mark_adds_nothing_to_a_role(desk: Desk) -> None:
    ben = member(desk.mine, "ben@example.test", Role.VIEWER)
    operators.set_operator(desk.owner, "ben@example.test", is_operator=True, caller=HOME)
    found = find_session(session_of(desk.mine, ben.account_id or 0))
    assert found is not None
    assert found.permissions == Actor(ben.organization_id, ben.account_id, Role.VIEWER).permissions
