"""The test mail to oneself goes the way of a customer's mail and becomes an ordinary ticket."""

import dataclasses

import pytest
from sqlalchemy import delete
from sqlmodel import col

from casso import db
from casso.access import Actor
from casso.enums import MailSource, Role
from casso.errors import AlreadyDone, Invalid, NotAllowed
from casso.jobs.receive import receive_waiting
from casso.models import Mailbox
from casso.queries.tickets import get_ticket
from casso.services.test_mail import send_test_mail
from tests.desks import Desk
from tests.services.mails import spooled, tickets


def test_it_becomes_a_ticket_of_mine_from_my_own_address(desk: Desk) -> None:
    spool_id = send_test_mail(desk.owner)
    assert receive_waiting() == 1
    assert spooled(spool_id).source == MailSource.TEST
    page = get_ticket(desk.owner, 1)
    assert page.customer.email == desk.owner.email
    assert page.subject
    assert tickets(desk.other.owner) == []


def test_it_can_be_sent_again_and_makes_another_ticket(desk: Desk) -> None:
    for _ in range(2):
        send_test_mail(desk.owner)
        receive_waiting()
    assert len(tickets(desk.owner)) == 2


def test_a_double_click_sends_one(desk: Desk) -> None:
    send_test_mail(desk.owner, intent="one")
    with pytest.raises(AlreadyDone):
        send_test_mail(desk.owner, intent="one")
    receive_waiting()
    assert len(tickets(desk.owner)) == 1


def test_an_owner_whose_address_is_the_mailbox_itself_gets_one_too(desk: Desk) -> None:
    send_test_mail(dataclasses.replace(desk.owner, email=desk.address))
    receive_waiting()
    assert len(tickets(desk.owner)) == 1


def test_without_a_mailbox_it_says_so(desk: Desk) -> None:
    with db.transaction(desk.mine.organization_id) as session:
        session.execute(delete(Mailbox).where(col(Mailbox.organization_id) == desk.mine.organization_id))
    with pytest.raises(Invalid):
        send_test_mail(desk.owner)


def test_a_viewer_sends_none(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        send_test_mail(Actor(desk.mine.organization_id, desk.owner.account_id, Role.VIEWER))
